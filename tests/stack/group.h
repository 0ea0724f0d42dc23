/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A group: the frames of one random packet, whole or in fragments, in one of the shapes that
 * parsers trip over.
 *
 * A group is made from a seed and its number alone, so any of them can be made again. It remembers
 * which features it has, because a feature that never reaches a socket unfiltered proves nothing.
 */
#ifndef SIPGUARD_TESTS_STACK_GROUP_H
#define SIPGUARD_TESTS_STACK_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GROUP_FRAMES_MAX 12
#define FRAME_SIZE_MAX	 2048

/*	X(ENUMERATOR, name, whether the kernel delivers such packets here) */
#define FEATURES(X) \
	X(IPV4, "IPv4", true) \
	X(IPV6, "IPv6", true) \
	X(UDP, "UDP", true) \
	X(UDPLITE, "UDP-Lite", true) \
	X(TCP, "TCP", true) \
	X(SCTP, "SCTP", true) \
	X(GUARDED, "guarded port", true) \
	X(CONTROL, "control port", true) \
	X(STRANGER, "from a stranger", true) \
	X(TRUSTED, "from a trusted source", true) \
	X(DENIED, "from a denied source", true) \
	X(EMBEDDED, "IPv6 source that spells a trusted IPv4 one", true) \
	X(TAG, "one tag", true) \
	X(TAGS, "several tags", true) \
	X(PROVIDER_TAG, "802.1ad tag", true) \
	X(OPTIONS, "IP options", true) \
	X(HOP_BY_HOP, "hop-by-hop options", true) \
	X(ROUTING, "routing header", true) \
	X(DESTINATION, "destination options", true) \
	X(LONG_HEADER, "extension header of over 255 bytes", true) \
	X(AUTHENTICATION, "authentication header", false) \
	X(MANY_HEADERS, "over 16 extension headers", true) \
	X(ATOMIC, "atomic fragment", true) \
	X(FRAGMENTS4, "IPv4 fragments", true) \
	X(FRAGMENTS6, "IPv6 fragments", true) \
	X(TINY, "first fragment of 8 bytes", true) \
	X(SPLIT_CHAIN, "header chain across fragments", true) \
	X(REORDERED, "fragments out of order", true) \
	X(OVERLAP, "overlapping or repeated fragments", true) \
	X(PADDING, "padding that looks like ports", true) \
	X(NO_LENGTH, "IPv6 payload length 0", true) \
	X(ODD_LENGTH, "payload of an odd length", true) \
	X(DAMAGED, "random damage", true)

enum feature {
#define ENUMERATOR(enumerator, name, delivered) FEATURE_##enumerator,
	FEATURES(ENUMERATOR)
#undef ENUMERATOR
		FEATURE_COUNT,
};

struct frame {
	uint8_t bytes[FRAME_SIZE_MAX];
	size_t size;
};

struct group {
	uint64_t number;
	uint64_t features; /* a bit for each */
	size_t count;
	struct frame frames[GROUP_FRAMES_MAX];
};

void group_make(struct group *group, uint64_t seed, uint64_t number);

static inline bool group_has(const struct group *group, enum feature feature)
{
	return group->features >> feature & 1;
}

#endif
