// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changing single entries of the generation in force.
 *
 * The order is what keeps a trusted source from being dropped: the bits of the filter before the
 * entry in the trie, and the new `current`, which ends what the program remembers, behind it.
 */
#include <errno.h>

#include <bpf/bpf.h>

#include "kernel/policy_internal.h"
#include "policy/filter.h"

static int full_error(const struct entry *entry, struct error *error)
{
	char text[PREFIX_TEXT_SIZE];

	prefix_format(&entry->prefix, text);
	error_set(error, EXIT_SYSTEM, ENOSPC, "the allowlist has no room for %s", text);
	return -ENOSPC;
}

static uint32_t *count_of(struct sg_generation *generation, uint8_t family)
{
	return family == SG_FAMILY_IPV4 ? &generation->entries4 : &generation->entries6;
}

/* Everything that was remembered under the old word is asked for again. */
static int finish(const struct policy *policy, struct sg_settings *settings, struct error *error)
{
	settings->current += SG_CURRENT_STEP;
	return policy_write_settings(policy, settings, error);
}

static int set_in_filter(const struct policy *policy, const struct sg_generation *generation,
			 const struct prefix *prefix, struct error *error)
{
	__attribute__((cleanup(filter_unmap))) struct sg_filter_blocks *blocks = NULL;
	int result = filter_map(policy, &blocks, error);

	if (!result)
		filter_set(blocks, &generation->filter, prefix);
	return result;
}

/* Takes an identifier and room in the filter for a new entry. */
static int make_room(const struct policy *policy, struct sg_settings *settings,
		     const struct entry *entry, uint32_t *id, struct error *error)
{
	struct sg_generation *generation = settings_generation(settings);

	filter_count(&entry->prefix, generation->filter_keys);
	if (generation->next_entry_id >= generation->hits_row ||
	    *count_of(generation, entry->prefix.family) >= generation->capacity ||
	    filter_is_crowded(&generation->filter, generation->filter_keys))
		return full_error(entry, error);
	*id = generation->next_entry_id++;
	return policy_write_settings(policy, settings, error);
}

int policy_put(const struct policy *policy, const struct entry *entry, struct error *error)
{
	int trie = policy_trie(policy, entry->prefix.family);
	struct sg_key6 key = policy_key(&entry->prefix);
	struct sg_settings settings;
	struct sg_entry value, old;
	bool exists = policy_find_exact(trie, &key, &old);
	uint32_t id = exists ? old.id : 0;
	int result;

	result = policy_read_settings(policy, &settings, error);
	if (!result && !exists)
		result = make_room(policy, &settings, entry, &id, error);
	result = result
			 ?: set_in_filter(policy, settings_generation(&settings), &entry->prefix,
					  error);
	if (result)
		return result;
	value = policy_value(entry, id);
	if (bpf_map_update_elem(trie, &key, &value, BPF_ANY))
		return errno == ENOSPC ? full_error(entry, error)
				       : error_system(error, errno, "cannot write the entry");
	*count_of(settings_generation(&settings), entry->prefix.family) += !exists;
	return finish(policy, &settings, error);
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
	struct sg_settings settings;
	int result;

	if (!policy_has(policy, prefix))
		return 0;
	if (bpf_map_delete_elem(trie, &key))
		return error_system(error, errno, "cannot delete the entry");
	result = policy_read_settings(policy, &settings, error);
	if (result)
		return result;
	--*count_of(settings_generation(&settings), prefix->family);
	return finish(policy, &settings, error);
}
