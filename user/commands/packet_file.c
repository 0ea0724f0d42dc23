// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/packet_file.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/pcapng.h"
#include "kernel/clock.h"
#include "kernel/guard.h"
#include "policy/names.h"
#include "text/device_text.h"

struct packet_interface {
	char name[IF_NAMESIZE];
	uint8_t link_layer; /* enum sg_link_layer */
	/* What its guard had counted in the beginning; PCAPNG_UNKNOWN when nobody knows. */
	uint64_t received;
	uint64_t lost;
	/* Since then. */
	uint64_t accepted;
	uint64_t delivered;
};

static int64_t unix_time(void)
{
	return clock_boot() + clock_unix_ahead_of_boot();
}

/* What the guard of the device has counted. Without one, the two stay as they are. */
static void read_counters(const struct guards *guards, const char *device, uint64_t *received,
			  uint64_t *lost)
{
	const struct guard *guard = guards_find(guards, device);
	struct sg_counter counters[SG_COUNTER_COUNT];
	struct error ignored;

	if (!guard || device_maps_counters(&guard->maps, counters, &ignored) ||
	    device_maps_samples_lost(&guard->maps, lost, &ignored))
		return;
	*received = 0;
	for (uint32_t index = 0; index < SG_COUNTER_COUNT; index++)
		*received += counters[index].packets;
}

static int add_interface(struct packet_file *file, const struct guards *guards, const char *name,
			 uint8_t link_layer, struct error *error)
{
	struct packet_interface *added;
	uint8_t *block;
	int result = block_file_room(&file->file, PCAPNG_BLOCK_MAX, &block, error);

	if (result)
		return result;
	added = realloc(file->interfaces, (file->interface_count + 1) * sizeof(*added));
	if (!added)
		return error_system(error, ENOMEM, "cannot capture");
	file->interfaces = added;
	added += file->interface_count++;
	*added = (struct packet_interface){
		.link_layer = link_layer,
		.received = PCAPNG_UNKNOWN,
		.lost = PCAPNG_UNKNOWN,
	};
	snprintf(added->name, sizeof(added->name), "%s", name);
	read_counters(guards, name, &added->received, &added->lost);
	block_file_add(&file->file, pcapng_interface(block, device_text(name).text, link_layer,
						     SG_SAMPLE_BYTES_MAX));
	return 0;
}

static int add_section(struct packet_file *file, struct error *error)
{
	uint8_t *block;
	int result = block_file_room(&file->file, PCAPNG_BLOCK_MAX, &block, error);

	if (!result)
		block_file_add(&file->file, pcapng_section(block, "sipguard"));
	return result;
}

static bool is_wanted(const struct sample_request *request, const char *name)
{
	for (size_t i = 0; i < request->device_count; i++) {
		if (!strcmp(request->devices[i], name))
			return true;
	}
	return !request->device_count;
}

int packet_file_open(struct packet_file *file, const char *name,
		     const struct sample_request *request, struct error *error)
{
	__attribute__((cleanup(packet_file_close))) struct packet_file opened = PACKET_FILE_CLOSED;
	__attribute__((cleanup(guards_close))) struct guards guards = {};
	int result = guards_open(&guards, error);

	result = result ?: block_file_open(&opened.file, name, error);
	result = result ?: add_section(&opened, error);
	for (size_t i = 0; !result && i < guards.count; i++) {
		const struct guard *guard = &guards.guards[i];

		if (guard->state == GUARD_ATTACHED && is_wanted(request, guard->present))
			result = add_interface(&opened, &guards, guard->present, guard->link_layer,
					       error);
	}
	result = result ?: block_file_flush(&opened.file, error);
	if (result)
		return result;
	opened.began = unix_time();
	*file = opened;
	opened = PACKET_FILE_CLOSED;
	return 0;
}

/* One that came later is added, and counts from now on. */
static int find_interface(struct packet_file *file, const struct sample *sample,
			  uint32_t *interface, struct error *error)
{
	__attribute__((cleanup(guards_close))) struct guards guards = {};
	struct error ignored;

	for (*interface = 0; *interface < file->interface_count; ++*interface) {
		const struct packet_interface *known = &file->interfaces[*interface];

		if (known->link_layer == sample->link_layer && !strcmp(known->name, sample->device))
			return 0;
	}
	guards_open(&guards, &ignored);
	return add_interface(file, &guards, sample->device, sample->link_layer, error);
}

static void describe(const struct sample *sample, char comment[static PCAPNG_TEXT_MAX])
{
	int length = snprintf(comment, PCAPNG_TEXT_MAX, "%s %s on %s",
			      verdict_name(sample->verdict), reason_name(sample->reason),
			      device_text(sample->device).text);

	if (sample->packets > 1)
		snprintf(comment + length, PCAPNG_TEXT_MAX - (size_t)length, ", one of %u",
			 sample->packets);
}

int packet_file_add(struct packet_file *file, const struct sample *sample, struct error *error)
{
	char comment[PCAPNG_TEXT_MAX];
	struct pcapng_packet packet = {
		.time = sample->time,
		.length = sample->length,
		.captured = sample->captured,
		.frame = sample->frame,
		.comment = comment,
		.action = sample->verdict == SG_VERDICT_DROP ? XDP_DROP : XDP_PASS,
	};
	uint8_t *block;
	int result = find_interface(file, sample, &packet.interface, error);

	result = result
			 ?: block_file_room(&file->file, PCAPNG_BLOCK_MAX + sample->captured,
					    &block, error);
	if (result)
		return result;
	describe(sample, comment);
	block_file_add(&file->file, pcapng_packet(block, &packet));
	file->interfaces[packet.interface].accepted += sample->packets;
	file->interfaces[packet.interface].delivered++;
	return 0;
}

int packet_file_flush(struct packet_file *file, struct error *error)
{
	return block_file_flush(&file->file, error);
}

static uint64_t since(uint64_t then, uint64_t now)
{
	return then == PCAPNG_UNKNOWN || now < then ? PCAPNG_UNKNOWN : now - then;
}

int packet_file_finish(struct packet_file *file, struct error *error)
{
	__attribute__((cleanup(guards_close))) struct guards guards = {};
	struct error ignored;
	int result = 0;

	guards_open(&guards, &ignored);
	for (uint32_t i = 0; !result && i < file->interface_count; i++) {
		const struct packet_interface *interface = &file->interfaces[i];
		uint64_t received = PCAPNG_UNKNOWN, lost = PCAPNG_UNKNOWN;
		uint8_t *block;

		result = block_file_room(&file->file, PCAPNG_BLOCK_MAX, &block, error);
		if (result)
			break;
		read_counters(&guards, interface->name, &received, &lost);
		block_file_add(
			&file->file,
			pcapng_statistics(block,
					  &(struct pcapng_statistics){
						  .interface = i,
						  .begin = file->began,
						  .end = unix_time(),
						  .received = since(interface->received, received),
						  .accepted = interface->accepted,
						  .lost = since(interface->lost, lost),
						  .delivered = interface->delivered,
					  }));
	}
	return result ?: block_file_flush(&file->file, error);
}

void packet_file_close(struct packet_file *file)
{
	block_file_close(&file->file);
	free(file->interfaces);
	*file = PACKET_FILE_CLOSED;
}
