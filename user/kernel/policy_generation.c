// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generations of the allowlist: built aside, checked, switched to with one store, and released when
 * no packet can meet the old one any more.
 *
 * A slot is written only while no packet meets it. Packets meet the slot that `current` names, for
 * as long as they run; the kernel ends a change of a map of maps by waiting until all programs that
 * were running then have ended (maybe_wait_bpf_programs() in kernel/bpf/syscall.c), and that is how
 * a slot is known to be free after its maps were taken out of it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "cleanup.h"
#include "kernel/batch.h"
#include "kernel/policy_internal.h"
#include "policy/filter.h"

#define BATCH_SIZE 4096

/* How many entries are looked up in the new tries before they come into force. */
#define SAMPLE_SIZE 1024

int generation_install(const struct policy *policy, const struct policy_generation *generation,
		       struct error *error)
{
	uint32_t slot = generation->slot;

	if (bpf_map_update_elem(policy->hits, &slot, &generation->hit_rows, BPF_ANY) ||
	    bpf_map_update_elem(policy->allow4, &slot, &generation->trie4, BPF_ANY) ||
	    bpf_map_update_elem(policy->allow6, &slot, &generation->trie6, BPF_ANY))
		return error_system(error, errno, "cannot put the allowlist into its slot");
	return 0;
}

int generation_remove(const struct policy *policy, uint32_t slot, struct error *error)
{
	const int maps[] = {policy->hits, policy->allow4, policy->allow6};

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		if (bpf_map_delete_elem(maps[i], &slot) && errno != ENOENT)
			return error_system(error, errno, "cannot empty the slot of an allowlist");
	}
	return 0;
}

void policy_discard(struct policy_generation *generation)
{
	close_descriptor(&generation->trie4);
	close_descriptor(&generation->trie6);
	close_descriptor(&generation->hit_rows);
	*generation = POLICY_GENERATION_NONE;
}

/* The list has the families one after the other. */
static size_t count_ipv4(const struct entry_list *list)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->entries[middle].prefix.family == SG_FAMILY_IPV4)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int too_long_error(size_t count, uint32_t limit, struct error *error)
{
	error_set(error, EXIT_SYSTEM, ENOSPC,
		  "the allowlist is full: these would be %zu entries of one family, and %u is the "
		  "most; what is in force stays",
		  count, limit);
	error_hint(error,
		   "import --aggregate joins what can be joined, sipguard list --unused 30d shows "
		   "what is not used%s",
		   limit < POLICY_CAPACITY_MAX ? ", import --capacity N makes room" : "");
	return -ENOSPC;
}

/* Room for as many entries again as a quarter, so that single ones can be added in place. */
static int choose_capacity(const struct policy *policy, size_t most, uint32_t *capacity,
			   struct error *error)
{
	size_t wanted = most + most / 4;
	struct sg_settings settings;
	uint32_t limit;
	int result = policy_read_settings(policy, &settings, error);

	if (result)
		return result;
	limit = *capacity		  ? *capacity
		: settings.capacity_limit ? settings.capacity_limit
					  : POLICY_CAPACITY_MAX;
	if (most > limit)
		return too_long_error(most, limit, error);
	if (wanted < POLICY_CAPACITY_MIN)
		wanted = POLICY_CAPACITY_MIN;
	*capacity = wanted < limit && !*capacity ? (uint32_t)wanted : limit;
	return 0;
}

static int create_maps(struct policy_generation *generation, struct error *error)
{
	uint32_t rows = (uint32_t)libbpf_num_possible_cpus() + 1;

	generation->trie4 = map_create(&trie4_layout, generation->made.capacity, -1, error);
	if (generation->trie4 < 0)
		return generation->trie4;
	generation->trie6 = map_create(&trie6_layout, generation->made.capacity, -1, error);
	if (generation->trie6 < 0)
		return generation->trie6;
	generation->hit_rows = map_create(&hit_rows_layout, generation->made.hits_row * rows, -1,
					  error);
	return generation->hit_rows < 0 ? generation->hit_rows : 0;
}

struct batch {
	uint32_t count;
	union {
		struct sg_key4 keys4[BATCH_SIZE];
		struct sg_key6 keys6[BATCH_SIZE];
	};
	struct sg_entry values[BATCH_SIZE];
};

static void batch_add(struct batch *batch, const struct entry *entry, uint32_t id)
{
	struct sg_key6 key = policy_key(&entry->prefix);

	if (entry->prefix.family == SG_FAMILY_IPV4)
		memcpy(&batch->keys4[batch->count], &key, sizeof(struct sg_key4));
	else
		batch->keys6[batch->count] = key;
	batch->values[batch->count] = policy_value(entry, id);
	batch->count++;
}

static int batch_write(int trie, const struct batch *batch, uint8_t family)
{
	bool four = family == SG_FAMILY_IPV4;
	const struct batch_elements elements = {
		.keys = batch->keys6,
		.key_size = four ? sizeof(batch->keys4[0]) : sizeof(batch->keys6[0]),
		.values = batch->values,
		.value_size = sizeof(batch->values[0]),
		.count = batch->count,
	};

	return batch_update(trie, &elements);
}

static int load_error(int result, size_t loaded, size_t count, struct error *error)
{
	error_system(error, -result, "cannot load the allowlist: %zu of %zu entries are written",
		     loaded, count);
	if (result == -ENOMEM)
		error_hint(error, "what was in force stays; the kernel has no memory for the new "
				  "list: free some, or join entries with import --aggregate");
	return result;
}

/*
 * Loads entries of one family, numbered by their place in the list. In the list's order the paths
 * of neighbours in the trie are in the cache, which makes it several times as fast as any other.
 */
static int load_family(int trie, const struct entry_list *list, size_t from, size_t to,
		       const struct progress *progress, struct error *error)
{
	cleanup_free struct batch *batch = malloc(sizeof(*batch));

	if (!batch)
		return error_system(error, ENOMEM, "cannot load the allowlist");
	while (from < to) {
		int result;

		batch->count = 0;
		while (batch->count < BATCH_SIZE && from + batch->count < to) {
			size_t at = from + batch->count;

			batch_add(batch, &list->entries[at], (uint32_t)at);
		}
		result = batch_write(trie, batch, list->entries[from].prefix.family);
		if (result)
			return load_error(result, from, list->count, error);
		from += batch->count;
		progress_report(progress, "loading", from, list->count);
	}
	return 0;
}

static int fill_filter(const struct policy *policy, struct policy_generation *generation,
		       const struct entry_list *list, struct error *error)
{
	__attribute__((cleanup(filter_unmap))) struct sg_filter *filter = NULL;
	uint64_t seed;
	int result;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return error_system(error, errno, "cannot draw the filter's seed");
	result = filter_map(policy, &filter, error);
	if (result)
		return result;
	filter_lay_out(filter, generation->slot, list, seed);
	for (size_t i = 0; i < list->count; i++)
		filter_set(filter, generation->slot, &list->entries[i].prefix,
			   generation->made.filter_keys);
	return 0;
}

/* That a new generation answers for its list, before any packet asks it. */
static int check(const struct policy *policy, const struct policy_generation *generation,
		 const struct entry_list *list, struct error *error)
{
	__attribute__((cleanup(filter_unmap))) struct sg_filter *filter = NULL;
	size_t step = list->count / SAMPLE_SIZE + 1;
	int result = filter_map(policy, &filter, error);

	for (size_t i = 0; !result && i < list->count; i++) {
		const struct prefix *prefix = &list->entries[i].prefix;
		struct sg_key6 key = policy_key(prefix);
		struct sg_entry value;
		bool found = filter_passes(filter, generation->slot, prefix);

		if (found && i % step == 0)
			found = policy_find_exact(prefix->family == SG_FAMILY_IPV4
							  ? generation->trie4
							  : generation->trie6,
						  &key, &value) &&
				value.id == i;
		if (!found)
			return error_set(error, EXIT_SYSTEM, EPROTO,
					 "the new allowlist does not answer for its entries; the "
					 "one in force stays");
	}
	return result;
}

int generation_build(const struct policy *policy, uint32_t slot, uint32_t capacity,
		     const struct entry_list *list, const struct progress *progress,
		     struct policy_generation *generation, struct error *error)
{
	__attribute__((cleanup(policy_discard))) struct policy_generation built =
		POLICY_GENERATION_NONE;
	size_t count4 = count_ipv4(list), count6 = list->count - count4;
	int result;

	result = choose_capacity(policy, count4 > count6 ? count4 : count6, &capacity, error);
	if (result)
		return result;
	built.slot = slot;
	built.made = (struct sg_generation){
		.capacity = capacity,
		.entries4 = (uint32_t)count4,
		.entries6 = (uint32_t)count6,
		.next_entry_id = (uint32_t)list->count,
		.hits_row = (uint32_t)list->count + capacity / 4 + 1024,
	};
	result = create_maps(&built, error);
	result = result ?: fill_filter(policy, &built, list, error);
	result = result ?: load_family(built.trie4, list, 0, count4, progress, error);
	result = result ?: load_family(built.trie6, list, count4, list->count, progress, error);
	result = result ?: check(policy, &built, list, error);
	if (result)
		return result;
	*generation = built;
	built = POLICY_GENERATION_NONE;
	return 0;
}

int policy_build(const struct policy *policy, const struct entry_list *list,
		 const struct progress *progress, struct policy_generation *generation,
		 struct error *error)
{
	struct sg_settings settings;
	uint32_t slot;
	int result = policy_read_settings(policy, &settings, error);

	result = result ?: settings_refuse_trial(&settings, error);
	if (result)
		return result;
	slot = (SG_CURRENT_SLOT(settings.current) + 1) % SG_GENERATION_SLOTS;
	/* A killed command may have left its maps there; emptying the slot waits for packets too.
	 */
	result = generation_remove(policy, slot, error);
	return result ?: generation_build(policy, slot, 0, list, progress, generation, error);
}

uint64_t next_current(const struct sg_settings *settings, uint32_t slot)
{
	return ((settings->current + SG_CURRENT_STEP) & ~(SG_CURRENT_STEP - 1)) | slot;
}

/* Before the store that makes the slot count, its description must be there. */
int generation_enter(const struct policy *policy, const struct policy_generation *generation,
		     struct sg_settings *settings, struct error *error)
{
	int result;

	result = policy->pinned ? generation_pin(generation, error) : 0;
	result = result ?: generation_install(policy, generation, error);
	result = result ?: policy_read_settings(policy, settings, error);
	if (result)
		return result;
	settings->generations[generation->slot] = generation->made;
	return policy_write_settings(policy, settings, error);
}

/* Nothing can fail behind the store that makes it count. */
int policy_switch(struct policy *policy, struct policy_generation *generation, struct error *error)
{
	uint32_t old = (generation->slot + 1) % SG_GENERATION_SLOTS;
	struct policy_generation former = policy_own_generation(policy, old);
	struct sg_settings settings;
	struct error ignored;
	int result;

	result = generation_enter(policy, generation, &settings, error);
	if (result)
		return result;
	settings.current = next_current(&settings, generation->slot);
	result = policy_write_settings(policy, &settings, error);
	if (result)
		return result;

	/* No packet counts in the old generation any more when its slot is empty. */
	generation_remove(policy, old, &ignored);
	hits_carry(&former, generation, CARRY_ALL, &ignored);
	if (policy->pinned)
		generation_unpin(old, &ignored);
	policy_take_generation(policy, generation);
	return 0;
}
