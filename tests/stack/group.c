// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/group.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "random.h"
#include "stack/world.h"

#define PART_SIZE_MAX 1400
#define PIECES_MAX    6

/* Bytes that are put together from the front. */
struct part {
	uint8_t bytes[PART_SIZE_MAX];
	size_t size;
};

/* The packet before it is cut into frames. */
struct packet {
	struct random random;
	struct group *group;
	bool ipv6;
	uint8_t protocol;
	uint8_t source[16];
	uint8_t destination[16];
	struct part chain;   /* IPv6 headers that stand in every fragment */
	uint8_t chain_first; /* type of its first header */
	/* where in the chain the type of what follows stands; SIZE_MAX: in IP */
	size_t chain_last_type;
	struct part body;   /* what may be fragmented */
	uint8_t body_first; /* type of its first header */
	size_t transport;   /* offset of the transport header in the body */
};

static void note(struct packet *packet, enum feature feature)
{
	packet->group->features |= 1ULL << feature;
}

/* True once in `times`. */
static bool chance(struct packet *packet, unsigned int times)
{
	return random_below(&packet->random, times) == 0;
}

static void put16(uint8_t *at, unsigned int value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint8_t *extend(struct part *part, size_t size)
{
	uint8_t *at = part->bytes + part->size;

	memset(at, 0, size);
	part->size += size;
	return at;
}

static uint32_t sum(const uint8_t *bytes, size_t size, uint32_t start)
{
	for (size_t i = 0; i < size; i++)
		start += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return start;
}

static uint16_t fold(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)~total;
}

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

/* A run of the body that becomes one fragment. */
struct piece {
	size_t offset;
	size_t size;
	bool more;
	bool fragment;
	bool other_port; /* with the ports of the two kinds exchanged */
};

static size_t cut_body(struct packet *packet, struct piece *pieces)
{
	size_t offset = 0, count = 0;

	while (offset < packet->body.size) {
		size_t left = packet->body.size - offset;
		size_t size = 8 + 8 * random_below(&packet->random, 6);

		if (count == 0 && chance(packet, 2))
			size = 8;
		if (size >= left || count == PIECES_MAX - 1)
			size = left;
		pieces[count++] = (struct piece){offset, size, size < left, true, false};
		offset += size;
	}
	if (pieces[0].size == 8 && count > 1)
		note(packet, FEATURE_TINY);
	if (pieces[0].size < packet->transport + 4 && count > 1)
		note(packet, FEATURE_SPLIT_CHAIN);
	return count;
}

static void shuffle(struct packet *packet, struct piece *pieces, size_t count)
{
	note(packet, FEATURE_REORDERED);
	for (size_t i = count - 1; i > 0; i--) {
		size_t other = random_below(&packet->random, (unsigned int)i + 1);
		struct piece kept = pieces[i];

		pieces[i] = pieces[other];
		pieces[other] = kept;
	}
}

/* Repeats a piece, as it is, for another port, or moved by eight bytes. */
static size_t overlap(struct packet *packet, struct piece *pieces, size_t count)
{
	struct piece again = pieces[random_below(&packet->random, (unsigned int)count)];
	size_t at = random_below(&packet->random, (unsigned int)count + 1);

	note(packet, FEATURE_OVERLAP);
	again.other_port = chance(packet, 2);
	if (chance(packet, 3) && again.offset >= 8)
		again.offset -= 8;
	memmove(&pieces[at + 1], &pieces[at], (count - at) * sizeof(*pieces));
	pieces[at] = again;
	return count + 1;
}

static size_t choose_pieces(struct packet *packet, struct piece *pieces)
{
	size_t count;

	pieces[0] = (struct piece){.size = packet->body.size};
	if (packet->ipv6 && chance(packet, 6)) {
		note(packet, FEATURE_ATOMIC);
		pieces[0].fragment = true;
		return 1;
	}
	if (!chance(packet, 3))
		return 1;
	note(packet, packet->ipv6 ? FEATURE_FRAGMENTS6 : FEATURE_FRAGMENTS4);
	count = cut_body(packet, pieces);
	if (chance(packet, 3))
		shuffle(packet, pieces, count);
	if (chance(packet, 4))
		count = overlap(packet, pieces, count);
	return count;
}

static void append(struct frame *frame, const void *bytes, size_t size)
{
	memcpy(frame->bytes + frame->size, bytes, size);
	frame->size += size;
}

static void append16(struct frame *frame, unsigned int value)
{
	uint8_t bytes[2];

	put16(bytes, value);
	append(frame, bytes, sizeof(bytes));
}

static void draw_link(struct packet *packet, struct frame *frame, unsigned int tags)
{
	static const uint8_t sender[6] = {0x02, 0, 0, 0, 0, 0x01};

	append(frame, world_address, 6);
	append(frame, sender, 6);
	for (; tags; tags--) {
		bool provider = chance(packet, 3);

		if (provider)
			note(packet, FEATURE_PROVIDER_TAG);
		append16(frame, provider ? 0x88a8 : 0x8100);
		append16(frame, random_below(&packet->random, 8) << 13);
	}
	append16(frame, packet->ipv6 ? 0x86dd : 0x0800);
}

static void draw_ipv4(struct packet *packet, struct frame *frame, const struct piece *piece,
		      size_t option_words)
{
	uint8_t *header = frame->bytes + frame->size;
	size_t size = 20 + 4 * option_words;

	memset(header, 0, 20);
	memset(header + 20, 1, size - 20); /* no-operation options */
	header[0] = (uint8_t)(0x40 | size / 4);
	put16(header + 2, (unsigned int)(size + piece->size));
	put16(header + 4, (unsigned int)packet->group->number);
	put16(header + 6, (unsigned int)piece->offset / 8 | (piece->more ? 0x2000U : 0));
	header[8] = 64;
	header[9] = packet->protocol;
	memcpy(header + 12, packet->source, 4);
	memcpy(header + 16, packet->destination, 4);
	put16(header + 10, fold(sum(header, size, 0)));
	frame->size += size;
}

static void draw_ipv6(struct packet *packet, struct frame *frame, const struct piece *piece,
		      bool no_length)
{
	uint8_t header[40] = {0x60, [7] = 64}, fragment[8] = {packet->body_first};
	size_t payload = packet->chain.size + (piece->fragment ? 8 : 0) + piece->size;
	size_t chain = frame->size + sizeof(header);
	bool chained = packet->chain_last_type != SIZE_MAX;

	put16(header + 4, no_length ? 0 : (unsigned int)payload);
	header[6] = !chained && piece->fragment ? IPPROTO_FRAGMENT : packet->chain_first;
	memcpy(header + 8, packet->source, 16);
	memcpy(header + 24, packet->destination, 16);
	append(frame, header, sizeof(header));
	append(frame, packet->chain.bytes, packet->chain.size);
	if (!piece->fragment)
		return;
	if (chained)
		frame->bytes[chain + packet->chain_last_type] = IPPROTO_FRAGMENT;
	put16(fragment + 2, (unsigned int)piece->offset | piece->more);
	put16(fragment + 4, (unsigned int)(packet->group->number >> 16));
	put16(fragment + 6, (unsigned int)packet->group->number);
	append(frame, fragment, sizeof(fragment));
}

static void draw_body(struct packet *packet, struct frame *frame, const struct piece *piece)
{
	size_t port = packet->transport + 2;

	append(frame, packet->body.bytes + piece->offset, piece->size);
	if (piece->other_port && port >= piece->offset && port + 2 <= piece->offset + piece->size)
		frame->bytes[frame->size - piece->size + port - piece->offset + 1] ^=
			(uint8_t)(GUARDED_PORT ^ CONTROL_PORT);
}

static void draw_padding(struct packet *packet, struct frame *frame)
{
	note(packet, FEATURE_PADDING);
	for (unsigned int words = 1 + random_below(&packet->random, 8); words; words--) {
		append16(frame, chance(packet, 2) ? CONTROL_PORT : GUARDED_PORT);
		append16(frame, chance(packet, 2) ? CONTROL_PORT : GUARDED_PORT);
	}
}

/* A place in the network headers, but not in the addresses: who sent it is to stay known. */
static size_t damaged_byte(struct packet *packet)
{
	size_t address = packet->ipv6 ? 8 : 12, addresses = packet->ipv6 ? 32 : 8;
	size_t at = random_below(&packet->random, packet->ipv6 ? 24 : 20);

	return at < address ? at : at + addresses;
}

/* Changes a bit or two, and makes the IPv4 header's checksum right again. */
static void damage(struct packet *packet, struct frame *frame, size_t ip)
{
	note(packet, FEATURE_DAMAGED);
	for (unsigned int flips = 1 + random_below(&packet->random, 2); flips; flips--) {
		size_t at = ip + damaged_byte(packet);

		if (at < frame->size)
			frame->bytes[at] ^= (uint8_t)(1U << random_below(&packet->random, 8));
	}
	if (!packet->ipv6) {
		uint8_t *header = frame->bytes + ip;
		size_t size = (header[0] & 15U) * 4;

		put16(header + 10, 0);
		if (size >= 20 && ip + size <= frame->size)
			put16(header + 10, fold(sum(header, size, 0)));
	}
	if (chance(packet, 4) && frame->size > ip + 24)
		frame->size -= 1 + random_below(&packet->random, 8);
}

static void draw_frame(struct packet *packet, const struct piece *piece, unsigned int tags,
		       size_t option_words, bool no_length)
{
	struct frame *frame = &packet->group->frames[packet->group->count++];
	size_t ip;

	frame->size = 0;
	draw_link(packet, frame, tags);
	ip = frame->size;
	if (packet->ipv6)
		draw_ipv6(packet, frame, piece, no_length);
	else
		draw_ipv4(packet, frame, piece, option_words);
	draw_body(packet, frame, piece);
	/* Without a length the padding would be payload. */
	if (chance(packet, 4) && !no_length)
		draw_padding(packet, frame);
	if (chance(packet, 12))
		damage(packet, frame, ip);
}

static void draw_frames(struct packet *packet)
{
	struct piece pieces[PIECES_MAX + 1];
	size_t count = choose_pieces(packet, pieces), options = 0;
	unsigned int tags = chance(packet, 4) ? 1 + random_below(&packet->random, 9) : 0;
	bool no_length = packet->ipv6 && count == 1 && chance(packet, 6);

	if (tags)
		note(packet, tags == 1 ? FEATURE_TAG : FEATURE_TAGS);
	if (!packet->ipv6 && chance(packet, 3)) {
		options = 1 + random_below(&packet->random, 10);
		note(packet, FEATURE_OPTIONS);
	}
	if (no_length)
		note(packet, FEATURE_NO_LENGTH);
	for (size_t i = 0; i < count; i++)
		draw_frame(packet, &pieces[i], tags, options, no_length);
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
	draw_frames(&packet);
}
