// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/baseline.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "policy/names.h"

/* So many packets received and none counted: nothing passes the guard. */
#define SILENT_PACKETS 100
/* WireGuard counts its keep-alives, which no program sees, as packets of 32 bytes. */
#define KEEP_ALIVE_BYTES 32

const char *baseline_change_name(enum baseline_change change)
{
	static const char *const names[CHANGE_COUNT] = {
		[CHANGE_CHANNELS] = "channels", [CHANGE_SILENT] = "silent",
		[CHANGE_PORTS] = "ports",	[CHANGE_PROGRAM] = "program",
		[CHANGE_KIND] = "kind",		[CHANGE_NAMESPACE] = "namespace",
		[CHANGE_MASTER] = "master",	[CHANGE_FEATURES] = "features",
		[CHANGE_MTU] = "mtu",		[CHANGE_ADDRESS] = "address",
	};

	return names[change];
}

static void __attribute__((format(printf, 4, 5)))
note(struct baseline_changes *changes, enum baseline_change change, bool opens, const char *format,
     ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(changes->what[change], sizeof(changes->what[change]), format, arguments);
	va_end(arguments);
	changes->opens[change] = opens;
}

static void compare_channels(const struct baseline *then, const struct baseline *now,
			     struct baseline_changes *changes)
{
	if (then->channels == now->channels)
		return;
	note(changes, CHANGE_CHANNELS, now->native && now->channels > then->channels,
	     "%u receive channels, %u when it was guarded", now->channels, then->channels);
}

static void compare_counters(const struct baseline *then, const struct baseline *now,
			     struct baseline_changes *changes)
{
	uint64_t packets, bytes;

	/* A driver that counts anew, after a reset. */
	if (now->received_packets < then->received_packets ||
	    now->received_bytes < then->received_bytes)
		return;
	packets = now->received_packets - then->received_packets;
	bytes = now->received_bytes - then->received_bytes;
	if (!strcmp(now->kind, "wireguard") && bytes <= packets * KEEP_ALIVE_BYTES)
		return;
	if (now->counted_packets == then->counted_packets && packets >= SILENT_PACKETS)
		note(changes, CHANGE_SILENT, true,
		     "%" PRIu64 " packets received since it was guarded, and the guard saw none",
		     packets);
}

static bool was_there(const struct baseline *then, int index)
{
	for (size_t i = 0; i < then->port_count; i++) {
		if (then->ports[i].index == index)
			return true;
	}
	return false;
}

/* A new way into the same bridge or bond, unless that way or the whole has a program too. */
static void compare_ports(const struct baseline *then, const struct baseline *now,
			  struct baseline_changes *changes)
{
	if (then->master != now->master || now->master_runs_program)
		return;
	for (size_t i = 0; i < now->port_count; i++) {
		const struct baseline_port *port = &now->ports[i];

		if (port->runs_program || was_there(then, port->index))
			continue;
		note(changes, CHANGE_PORTS, true, "%s is a new port beside it, without a guard",
		     port->name);
		return;
	}
}

static void compare_identity(const struct baseline *then, const struct baseline *now,
			     struct baseline_changes *changes)
{
	if (now->other_program)
		note(changes, CHANGE_PROGRAM, true, "it runs program %u, which is not the guard's",
		     now->other_program);
	if (strcmp(then->kind, now->kind) != 0 || then->link_layer != now->link_layer)
		note(changes, CHANGE_KIND, then->link_layer != now->link_layer,
		     "its frames begin with %s now, with %s when it was guarded",
		     link_layer_name(now->link_layer), link_layer_name(then->link_layer));
	if (then->network_namespace != now->network_namespace)
		note(changes, CHANGE_NAMESPACE, false,
		     "it is in another network namespace than when it was guarded");
}

static void compare_settings(const struct baseline *then, const struct baseline *now,
			     struct baseline_changes *changes)
{
	if (then->master != now->master)
		note(changes, CHANGE_MASTER, false, "%s",
		     !now->master    ? "it left its bridge or bond"
		     : !then->master ? "it became a port of a bridge or bond"
				     : "it is a port of another bridge or bond");
	if (then->merges != now->merges)
		note(changes, CHANGE_FEATURES, false, "its driver %s packets now",
		     now->merges ? "merges" : "no longer merges");
	if (then->mtu != now->mtu)
		note(changes, CHANGE_MTU, false, "an MTU of %d, %d when it was guarded", now->mtu,
		     then->mtu);
	if (then->address_length != now->address_length ||
	    memcmp(then->address, now->address, now->address_length) != 0)
		note(changes, CHANGE_ADDRESS, false,
		     "another hardware address than when it was guarded");
}

void baseline_compare(const struct baseline *then, const struct baseline *now,
		      struct baseline_changes *changes)
{
	*changes = (struct baseline_changes){};
	/* What was kept of another device that had the name. */
	if (then->index != now->index && then->network_namespace == now->network_namespace)
		return;
	changes->known = true;
	compare_channels(then, now, changes);
	compare_counters(then, now, changes);
	compare_ports(then, now, changes);
	compare_identity(then, now, changes);
	compare_settings(then, now, changes);
}

bool baseline_changed(const struct baseline_changes *changes)
{
	for (int change = 0; change < CHANGE_COUNT; change++) {
		if (changes->what[change][0])
			return true;
	}
	return false;
}

void baseline_write(FILE *stream, const struct baseline *baseline)
{
	fprintf(stream, "device %d %" PRIu64 "\n", baseline->index, baseline->network_namespace);
	fprintf(stream, "kind %s %d\n", *baseline->kind ? baseline->kind : "-",
		baseline->link_layer);
	fprintf(stream, "settings %d %d %u %d %d\n", baseline->mtu, baseline->master,
		baseline->channels, baseline->native, baseline->merges);
	fputs("address ", stream);
	for (size_t i = 0; i < baseline->address_length; i++)
		fprintf(stream, "%02x", baseline->address[i]);
	fputs("\nports", stream);
	for (size_t i = 0; i < baseline->port_count; i++)
		fprintf(stream, " %d", baseline->ports[i].index);
	fprintf(stream, "\npackets %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
		baseline->received_packets, baseline->received_bytes, baseline->counted_packets);
}

/* Returns what follows, or NULL. */
static const char *parse_address(const char *text, struct baseline *baseline)
{
	unsigned int byte;
	int length = 0;

	if (sscanf(text, "address %n", &length), !length)
		return NULL;
	for (text += length; sscanf(text, "%2x%n", &byte, &length) == 1; text += length) {
		if (baseline->address_length == sizeof(baseline->address))
			return NULL;
		baseline->address[baseline->address_length++] = (uint8_t)byte;
		if (text[length] == '\n')
			return text + length + 1;
	}
	return *text == '\n' ? text + 1 : NULL;
}

static const char *parse_ports(const char *text, struct baseline *baseline)
{
	int length = 0, index;

	if (sscanf(text, "ports%n", &length), !length)
		return NULL;
	for (text += length; *text == ' '; text += length) {
		if (sscanf(text, " %d%n", &index, &length) != 1 ||
		    baseline->port_count == BASELINE_PORTS_MAX)
			return NULL;
		baseline->ports[baseline->port_count++].index = index;
	}
	return *text == '\n' ? text + 1 : NULL;
}

bool baseline_parse(const char *text, struct baseline *baseline)
{
	struct baseline read = {};
	int length = 0, link_layer, native, merges;

	_Static_assert(DEVICE_KIND_SIZE == 16, "the width below");
	/* What is cut in its last number would be another number. */
	if (!*text || text[strlen(text) - 1] != '\n')
		return false;
	if (sscanf(text, "device %d %" SCNu64 "\nkind %15s %d\nsettings %d %d %u %d %d\n%n",
		   &read.index, &read.network_namespace, read.kind, &link_layer, &read.mtu,
		   &read.master, &read.channels, &native, &merges, &length) != 9 ||
	    !length || link_layer < 0 || link_layer > SG_LINK_EITHER)
		return false;
	if (!strcmp(read.kind, "-"))
		read.kind[0] = '\0';
	read.link_layer = (enum sg_link_layer)link_layer;
	read.native = native;
	read.merges = merges;
	text = parse_address(text + length, &read);
	text = text ? parse_ports(text, &read) : NULL;
	length = 0;
	if (!text ||
	    sscanf(text, "packets %" SCNu64 " %" SCNu64 " %" SCNu64 "\n%n", &read.received_packets,
		   &read.received_bytes, &read.counted_packets, &length) != 3 ||
	    !length || text[length])
		return false;
	*baseline = read;
	return true;
}
