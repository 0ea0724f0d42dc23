/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Classify and decide: is the packet for a guarded port, and is its source allowed?
 *
 * The maps here are the policy. All guards share them, user space writes them, the program only
 * reads; the hit counters are the other way round. include/sipguard/abi.h describes the layouts.
 */
#ifndef SIPGUARD_POLICY_BPF_H
#define SIPGUARD_POLICY_BPF_H

#include <bpf/bpf_endian.h>

#include "packet.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_RDONLY_PROG);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sg_settings);
} settings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_RDONLY_PROG);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sg_ports);
} ports SEC(".maps");

/* Capacities are the loader's choice; it creates the tries and puts them into their slots. */
struct trie4 {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(struct sg_key4));
	__uint(value_size, sizeof(struct sg_entry));
};

struct trie6 {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(struct sg_key6));
	__uint(value_size, sizeof(struct sg_entry));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, SG_GENERATION_SLOTS);
	__type(key, __u32);
	__array(values, struct trie4);
} allow4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, SG_GENERATION_SLOTS);
	__type(key, __u32);
	__array(values, struct trie6);
} allow6 SEC(".maps");

/*
 * A row of counters for each CPU, one row behind the other. It does what a per-CPU array does, but
 * the kernel allocates it at once rather than element by element, and user space maps it into its
 * memory.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sg_hits);
} hits SEC(".maps");

/* How many identifiers of entries a row has; 0 counts nothing. */
const volatile __u32 hits_row = 0;

static __always_inline bool is_guarded(__u32 table, __u16 port)
{
	const struct sg_ports *guarded;
	__u32 zero = 0;

	guarded = bpf_map_lookup_elem(&ports, &zero);
	if (!guarded)
		return true;
	return guarded->words[table][port / 64] >> (port % 64) & 1;
}

/* Is it for a guarded port? A packet that hides its ports may be. */
static __always_inline enum sg_reason classify(const struct packet *packet)
{
	__u32 table;

	if (packet->unless_allowed != SG_REASON_NOT_ALLOWED)
		return SG_UNDECIDED;
	if (packet->protocol == SG_PROTOCOL_TCP)
		table = SG_PORTS_TCP;
	else if (packet->protocol == SG_PROTOCOL_SCTP)
		table = SG_PORTS_SCTP;
	else
		table = SG_PORTS_UDP;
	return is_guarded(table, packet->destination_port) ? SG_UNDECIDED : SG_REASON_OTHER_PORT;
}

/*
 * The longest matching entry that has not expired. A lookup answers with the longest match only, so
 * an expired one is stepped over by asking again with a shorter key; `key_length` is the first
 * field of `key`.
 */
static __always_inline const struct sg_entry *longest_match(void *trie, void *key,
							    __u32 *key_length)
{
	for (int steps = 0; steps <= 128; steps++) {
		const struct sg_entry *entry = bpf_map_lookup_elem(trie, key);

		if (!entry || !entry->expires || entry->expires > bpf_ktime_get_boot_ns())
			return entry;
		if (entry->prefix_length == 0)
			return NULL;
		*key_length = entry->prefix_length - 1;
	}
	return NULL;
}

static __always_inline const struct sg_entry *find_entry4(const struct source *source, __u32 slot)
{
	struct sg_key4 key = {.prefix_length = 32};
	void *trie;

	trie = bpf_map_lookup_elem(&allow4, &slot);
	if (!trie)
		return NULL;
	__builtin_memcpy(key.address, source, sizeof(key.address));
	return longest_match(trie, &key, &key.prefix_length);
}

/*
 * ::/96 and ::ffff:0:0/96 stand for IPv4 addresses (RFC 4291, section 2.5.5). On the wire they are
 * forged, and a socket would take them for the IPv4 peer whose address they spell.
 */
static __always_inline bool embeds_ipv4(const struct source *source)
{
	__u32 prefix = bpf_be64_to_cpu(source->low) >> 32;

	return !source->high && (prefix == 0 || prefix == 0xffff);
}

static __always_inline const struct sg_entry *find_entry6(const struct source *source, __u32 slot)
{
	struct sg_key6 key = {.prefix_length = 128};
	void *trie;

	if (embeds_ipv4(source))
		return NULL;
	trie = bpf_map_lookup_elem(&allow6, &slot);
	if (!trie)
		return NULL;
	__builtin_memcpy(key.address, source, sizeof(key.address));
	return longest_match(trie, &key, &key.prefix_length);
}

static __always_inline const struct sg_entry *find_entry(__u32 family, const struct source *source)
{
	const struct sg_settings *current;
	__u32 slot, zero = 0;

	current = bpf_map_lookup_elem(&settings, &zero);
	if (!current)
		return NULL;
	/* Read once: the generation may be switched meanwhile. */
	slot = *(const volatile __u32 *)&current->active;
	if (family == SG_FAMILY_IPV4)
		return find_entry4(source, slot);
	return find_entry6(source, slot);
}

static __always_inline void count_hit(const struct sg_entry *entry)
{
	struct sg_hits *counted;
	__u32 index;

	if (entry->id >= hits_row)
		return;
	index = bpf_get_smp_processor_id() * hits_row + entry->id;
	counted = bpf_map_lookup_elem(&hits, &index);
	if (!counted)
		return;
	counted->packets++;
	counted->last_seen = bpf_ktime_get_coarse_ns();
}

/*
 * Is the source allowed? Never undecided: if not, the reason is `unless_allowed`. A function of its
 * own, so that the verifier follows it once instead of once for each way that leads here.
 */
__noinline int decide(__u32 family, __be64 source_high, __be64 source_low, __u32 unless_allowed)
{
	const struct source source = {source_high, source_low};
	const struct sg_entry *entry = find_entry(family, &source);

	if (entry)
		count_hit(entry);
	if (entry && entry->verdict == SG_ENTRY_ALLOW)
		return SG_REASON_ALLOWED;
	if (entry && unless_allowed == SG_REASON_NOT_ALLOWED)
		return SG_REASON_DENIED;
	return (int)unless_allowed;
}

#endif
