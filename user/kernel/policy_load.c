// SPDX-License-Identifier: GPL-2.0-or-later
/* The forms of settings, keys and entries, and loading many of them at once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "cleanup.h"
#include "kernel/clock.h"
#include "kernel/policy_internal.h"

#define BATCH_SIZE 1024

static const uint32_t zero;

int policy_read_settings(const struct policy *policy, struct sg_settings *settings,
			 struct error *error)
{
	if (bpf_map_lookup_elem(policy->settings, &zero, settings))
		return error_system(error, errno, "cannot read the policy's settings");
	return 0;
}

int policy_write_settings(const struct policy *policy, const struct sg_settings *settings,
			  struct error *error)
{
	if (bpf_map_update_elem(policy->settings, &zero, settings, BPF_ANY))
		return error_system(error, errno, "cannot write the policy's settings");
	return 0;
}

static size_t hits_size(const struct hits *hits)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (hits->row * hits->cpus * sizeof(*hits->counters) + page - 1) / page * page;
}

int hits_map(const struct policy *policy, struct hits *hits, struct error *error)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);
	struct hits mapped = {.cpus = (size_t)libbpf_num_possible_cpus()};

	if (bpf_obj_get_info_by_fd(policy->hits, &info, &size))
		return error_system(error, errno, "cannot inspect the hit counters");
	mapped.row = info.max_entries / mapped.cpus;
	mapped.counters = mmap(NULL, hits_size(&mapped), PROT_READ | PROT_WRITE, MAP_SHARED,
			       policy->hits, 0);
	if (mapped.counters == MAP_FAILED)
		return error_system(error, errno, "cannot map the hit counters into memory");
	*hits = mapped;
	return 0;
}

void hits_unmap(struct hits *hits)
{
	if (hits->counters)
		munmap(hits->counters, hits_size(hits));
	*hits = (struct hits){};
}

int policy_trie(const struct policy *policy, uint8_t family)
{
	return family == SG_FAMILY_IPV4 ? policy->trie4 : policy->trie6;
}

struct sg_key6 policy_key(const struct prefix *prefix)
{
	struct sg_key6 key = {.prefix_length = prefix->length};

	memcpy(key.address, prefix->address, sizeof(key.address));
	return key;
}

struct sg_entry policy_value(const struct entry *entry, uint32_t id)
{
	return (struct sg_entry){
		.expires = clock_boot_from_unix(entry->until),
		.id = id,
		.prefix_length = entry->prefix.length,
		.verdict = entry->verdict,
	};
}

bool policy_find_exact(int trie, const struct sg_key6 *key, struct sg_entry *value)
{
	return !bpf_map_lookup_elem(trie, key, value) && value->prefix_length == key->prefix_length;
}

int policy_full_error(const struct entry *entry, struct error *error)
{
	char text[PREFIX_TEXT_SIZE];

	prefix_format(&entry->prefix, text);
	error_set(error, EXIT_SYSTEM, ENOSPC, "the allowlist is full: no room for %s", text);
	error_hint(error, "delete what is not used: sipguard list --unused 30d");
	return -ENOSPC;
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

/*
 * Loads entries of one family, which the list has side by side, and numbers them from `first_id`.
 */
static int load_family(int trie, const struct entry *entries, size_t count, uint32_t first_id,
		       struct error *error)
{
	cleanup_free struct batch *batch = malloc(sizeof(*batch));
	size_t loaded = 0;

	if (!batch)
		return error_system(error, ENOMEM, "cannot load the allowlist");
	while (loaded < count) {
		uint32_t done;

		batch->count = 0;
		while (batch->count < BATCH_SIZE && loaded + batch->count < count)
			batch_add(batch, &entries[loaded + batch->count],
				  first_id + (uint32_t)(loaded + batch->count));
		done = batch->count;
		if (bpf_map_update_batch(trie, batch->keys6, batch->values, &done, NULL)) {
			if (errno == ENOSPC)
				return policy_full_error(&entries[loaded + done], error);
			return error_system(error, errno, "cannot load the allowlist");
		}
		loaded += batch->count;
	}
	return 0;
}

int policy_load(const struct policy *policy, const struct entry_list *list, struct error *error)
{
	size_t count4 = 0;
	int result;

	while (count4 < list->count && list->entries[count4].prefix.family == SG_FAMILY_IPV4)
		count4++;
	result = load_family(policy->trie4, list->entries, count4, 0, error);
	if (result)
		return result;
	return load_family(policy->trie6, list->entries + count4, list->count - count4,
			   (uint32_t)count4, error);
}
