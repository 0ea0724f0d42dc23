/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asks the filter whether any entry can match. include/sipguard/filter.h tells how it works and
 * what must hold; nothing here branches on what is found, because a flood makes every answer a
 * mispredicted one.
 */
#ifndef SIPGUARD_FILTER_BPF_H
#define SIPGUARD_FILTER_BPF_H

#include <bpf/bpf_endian.h>

#include "packet.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sg_filter_blocks);
} filter SEC(".maps");

/* The verifier wants to see the bound that user space keeps. */
static __always_inline const struct sg_filter_block *block_at(const struct sg_filter_blocks *filter,
							      __u32 index)
{
	return &filter->blocks[index & (2 * SG_FILTER_SLOT_BLOCKS - 1)];
}

static __always_inline __u64 in_bitmap(const struct sg_filter_blocks *filter, __u32 first,
				       __u32 bits)
{
	const struct sg_filter_block *block;

	block = block_at(filter, first + bits / SG_FILTER_BLOCK_BITS);
	return block->words[bits / 64 & 3] >> (bits & 63) & 1;
}

static __always_inline __u64 in_table(const struct sg_filter_blocks *filter,
				      const struct sg_filter *made, enum sg_filter_table table,
				      __u64 key)
{
	__u64 hash = sg_filter_hash(key, made->seed);
	const struct sg_filter_block *block;

	block = block_at(filter, sg_filter_block_of(&made->tables[table], hash));
	return block->words[0] >> sg_filter_bit_of(0, hash) &
	       block->words[1] >> sg_filter_bit_of(1, hash) &
	       block->words[2] >> sg_filter_bit_of(2, hash) &
	       block->words[3] >> sg_filter_bit_of(3, hash) & 1;
}

static __always_inline bool filter_passes(const struct sg_filter *made, __u32 family,
					  const struct source *source)
{
	const struct sg_filter_blocks *blocks;
	__u64 address = bpf_be64_to_cpu(source->high);
	__u32 zero = 0;

	blocks = bpf_map_lookup_elem(&filter, &zero);
	if (!blocks)
		return true;
	if (family == SG_FAMILY_IPV4) {
		address >>= 32;
		return in_bitmap(blocks, made->bitmap4, address >> 16) |
		       in_table(blocks, made, SG_FILTER_IPV4_24, address >> 8) |
		       in_table(blocks, made, SG_FILTER_IPV4_32, address);
	}
	return in_bitmap(blocks, made->bitmap6, address >> 48) |
	       in_table(blocks, made, SG_FILTER_IPV6_32, address >> 32) |
	       in_table(blocks, made, SG_FILTER_IPV6_48, address >> 16) |
	       in_table(blocks, made, SG_FILTER_IPV6_64, address);
}

#endif
