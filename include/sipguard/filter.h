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
 * How: an entry of length L is kept as its first N bits, N being one of a few lengths. Each of
 * these lengths has a blocked Bloom filter with blocks of one word (Putze, Sanders, Singler:
 * Cache-, Hash- and Space-Efficient Bloom Filters, 2007): a hash of the first N bits picks a word
 * and four bits in it. An entry that is shorter than N is written out as all the keys it covers;
 * one that is far too short for that stands in a bitmap of the first 16 bits of the address. A
 * source that is found at no length matches no entry. Lengths that no entry needs are not asked
 * for.
 *
 * In IPv6 the longest of these lengths is /64, a subnet, and most strangers fail there. But a
 * stranger may sit in the subnet of an allowed host. So who is found at /64 is asked for once more,
 * in a table of whole addresses, subnet and interface identifier (RFC 4291, section 2.5.1): an
 * entry of a host stands there as itself, and any other, whose hosts are too many, as one
 * identifier that stands for all. Both keys of an entry are set before it is put into the trie.
 *
 * The hash is seeded for each generation, so that nobody can pick sources that pass it.
 */
#ifndef SIPGUARD_FILTER_H
#define SIPGUARD_FILTER_H

#include <linux/types.h>

enum sg_filter_table {
	SG_FILTER_IPV4_24,
	SG_FILTER_IPV4_32,
	SG_FILTER_IPV6_32,
	SG_FILTER_IPV6_48,
	SG_FILTER_IPV6_64,
	/* Whole addresses: in use when the one of /64 is, and with as many keys. */
	SG_FILTER_IPV6_128,
	SG_FILTER_TABLE_COUNT,
	/* Not tables, but asked for in the same way. */
	SG_FILTER_IPV4_BITMAP = SG_FILTER_TABLE_COUNT,
	SG_FILTER_IPV6_BITMAP,
};

/* Words of a table: `count` of them, at least one, from `first` on. */
struct sg_filter_span {
	__u32 first;
	__u32 count;
};

/* How the words of a slot are used: all that a packet needs to know, in one cache line. */
struct sg_filter_layout {
	__u64 seed;
	/* Bit N is set when something stands in table or bitmap N, before the trie has it. */
	__u32 in_use;
	__u32 padding;
	struct sg_filter_span tables[SG_FILTER_TABLE_COUNT];
};
_Static_assert(sizeof(struct sg_filter_layout) == 64, "struct sg_filter_layout is ABI");

/*
 * policy/filter: ARRAY of one that can be mapped into memory, with a layout and words for each of
 * two slots. Of a fixed size, because the program's reads are then plain loads without a call; what
 * a short list does not use costs no cache. A slot begins with the bitmap of IPv4 and that of IPv6.
 */
#define SG_FILTER_SLOT_WORDS   (1U << 19)
#define SG_FILTER_BITMAP_WORDS (65536U / 64)

struct sg_filter {
	struct sg_filter_layout layouts[2];
	__u64 words[2 * SG_FILTER_SLOT_WORDS];
};
_Static_assert(sizeof(struct sg_filter) == 128 + (8U << 20), "struct sg_filter is ABI");

/* Multiplications carry every bit of the key into the upper bits, which are those that are used. */
static inline __u64 sg_filter_hash(__u64 key, __u64 seed)
{
	key = (key ^ seed) * 0x9e3779b97f4a7c15ULL;
	return (key ^ key >> 32) * 0xd6e8feb86659fd93ULL;
}

/*
 * The hash of a whole address, from that of its subnet, so that whoever does not know the seed
 * cannot choose one half to match the other.
 */
static inline __u64 sg_filter_hash128(__u64 subnet_hash, __u64 interface, __u64 seed)
{
	return sg_filter_hash(subnet_hash ^ interface, seed);
}

/* Stands for all of a subnet. So does an allowed host of this number, which costs time only. */
#define SG_FILTER_ANY_INTERFACE (~0ULL)

/* Where the bitmap of a family begins, SG_FILTER_IPV4_BITMAP or SG_FILTER_IPV6_BITMAP. */
static inline __u32 sg_filter_bitmap_of(__u32 slot, __u32 bitmap)
{
	return slot * SG_FILTER_SLOT_WORDS +
	       (bitmap - SG_FILTER_IPV4_BITMAP) * SG_FILTER_BITMAP_WORDS;
}

/* The word of a key, by the upper half of its hash. */
static inline __u32 sg_filter_word_of(const struct sg_filter_span *table, __u64 hash)
{
	return table->first + (__u32)((hash >> 32) * table->count >> 32);
}

/* Its bits in that word, by the lower half. */
static inline __u64 sg_filter_bits_of(__u64 hash)
{
	return 1ULL << (hash >> 8 & 63) | 1ULL << (hash >> 14 & 63) | 1ULL << (hash >> 20 & 63) |
	       1ULL << (hash >> 26 & 63);
}

#endif
