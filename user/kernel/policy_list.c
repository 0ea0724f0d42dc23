// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading the entries of the policy in force, with what they have done. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "kernel/clock.h"
#include "kernel/policy_internal.h"

static struct prefix prefix_of(uint8_t family, const struct sg_key6 *key)
{
	struct prefix prefix = {.family = family, .length = (uint8_t)key->prefix_length};

	memcpy(prefix.address, key->address, family == SG_FAMILY_IPV4 ? 4 : 16);
	return prefix;
}

static void read_hits(const struct hits *hits, uint32_t id, struct policy_entry *entry)
{
	uint64_t last_seen = 0;

	for (size_t cpu = 0; cpu < hits->cpus && id < hits->row; cpu++) {
		const volatile struct sg_hits *counted = &hits->counters[cpu * hits->row + id];

		entry->packets += counted->packets;
		if (counted->last_seen > last_seen)
			last_seen = counted->last_seen;
	}
	entry->last_seen = clock_unix_from_monotonic(last_seen);
}

/* Appends an entry to a list that grows by doubling. */
static int append(const struct hits *hits, struct policy_entries *list, uint8_t family,
		  const struct sg_key6 *key, const struct sg_entry *value, struct error *error)
{
	struct policy_entry *entry;

	if ((list->count & (list->count - 1)) == 0) {
		size_t room = list->count ? list->count * 2 : 1;

		entry = realloc(list->entries, room * sizeof(*entry));
		if (!entry)
			return error_system(error, ENOMEM, "cannot list the entries");
		list->entries = entry;
	}
	entry = &list->entries[list->count++];
	*entry = (struct policy_entry){
		.prefix = prefix_of(family, key),
		.verdict = value->verdict,
		.until = clock_unix_from_boot(value->expires),
		.expired = value->expires && value->expires <= clock_boot_from_unix(clock_now()),
	};
	read_hits(hits, value->id, entry);
	return 0;
}

static int list_family(const struct policy *policy, uint8_t family, const struct hits *hits,
		       struct policy_entries *list, struct error *error)
{
	int trie = policy_trie(policy, family);
	struct sg_key6 key = {}, *previous = NULL;
	struct sg_entry value;
	int result;

	while (!bpf_map_get_next_key(trie, previous, &key)) {
		previous = &key;
		/* Deleted since: a reader takes no lock. */
		if (!policy_find_exact(trie, &key, &value))
			continue;
		result = append(hits, list, family, &key, &value, error);
		if (result)
			return result;
	}
	return 0;
}

static int compare_entries(const void *left, const void *right)
{
	const struct policy_entry *a = left, *b = right;

	return prefix_compare(&a->prefix, &b->prefix);
}

int policy_list(const struct policy *policy, struct policy_entries *list, struct error *error)
{
	__attribute__((cleanup(hits_unmap))) struct hits hits = {};
	struct policy_entries found = {};
	int result;

	result = hits_map(policy, &hits, error);
	result = result ?: list_family(policy, SG_FAMILY_IPV4, &hits, &found, error);
	result = result ?: list_family(policy, SG_FAMILY_IPV6, &hits, &found, error);
	if (result) {
		free(found.entries);
		return result;
	}
	/* A trie is walked in post-order, longer prefixes before those that cover them. */
	if (found.count)
		qsort(found.entries, found.count, sizeof(*found.entries), compare_entries);
	*list = found;
	return 0;
}

int policy_matches(const struct policy *policy, const struct prefix *host,
		   struct policy_entries *list, struct error *error)
{
	__attribute__((cleanup(hits_unmap))) struct hits hits = {};
	int trie = policy_trie(policy, host->family);
	struct policy_entries found = {};
	struct sg_key6 key = policy_key(host);
	struct sg_entry value;
	int result;

	result = hits_map(policy, &hits, error);
	if (result)
		return result;
	while (!bpf_map_lookup_elem(trie, &key, &value)) {
		struct prefix prefix = *host;
		struct sg_key6 matched;

		prefix.length = value.prefix_length;
		prefix_truncate(&prefix);
		matched = policy_key(&prefix);
		result = append(&hits, &found, host->family, &matched, &value, error);
		if (result) {
			free(found.entries);
			return result;
		}
		if (value.prefix_length == 0)
			break;
		key.prefix_length = value.prefix_length - 1U;
	}
	*list = found;
	return 0;
}
