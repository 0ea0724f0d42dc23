// SPDX-License-Identifier: GPL-2.0-or-later
/* The packet of a group: addresses, extension headers, transport header and payload. */
#include "stack/group.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "stack/packet.h"
#include "stack/world.h"

static void choose_source4(struct packet *packet, unsigned int kind)
{
	uint64_t number = packet->group->number;
	uint8_t *source = packet->source;

	/* The number is part of the address, so that fragments of two groups never meet. */
	source[0] = kind == 0 ? 10 : 203;
	source[1] = kind == 0 ? (uint8_t)(number >> 24) : 0;
	source[2] = (uint8_t)(number >> 16);
	source[3] = (uint8_t)random_next(&packet->random);
	if (kind == 1)
		source[2] &= 0x7f;
	if (kind == 2)
		source[2] |= 0x80;
}

static void choose_source6(struct packet *packet, unsigned int kind)
{
	static const char *const prefixes[] = {
		"2001:db8:bad::", "2001:db8:1::", "2001:db8:1:8000::", "::ffff:203.0.1.0",
		"::203.0.1.0"};

	inet_pton(AF_INET6, prefixes[kind], packet->source);
	packet->source[15] = (uint8_t)(1 + random_below(&packet->random, 255));
}

static void choose_addresses(struct packet *packet)
{
	static const enum feature features[] = {FEATURE_STRANGER, FEATURE_TRUSTED, FEATURE_DENIED,
						FEATURE_EMBEDDED, FEATURE_EMBEDDED};
	unsigned int kind = random_below(&packet->random, 10);

	/* Half of all groups are a stranger's. */
	kind = kind < 5 ? 0 : kind - 5;
	packet->ipv6 = random_below(&packet->random, 2) || kind > 2;
	note(packet, packet->ipv6 ? FEATURE_IPV6 : FEATURE_IPV4);
	note(packet, features[kind]);
	if (packet->ipv6) {
		choose_source6(packet, kind);
		inet_pton(AF_INET6, HOST_IPV6, packet->destination);
	} else {
		choose_source4(packet, kind);
		inet_pton(AF_INET, HOST_IPV4, packet->destination);
	}
}

/* One extension header of `size` bytes, filled with an option that the host skips. */
static void draw_extension(struct part *part, uint8_t type, size_t size, uint8_t next)
{
	uint8_t *header = extend(part, size);

	header[0] = next;
	header[1] = (uint8_t)(type == IPPROTO_AH ? size / 4 - 2 : size / 8 - 1);
	if (type != IPPROTO_HOPOPTS && type != IPPROTO_DSTOPTS)
		return;
	for (size_t at = 2; at < size;) {
		size_t length = size - at > 257 ? 257 : size - at;

		if (length < 2)
			break;
		header[at] = 0x1e;
		header[at + 1] = (uint8_t)(length - 2);
		at += length;
	}
}

static size_t extension_size(struct packet *packet, uint8_t type)
{
	size_t size = 8;

	if (type == IPPROTO_AH)
		return 12 + 4 * random_below(&packet->random, 4);
	if (chance(packet, 3))
		size += 8 * random_below(&packet->random, 4);
	if (chance(packet, 20) && packet->chain.size + packet->body.size < 300) {
		size = 256 + 8 * random_below(&packet->random, 8);
		note(packet, FEATURE_LONG_HEADER);
	}
	return size;
}

static void note_extension(struct packet *packet, uint8_t type)
{
	if (type == IPPROTO_HOPOPTS)
		note(packet, FEATURE_HOP_BY_HOP);
	else if (type == IPPROTO_ROUTING)
		note(packet, FEATURE_ROUTING);
	else if (type == IPPROTO_DSTOPTS)
		note(packet, FEATURE_DESTINATION);
	else
		note(packet, FEATURE_AUTHENTICATION);
}

/*
 * Appends these headers; returns the offset of the last one's type field, or SIZE_MAX when there
 * are none.
 */
static size_t draw_extensions(struct packet *packet, struct part *part, const uint8_t *types,
			      size_t count, uint8_t *first, uint8_t next)
{
	size_t last = SIZE_MAX;

	*first = count ? types[0] : next;
	for (size_t i = 0; i < count; i++) {
		last = part->size;
		note_extension(packet, types[i]);
		draw_extension(part, types[i], extension_size(packet, types[i]),
			       i + 1 < count ? types[i + 1] : next);
	}
	return last;
}

static uint8_t random_extension(struct packet *packet)
{
	if (chance(packet, 12))
		return IPPROTO_AH;
	return chance(packet, 3) ? IPPROTO_ROUTING : IPPROTO_DSTOPTS;
}

static void draw_chain(struct packet *packet)
{
	uint8_t types[8];
	size_t count = 0;

	if (chance(packet, 3))
		types[count++] = IPPROTO_HOPOPTS;
	for (unsigned int more = chance(packet, 2) ? random_below(&packet->random, 3) : 0; more;
	     more--)
		types[count++] = random_extension(packet);
	packet->chain_last_type = draw_extensions(packet, &packet->chain, types, count,
						  &packet->chain_first, packet->body_first);
}

static void draw_body_extensions(struct packet *packet)
{
	uint8_t types[24];
	size_t count = 0;

	if (chance(packet, 16)) {
		note(packet, FEATURE_MANY_HEADERS);
		for (count = 0; count < 17 + random_below(&packet->random, 4); count++)
			types[count] = IPPROTO_DSTOPTS;
	} else if (chance(packet, 3)) {
		for (unsigned int more = random_below(&packet->random, 3); more; more--)
			types[count++] = random_extension(packet);
	}
	draw_extensions(packet, &packet->body, types, count, &packet->body_first, packet->protocol);
}

static void draw_checksum(struct packet *packet, uint8_t *header, size_t size)
{
	size_t width = packet->ipv6 ? 16 : 4;
	uint32_t total = packet->protocol + (uint32_t)size;
	uint16_t checksum;

	total = sum(packet->source, width, total);
	total = sum(packet->destination, width, total);
	checksum = fold(sum(header, size, total));
	put16(header + 6, checksum ? checksum : 0xffff);
}

/* Random bytes, or what whoever reads ports in the wrong place takes for them. */
static void fill(struct packet *packet, uint8_t *payload, size_t size)
{
	unsigned int port = chance(packet, 2) ? CONTROL_PORT : GUARDED_PORT;
	bool ports = chance(packet, 2);

	for (size_t i = 0; i < size; i++)
		payload[i] = ports ? (uint8_t)(i % 2 ? port : port >> 8)
				   : (uint8_t)random_next(&packet->random);
}

static void draw_transport(struct packet *packet)
{
	static const struct {
		uint8_t number;
		enum feature feature;
		size_t header;
	} protocols[] = {
		{IPPROTO_UDP, FEATURE_UDP, 8},	       {IPPROTO_UDP, FEATURE_UDP, 8},
		{IPPROTO_UDPLITE, FEATURE_UDPLITE, 8}, {IPPROTO_TCP, FEATURE_TCP, 20},
		{IPPROTO_SCTP, FEATURE_SCTP, 12},
	};
	bool control = chance(packet, 4);
	unsigned int choice = random_below(&packet->random, 5);
	size_t payload = 8 + random_below(&packet->random, 64), size;
	uint8_t *header;

	packet->protocol = protocols[choice].number;
	note(packet, protocols[choice].feature);
	note(packet, control ? FEATURE_CONTROL : FEATURE_GUARDED);
	if (payload % 2)
		note(packet, FEATURE_ODD_LENGTH);
	packet->body_first = packet->protocol;
	if (packet->ipv6)
		draw_body_extensions(packet);

	packet->transport = packet->body.size;
	size = protocols[choice].header + payload;
	header = extend(&packet->body, size);
	fill(packet, header + protocols[choice].header, payload);
	put16(header, 40000);
	put16(header + 2, control ? CONTROL_PORT : GUARDED_PORT);
	if (packet->protocol == IPPROTO_TCP)
		put16(header + 12, 0x5002);
	if (packet->protocol == IPPROTO_UDP)
		put16(header + 4, (unsigned int)size);
	if (packet->protocol == IPPROTO_UDP || packet->protocol == IPPROTO_UDPLITE)
		draw_checksum(packet, header, size);
}

void group_make(struct group *group, uint64_t seed, uint64_t number)
{
	struct packet packet = {
		.random = {seed ^ number * 0x9e3779b97f4a7c15},
		.group = group,
		.chain_last_type = SIZE_MAX,
	};

	group->number = number;
	group->features = 0;
	group->count = 0;
	choose_addresses(&packet);
	draw_transport(&packet);
	packet.chain_first = packet.body_first;
	if (packet.ipv6)
		draw_chain(&packet);
	packet_draw_frames(&packet);
}
