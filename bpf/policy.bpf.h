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

#include "filter.bpf.h"
#include "packet.bpf.h"
#include "recent.bpf.h"

/*
 * The maps policy/settings and policy/ports, as variables: read without a lookup. The loader puts
 * its maps in their place, which the program may not write.
 */
struct sg_settings settings SEC(".data.settings");
struct sg_ports ports SEC(".data.ports");

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
 * Of each generation, a row of counters for each CPU, one row behind the other. It does what a
 * per-CPU array does, but the kernel allocates it at once rather than element by element, and user
 * space maps it into its memory.
 */
struct hit_rows {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE | BPF_F_INNER_MAP);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct sg_hits));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, SG_GENERATION_SLOTS);
	__type(key, __u32);
	__array(values, struct hit_rows);
} hits SEC(".maps");

static __always_inline bool is_guarded(__u32 table, __u16 port)
{
	return ports.words[table][port / 64] >> (port % 64) & 1;
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

/* Not inlined: the verifier follows the walk once, and a stranger's packet seldom comes here. */
static __noinline const struct sg_entry *find_entry(__u32 family, const struct source *source,
						    __u32 slot)
{
	if (family == SG_FAMILY_IPV4)
		return find_entry4(source, slot);
	return find_entry6(source, slot);
}

static __always_inline void count_hit(__u32 slot, __u32 entry_id)
{
	__u32 row = settings.generations[slot].hits_row, index;
	struct sg_hits *counted;
	void *rows;

	if (!leaves_traces || entry_id >= row)
		return;
	rows = bpf_map_lookup_elem(&hits, &slot);
	if (!rows)
		return;
	index = bpf_get_smp_processor_id() * row + entry_id;
	counted = bpf_map_lookup_elem(rows, &index);
	if (!counted)
		return;
	counted->packets++;
	counted->last_seen = bpf_jiffies64();
}

/*
 * Which generation and version of the policy is in force. Each word is read once: it may change
 * meanwhile. The clock is asked only while a generation is to be confirmed, or was not.
 */
static __always_inline __u64 read_current(void)
{
	const volatile struct sg_settings *now = &settings;
	__u64 revert_at = now->revert_at;

	if (__builtin_expect(revert_at && bpf_ktime_get_boot_ns() >= revert_at, false))
		return now->revert_current;
	return now->current;
}

/*
 * Orders the reads before it and behind it on every architecture. A store to `current` follows the
 * change of a trie; what is read from the trie must not be older than what `current` said.
 */
static __always_inline void read_barrier(void)
{
	__u64 own = 0;

	own = __sync_fetch_and_add(&own, 1);
	asm volatile("" : : "r"(own) : "memory");
}

/* What the trie says of a source that the filter let through. */
static __always_inline enum sg_reason look_up(__u32 family, const struct source *source,
					      __u32 unless_allowed)
{
	const struct sg_entry *entry;
	struct sg_recent_pair *pair;
	struct sg_recent *recent;
	__u64 current;
	__u32 slot;

	pair = recent_pair_of(source);
	if (!pair)
		return unless_allowed;
	current = read_current();
	slot = SG_CURRENT_SLOT(current);
	recent = recent_find(pair, current, family, source);
	if (recent) {
		recent->last_seen = bpf_jiffies64();
		count_hit(slot, recent->entry_id);
		return SG_REASON_ALLOWED;
	}
	read_barrier();
	entry = find_entry(family, source, slot);
	if (!entry)
		return unless_allowed;
	count_hit(slot, entry->id);
	if (entry->verdict == SG_ENTRY_ALLOW) {
		if (!entry->expires)
			recent_remember(pair, current, family, source, entry->id);
		return SG_REASON_ALLOWED;
	}
	return unless_allowed == SG_REASON_NOT_ALLOWED ? SG_REASON_DENIED : unless_allowed;
}

/*
 * Is the source allowed? Never undecided: if it is not, the reason is `unless_allowed` or that an
 * entry denies it.
 */
static __always_inline enum sg_reason decide(const struct packet *packet)
{
	if (!filter_passes(SG_CURRENT_SLOT(read_current()), packet->family, &packet->source))
		return packet->unless_allowed;
	return look_up(packet->family, &packet->source, packet->unless_allowed);
}

#endif
