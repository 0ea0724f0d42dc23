// SPDX-License-Identifier: GPL-2.0-or-later
/* From a packet to its frames: fragments, link layer, network header, padding and damage. */
#include <netinet/in.h>

#include "stack/packet.h"
#include "stack/world.h"

#define PIECES_MAX 6

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

void packet_draw_frames(struct packet *packet)
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
