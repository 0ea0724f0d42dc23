// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading the entries of the policy in force, with what they have done. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "kernel/clock.h"
#include "kernel/policy_internal.h"
#include "kernel/ticks.h"

/* A list that grows by doubling, and what it is read with. */
struct reading {
	struct hits hits;
	uint64_t now; /* CLOCK_BOOTTIME */
	struct ticks ticks;
	struct policy_entries list;
};

static void reading_clear(struct reading *reading)
{
	hits_unmap(&reading->hits);
	free(reading->list.entries);
}

static int append(void *context, uint8_t family, const struct sg_key6 *key,
		  const struct sg_entry *value, struct error *error)
{
	struct reading *reading = context;
	struct policy_entries *list = &reading->list;
	struct sg_hits counted = hits_sum(&reading->hits, value->id);

	if ((list->count & (list->count - 1)) == 0) {
		size_t room = list->count ? list->count * 2 : 1;
		struct policy_entry *entries = realloc(list->entries, room * sizeof(*entries));

		if (!entries)
			return error_system(error, ENOMEM, "cannot list the entries");
		list->entries = entries;
	}
	list->entries[list->count++] = (struct policy_entry){
		.prefix = policy_prefix(family, key),
		.verdict = value->verdict,
		.until = clock_unix_from_boot(value->expires),
		.expired = value->expires && value->expires <= reading->now,
		.packets = counted.packets,
		.last_seen = ticks_to_unix(&reading->ticks, counted.last_seen),
	};
	return 0;
}

static int begin(const struct policy *policy, struct reading *reading, struct error *error)
{
	int result = ticks_read(&reading->ticks, error);

	reading->now = clock_boot_from_unix(clock_now());
	return result ?: hits_map(policy->hit_rows, &reading->hits, error);
}

static void hand_over(struct reading *reading, struct policy_entries *list)
{
	*list = reading->list;
	reading->list = (struct policy_entries){};
}

static int compare_entries(const void *left, const void *right)
{
	const struct policy_entry *a = left, *b = right;

	return prefix_compare(&a->prefix, &b->prefix);
}

int policy_list(const struct policy *policy, struct policy_entries *list, struct error *error)
{
	__attribute__((cleanup(reading_clear))) struct reading reading = {};
	int result = begin(policy, &reading, error);

	result = result ?: policy_walk(policy->trie4, SG_FAMILY_IPV4, append, &reading, error);
	result = result ?: policy_walk(policy->trie6, SG_FAMILY_IPV6, append, &reading, error);
	if (result)
		return result;
	/* A trie is walked in post-order, longer prefixes before those that cover them. */
	if (reading.list.count)
		qsort(reading.list.entries, reading.list.count, sizeof(*reading.list.entries),
		      compare_entries);
	hand_over(&reading, list);
	return 0;
}

/* The longest entry that covers the host and is no longer than `length`. */
static bool find_entry(const struct policy *policy, const struct prefix *host, int length,
		       struct prefix *prefix, struct sg_entry *value)
{
	struct sg_key6 key = policy_key(host);

	key.prefix_length = (__u32)length;
	if (length < 0 || bpf_map_lookup_elem(policy_trie(policy, host->family), &key, value))
		return false;
	*prefix = *host;
	prefix->length = value->prefix_length;
	prefix_truncate(prefix);
	return true;
}

int policy_matches(const struct policy *policy, const struct prefix *host,
		   struct policy_entries *list, struct error *error)
{
	__attribute__((cleanup(reading_clear))) struct reading reading = {};
	int length = host->length;
	struct sg_entry value;
	struct prefix prefix;
	int result = begin(policy, &reading, error);

	while (!result && find_entry(policy, host, length, &prefix, &value)) {
		struct sg_key6 key = policy_key(&prefix);

		result = append(&reading, host->family, &key, &value, error);
		length = prefix.length - 1;
	}
	if (result)
		return result;
	hand_over(&reading, list);
	return 0;
}

bool policy_decide(const struct policy *policy, const struct prefix *host, struct entry *entry)
{
	uint64_t now = clock_boot_from_unix(clock_now());
	int length = prefix_embeds_ipv4(host) ? -1 : host->length;
	struct sg_entry value;
	struct prefix prefix;

	while (find_entry(policy, host, length, &prefix, &value)) {
		length = prefix.length - 1;
		if (value.expires && value.expires <= now)
			continue;
		*entry = (struct entry){
			.prefix = prefix,
			.verdict = value.verdict,
			.until = clock_unix_from_boot(value.expires),
		};
		return true;
	}
	return false;
}
