/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asks the filter whether any entry can match; include/sipguard/filter.h tells how it works and
 * what must hold.
 */
#ifndef SIPGUARD_FILTER_BPF_H
#define SIPGUARD_FILTER_BPF_H

#include <bpf/bpf_endian.h>

#include "packet.bpf.h"

/* The kernel lets nobody map what is BPF_F_RDONLY_PROG for writing. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sg_filter);
} filter SEC(".maps");

/* The verifier wants to see the bound that user space keeps. */
static __always_inline __u64 word_at(const struct sg_filter *filter, __u32 index)
{
	return filter->words[index & (2 * SG_FILTER_SLOT_WORDS - 1)];
}

static __always_inline bool is_in_use(const struct sg_filter_layout *layout, __u32 part)
{
	return layout->in_use & 1U << part;
}

static __always_inline bool in_table(const struct sg_filter *filter,
				     const struct sg_filter_layout *layout,
				     enum sg_filter_table table, __u64 key)
{
	__u64 hash, bits;

	if (!is_in_use(layout, table))
		return false;
	hash = sg_filter_hash(key, layout->seed);
	bits = sg_filter_bits_of(hash);
	return !(bits & ~word_at(filter, sg_filter_word_of(&layout->tables[table], hash)));
}

static __always_inline bool in_bitmap(const struct sg_filter *filter, __u32 first, __u32 bits)
{
	return word_at(filter, first + bits / 64) >> (bits & 63) & 1;
}

static __always_inline bool filter_passes(__u32 slot, __u32 family, const struct source *source)
{
	const struct sg_filter_layout *layout;
	const struct sg_filter *found;
	__u64 address = bpf_be64_to_cpu(source->high);
	__u32 zero = 0;

	found = bpf_map_lookup_elem(&filter, &zero);
	if (!found)
		return true;
	layout = &found->layouts[slot];
	if (family == SG_FAMILY_IPV4) {
		address >>= 32;
		return in_table(found, layout, SG_FILTER_IPV4_32, address) ||
		       in_table(found, layout, SG_FILTER_IPV4_24, address >> 8) ||
		       (is_in_use(layout, SG_FILTER_IPV4_BITMAP) &&
			in_bitmap(found, layout->bitmap4, address >> 16));
	}
	return in_table(found, layout, SG_FILTER_IPV6_64, address) ||
	       in_table(found, layout, SG_FILTER_IPV6_48, address >> 16) ||
	       in_table(found, layout, SG_FILTER_IPV6_32, address >> 32) ||
	       (is_in_use(layout, SG_FILTER_IPV6_BITMAP) &&
		in_bitmap(found, layout->bitmap6, address >> 48));
}

#endif
