// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changing single entries of the generation in force.
 *
 * The order is what keeps a trusted source from being dropped: the bits of the filter before the
 * entry in the trie. Around the whole stands SG_CURRENT_CHANGING, so that the program remembers
 * nothing that is about to be another; a command that is killed inside leaves it set, and the next
 * change finds out what became of that one.
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

static int count_entry(void *context, uint8_t family, const struct sg_key6 *key,
		       const struct sg_entry *value, struct error *error)
{
	struct sg_generation *generation = context;

	(void)key;
	(void)value;
	(void)error;
	++*count_of(generation, family);
	return 0;
}

static int count_again(const struct policy *policy, struct sg_generation *generation,
		       struct error *error)
{
	int result;

	generation->entries4 = generation->entries6 = 0;
	result = policy_walk(policy->trie4, SG_FAMILY_IPV4, count_entry, generation, error);
	return result ?: policy_walk(policy->trie6, SG_FAMILY_IPV6, count_entry, generation, error);
}

static int begin(const struct policy *policy, struct sg_settings *settings, struct error *error)
{
	int result = policy_read_settings(policy, settings, error);

	result = result ?: settings_refuse_trial(settings, error);
	if (!result && settings->current & SG_CURRENT_CHANGING)
		result = count_again(policy, settings_generation(settings), error);
	if (result)
		return result;
	settings->current |= SG_CURRENT_CHANGING;
	return policy_write_settings(policy, settings, error);
}

/* Everything that was remembered under the old word is asked for again. */
static int finish(const struct policy *policy, struct sg_settings *settings, struct error *error)
{
	settings->current = (settings->current & ~SG_CURRENT_CHANGING) + SG_CURRENT_STEP;
	return policy_write_settings(policy, settings, error);
}

/* Takes an identifier and room in the filter for a new entry. */
static int make_room(const struct policy *policy, struct sg_settings *settings,
		     const struct entry *entry, uint32_t *id, struct error *error)
{
	__attribute__((cleanup(filter_unmap))) struct sg_filter *filter = NULL;
	struct sg_generation *generation = settings_generation(settings);
	uint32_t slot = SG_CURRENT_SLOT(settings->current);
	int result = filter_map(policy, &filter, error);

	if (result)
		return result;
	if (generation->next_entry_id >= generation->hits_row ||
	    *count_of(generation, entry->prefix.family) >= generation->capacity ||
	    filter_is_crowded(filter, slot, &entry->prefix, generation->filter_keys))
		return full_error(entry, error);
	filter_set(filter, slot, &entry->prefix, generation->filter_keys);
	*id = generation->next_entry_id++;
	return policy_write_settings(policy, settings, error);
}

static int put(const struct policy *policy, struct sg_settings *settings, const struct entry *entry,
	       struct error *error)
{
	int trie = policy_trie(policy, entry->prefix.family);
	struct sg_key6 key = policy_key(&entry->prefix);
	struct sg_entry value, old;
	bool exists = policy_find_exact(trie, &key, &old);
	uint32_t id = exists ? old.id : 0;
	int result = exists ? 0 : make_room(policy, settings, entry, &id, error);

	if (result)
		return result;
	value = policy_value(entry, id);
	if (bpf_map_update_elem(trie, &key, &value, BPF_ANY))
		return errno == ENOSPC ? full_error(entry, error)
				       : error_system(error, errno, "cannot write the entry");
	*count_of(settings_generation(settings), entry->prefix.family) += !exists;
	return 0;
}

int policy_put(const struct policy *policy, const struct entry *entry, struct error *error)
{
	struct sg_settings settings;
	struct error second;
	int result = begin(policy, &settings, error);

	if (result)
		return result;
	result = put(policy, &settings, entry, error);
	if (result)
		finish(policy, &settings, &second);
	return result ?: finish(policy, &settings, error);
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
	result = begin(policy, &settings, error);
	if (result)
		return result;
	if (bpf_map_delete_elem(trie, &key))
		result = error_system(error, errno, "cannot delete the entry");
	else
		--*count_of(settings_generation(&settings), prefix->family);
	return finish(policy, &settings, error) ?: result;
}
