/* SPDX-License-Identifier: GPL-2.0-only OR GPL-2.0-or-later */
/*
 * The filter in front of the allowlist: it answers "certainly no entry matches" without a walk
 * through the trie, so that a stranger's packet costs the same however long the list is.
 *
 * The trie stays the authority. The filter may say "perhaps" for no reason, and that costs time; it
 * must never say "certainly not" where an entry matches, because that would drop a trusted caller.
 * Hence the invariant that user space keeps: **the bits of an entry are set before the entry is put
 * into the trie, and no bit of a generation is ever cleared while a packet can still meet it.**
 * What is deleted or expires leaves its bits behind; the next generation is made without them.
 *
 * How: an entry of length L is kept as its first N bits, N being the longest of a few lengths that
 * is not longer than L. For each of these lengths there is a blocked Bloom filter (Putze, Sanders,
 * Singler: Cache-, Hash- and Space-Efficient Bloom Filters, 2007): the hash of the first N bits
 * picks one line of 64 bytes and four bits in it. Prefixes shorter than the shortest of the lengths
 * are written out as all the keys they cover, or, where these would be too many, stand in a bitmap
 * of the first 16 bits of the address. A source that is found at no length matches no entry.
 *
 * The hash is seeded for each generation, so that nobody can pick sources that pass it.
 */
#ifndef SIPGUARD_FILTER_H
#define SIPGUARD_FILTER_H

#include <linux/types.h>

/* A cache line. */
struct sg_filter_line {
	__u64 words[8];
};
_Static_assert(sizeof(struct sg_filter_line) == 64, "struct sg_filter_line is ABI");

/*
 * policy/filter: ARRAY of one that can be mapped into memory, half of it for each slot. Of a fixed
 * size, because the program's reads are then plain loads without a call; what a short list does not
 * use costs no cache.
 */
#define SG_FILTER_SLOT_LINES (1U << 16)

struct sg_filter_lines {
	struct sg_filter_line lines[2 * SG_FILTER_SLOT_LINES];
};
_Static_assert(sizeof(struct sg_filter_lines) == 8U << 20, "struct sg_filter_lines is ABI");

/* The lengths that keys are cut to. IPv6 has no longer one: a network of /64 is one site. */
enum sg_filter_table {
	SG_FILTER_IPV4_24,
	SG_FILTER_IPV4_32,
	SG_FILTER_IPV6_32,
	SG_FILTER_IPV6_48,
	SG_FILTER_IPV6_64,
	SG_FILTER_TABLE_COUNT,
};

/*
 * Lines of policy/filter: `count` of them, from `first` on; at least one. With up to
 * SG_FILTER_LINE_KEYS keys a line, one stranger in some 300 is let through to the trie.
 */
#define SG_FILTER_LINE_KEYS 32

struct sg_filter_span {
	__u32 first;
	__u32 count;
};

struct sg_filter {
	__u64 seed;
	struct sg_filter_span tables[SG_FILTER_TABLE_COUNT];
	/* First lines of the bitmaps of the first 16 bits. */
	__u32 bitmap4;
	__u32 bitmap6;
};
_Static_assert(sizeof(struct sg_filter) == 56, "struct sg_filter is ABI");

#define SG_FILTER_BITMAP_LINES (65536U / 512)

/* The finalizer of MurmurHash3 (Appleby), which lets every bit of the key reach every bit. */
static inline __u64 sg_filter_hash(__u64 key, __u64 seed)
{
	key ^= seed;
	key ^= key >> 33;
	key *= 0xff51afd7ed558ccdULL;
	key ^= key >> 33;
	key *= 0xc4ceb9fe1a85ec53ULL;
	key ^= key >> 33;
	return key;
}

/* The line of a key, by the upper half of its hash. */
static inline __u32 sg_filter_line_of(const struct sg_filter_span *table, __u64 hash)
{
	return table->first + (__u32)((hash >> 32) * table->count >> 32);
}

/* The four bits of a key are in a quarter of the line each, by seven bits of its hash each. */
#define SG_FILTER_BITS 4

static inline __u32 sg_filter_word_of(__u32 bit, __u64 hash)
{
	return 2 * bit + (hash >> (7 * bit + 6) & 1);
}

static inline __u64 sg_filter_bit_of(__u32 bit, __u64 hash)
{
	return hash >> (7 * bit) & 63;
}

#endif
