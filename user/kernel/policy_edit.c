// SPDX-License-Identifier: GPL-2.0-or-later
/* Changing single entries of the policy in force. */
#include <errno.h>

#include <bpf/bpf.h>

#include "kernel/policy_internal.h"

static int reset_hits(const struct policy *policy, uint32_t id, struct error *error)
{
	__attribute__((cleanup(hits_unmap))) struct hits hits = {};
	int result = hits_map(policy, &hits, error);

	for (size_t cpu = 0; !result && cpu < hits.cpus; cpu++)
		hits.counters[cpu * hits.row + id] = (struct sg_hits){};
	return result;
}

/* An identifier for a new entry, its hit counter at 0. */
static int take_id(const struct policy *policy, const struct entry *entry, uint32_t *id,
		   struct error *error)
{
	struct sg_settings settings;
	int result;

	if (bpf_map_lookup_and_delete_elem(policy->free_ids, NULL, id)) {
		result = policy_read_settings(policy, &settings, error);
		if (result)
			return result;
		if (settings.next_entry_id >= settings.capacity * IDS_PER_CAPACITY)
			return policy_full_error(entry, error);
		*id = settings.next_entry_id++;
		result = policy_write_settings(policy, &settings, error);
		if (result)
			return result;
	}
	return reset_hits(policy, *id, error);
}

static void give_back_id(const struct policy *policy, uint32_t id)
{
	/*
	 * A lost identifier costs one hit counter until the next whole load; nothing else depends
	 * on it.
	 */
	bpf_map_update_elem(policy->free_ids, NULL, &id, BPF_ANY);
}

int policy_put(const struct policy *policy, const struct entry *entry, struct error *error)
{
	int trie = policy_trie(policy, entry->prefix.family);
	struct sg_key6 key = policy_key(&entry->prefix);
	struct sg_entry value, old;
	uint32_t id;
	bool exists;
	int result;

	exists = policy_find_exact(trie, &key, &old);
	if (exists)
		id = old.id;
	else if ((result = take_id(policy, entry, &id, error)))
		return result;

	value = policy_value(entry, id);
	if (!bpf_map_update_elem(trie, &key, &value, BPF_ANY))
		return 0;
	result = errno == ENOSPC ? policy_full_error(entry, error)
				 : error_system(error, errno, "cannot write the entry");
	if (!exists)
		give_back_id(policy, id);
	return result;
}

bool policy_has(const struct policy *policy, const struct prefix *prefix)
{
	struct sg_key6 key = policy_key(prefix);
	struct sg_entry value;

	return policy_find_exact(policy_trie(policy, prefix->family), &key, &value);
}

int policy_delete(const struct policy *policy, const struct prefix *prefix, struct error *error)
{
	int trie = policy_trie(policy, prefix->family);
	struct sg_key6 key = policy_key(prefix);
	struct sg_entry old;

	if (!policy_find_exact(trie, &key, &old))
		return 0;
	if (bpf_map_delete_elem(trie, &key))
		return error_system(error, errno, "cannot delete the entry");
	give_back_id(policy, old.id);
	return 0;
}
