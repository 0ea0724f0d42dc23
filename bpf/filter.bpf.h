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

/*
 * The verifier wants to see the bound that user space keeps, even where clang knows it and would
 * leave it out: that of Linux 6.1 loses it on the way.
 */
static __always_inline __u64 word_at(const struct sg_filter *filter, __u32 index)
{
	barrier_var(index);
	return filter->words[index & (2 * SG_FILTER_SLOT_WORDS - 1)];
}

static __always_inline bool is_in_use(const struct sg_filter_layout *layout, __u32 part)
{
	return layout->in_use & 1U << part;
}

/* Whether the hash of a key stands in a table. */
static __always_inline bool in_table(const struct sg_filter *filter,
				     const struct sg_filter_layout *layout,
				     enum sg_filter_table table, __u64 hash)
{
	__u64 bits = sg_filter_bits_of(hash);

	return !(bits & ~word_at(filter, sg_filter_word_of(&layout->tables[table], hash)));
}

static __always_inline bool has_key(const struct sg_filter *filter,
				    const struct sg_filter_layout *layout,
				    enum sg_filter_table table, __u64 key)
{
	return is_in_use(layout, table) &&
	       in_table(filter, layout, table, sg_filter_hash(key, layout->seed));
}

/* By the first 16 bits of an address. */
static __always_inline bool in_bitmap(const struct sg_filter *filter,
				      const struct sg_filter_layout *layout, __u32 slot,
				      __u32 bitmap, __u32 bits)
{
	__u32 first = sg_filter_bitmap_of(slot, bitmap);

	return is_in_use(layout, bitmap) && word_at(filter, first + bits / 64) >> (bits & 63) & 1;
}

static __always_inline bool passes4(const struct sg_filter *filter,
				    const struct sg_filter_layout *layout, __u32 slot,
				    __u32 address)
{
	return has_key(filter, layout, SG_FILTER_IPV4_32, address) ||
	       has_key(filter, layout, SG_FILTER_IPV4_24, address >> 8) ||
	       in_bitmap(filter, layout, slot, SG_FILTER_IPV4_BITMAP, address >> 16);
}

static __always_inline bool has_address(const struct sg_filter *filter,
					const struct sg_filter_layout *layout, __u64 subnet_hash,
					__u64 interface)
{
	return in_table(filter, layout, SG_FILTER_IPV6_128,
			sg_filter_hash128(subnet_hash, interface, layout->seed));
}

static __always_inline bool in_subnet(const struct sg_filter *filter,
				      const struct sg_filter_layout *layout, __u64 subnet,
				      __u64 interface)
{
	__u64 hash = sg_filter_hash(subnet, layout->seed);

	return is_in_use(layout, SG_FILTER_IPV6_64) &&
	       in_table(filter, layout, SG_FILTER_IPV6_64, hash) &&
	       (has_address(filter, layout, hash, interface) ||
		has_address(filter, layout, hash, SG_FILTER_ANY_INTERFACE));
}

static __always_inline bool passes6(const struct sg_filter *filter,
				    const struct sg_filter_layout *layout, __u32 slot, __u64 high,
				    __u64 low)
{
	return in_subnet(filter, layout, high, low) ||
	       has_key(filter, layout, SG_FILTER_IPV6_48, high >> 16) ||
	       has_key(filter, layout, SG_FILTER_IPV6_32, high >> 32) ||
	       in_bitmap(filter, layout, slot, SG_FILTER_IPV6_BITMAP, high >> 48);
}

static __always_inline bool filter_passes(__u32 slot, __u32 family, const struct source *source)
{
	__u64 high = bpf_be64_to_cpu(source->high);
	const struct sg_filter *found;
	__u32 zero = 0;

	found = bpf_map_lookup_elem(&filter, &zero);
	if (!found)
		return true;
	if (family == SG_FAMILY_IPV4)
		return passes4(found, &found->layouts[slot], slot, high >> 32);
	return passes6(found, &found->layouts[slot], slot, high, bpf_be64_to_cpu(source->low));
}

#endif
