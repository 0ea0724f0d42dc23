/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sources that were allowed a moment ago, so that the packets of a call do not walk the trie each;
 * and so that user space knows who they are.
 *
 * An answer is remembered together with the word that said which generation and which version of
 * the policy it came from (`current` in struct sg_settings), and holds as long as that word is the
 * same: any change of the entries makes all answers old at once. Only what allows without an end is
 * remembered: strangers cannot write here, and time changes no answer.
 *
 * Each CPU has a table of its own, and XDP programs do not interrupt each other on a CPU, so an
 * answer is read and written whole. Only BPF_PROG_TEST_RUN may be interrupted: a program that is
 * loaded for questions remembers nothing.
 */
#ifndef SIPGUARD_RECENT_BPF_H
#define SIPGUARD_RECENT_BPF_H

#include "packet.bpf.h"

/* False for a program that is loaded to answer questions. */
const volatile bool leaves_traces = true;

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SG_RECENT_PAIRS);
	__type(key, __u32);
	__type(value, struct sg_recent_pair);
} recents SEC(".maps");

static __always_inline struct sg_recent_pair *recent_pair_of(const struct source *source)
{
	__u64 hash = sg_filter_hash(source->high ^ source->low, 0);
	__u32 index = hash % SG_RECENT_PAIRS;

	return bpf_map_lookup_elem(&recents, &index);
}

static __always_inline bool is_recent(const struct sg_recent *recent, __u64 current, __u32 family,
				      const struct source *source)
{
	return recent->current == current && recent->family == family &&
	       recent->high == source->high && recent->low == source->low;
}

static __always_inline struct sg_recent *recent_find(struct sg_recent_pair *pair, __u64 current,
						     __u32 family, const struct source *source)
{
	if (!leaves_traces || current & SG_CURRENT_CHANGING)
		return NULL;
	if (is_recent(&pair->newer, current, family, source))
		return &pair->newer;
	if (is_recent(&pair->older, current, family, source))
		return &pair->older;
	return NULL;
}

static __always_inline void recent_remember(struct sg_recent_pair *pair, __u64 current,
					    __u32 family, const struct source *source,
					    __u32 entry_id)
{
	if (!leaves_traces || current & SG_CURRENT_CHANGING)
		return;
	pair->older = pair->newer;
	pair->newer = (struct sg_recent){
		.high = source->high,
		.low = source->low,
		.current = current,
		.entry_id = entry_id,
		.family = family,
		.last_seen = bpf_jiffies64(),
	};
}

#endif
