/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What group.c and frames.c share: the packet before it is cut into frames, and how bytes are
 * drawn.
 */
#ifndef SIPGUARD_TESTS_STACK_PACKET_H
#define SIPGUARD_TESTS_STACK_PACKET_H

#include <string.h>

#include "random.h"
#include "stack/group.h"

#define PART_SIZE_MAX 1400

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

static inline void note(struct packet *packet, enum feature feature)
{
	packet->group->features |= 1ULL << feature;
}

/* True once in `times`. */
static inline bool chance(struct packet *packet, unsigned int times)
{
	return random_below(&packet->random, times) == 0;
}

static inline void put16(uint8_t *at, unsigned int value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline uint8_t *extend(struct part *part, size_t size)
{
	uint8_t *at = part->bytes + part->size;

	memset(at, 0, size);
	part->size += size;
	return at;
}

static inline uint32_t sum(const uint8_t *bytes, size_t size, uint32_t start)
{
	for (size_t i = 0; i < size; i++)
		start += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return start;
}

static inline uint16_t fold(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)~total;
}

/* Cuts the packet into pieces, or not, and draws the frames of the group. */
void packet_draw_frames(struct packet *packet);

#endif
