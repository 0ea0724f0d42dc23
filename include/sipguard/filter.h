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
 * picks one block of 32 bytes and a bit in each of its four words. Prefixes shorter than the
 * shortest of the lengths are written out as all the keys they cover, or, where these would be too
 * many, stand in a bitmap of the first 16 bits of the address. A source that is found at no length
 * matches no entry.
 *
 * The hash is seeded for each generation, so that nobody can pick sources that pass it.
 */
#ifndef SIPGUARD_FILTER_H
#define SIPGUARD_FILTER_H

#include <linux/types.h>

/* Half a cache line. */
struct sg_filter_block {
	__u64 words[4];
};
_Static_assert(sizeof(struct sg_filter_block) == 32, "struct sg_filter_block is ABI");

/*
 * policy/filter: ARRAY of one that can be mapped into memory, half of it for each slot. Of a fixed
 * size, because the program's reads are then plain loads without a call; what a short list does not
 * use costs no cache.
 */
#define SG_FILTER_SLOT_BLOCKS (1U << 17)

struct sg_filter_blocks {
	struct sg_filter_block blocks[2 * SG_FILTER_SLOT_BLOCKS];
};
_Static_assert(sizeof(struct sg_filter_blocks) == 8U << 20, "struct sg_filter_blocks is ABI");

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
 * Blocks of policy/filter: `count` of them, from `first` on; at least one. With up to
 * SG_FILTER_BLOCK_KEYS keys a block, one stranger in some 300 is let through to the trie.
 */
#define SG_FILTER_BLOCK_KEYS 16
struct sg_filter_span {
	__u32 first;
	__u32 count;
};

struct sg_filter {
	__u64 seed;
	struct sg_filter_span tables[SG_FILTER_TABLE_COUNT];
	/* First blocks of the bitmaps of the first 16 bits. */
	__u32 bitmap4;
	__u32 bitmap6;
};
_Static_assert(sizeof(struct sg_filter) == 56, "struct sg_filter is ABI");

#define SG_FILTER_BLOCK_BITS	256U
#define SG_FILTER_BITMAP_BLOCKS (65536U / SG_FILTER_BLOCK_BITS)

/* Multiplications carry every bit of the key into the upper bits, which are those that are used. */
static inline __u64 sg_filter_hash(__u64 key, __u64 seed)
{
	key = (key ^ seed) * 0x9e3779b97f4a7c15ULL;
	return (key ^ key >> 32) * 0xd6e8feb86659fd93ULL;
}

/* The block of a key, by the upper half of its hash. */
static inline __u32 sg_filter_block_of(const struct sg_filter_span *table, __u64 hash)
{
	return table->first + (__u32)((hash >> 32) * table->count >> 32);
}

/* Which bit of a word, by six bits of the lower half. */
static inline __u64 sg_filter_bit_of(__u32 word, __u64 hash)
{
	return hash >> (8 + 6 * word) & 63;
}

#endif
