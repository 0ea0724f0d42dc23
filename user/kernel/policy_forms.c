// SPDX-License-Identifier: GPL-2.0-or-later
/* The forms in which maps hold settings, keys, entries, hit counters and the filter. */
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

#define BATCH_SIZE 4096

static const uint32_t zero;

int policy_read_settings(const struct policy *policy, struct sg_settings *settings,
			 struct error *error)
{
	if (bpf_map_lookup_elem(policy->settings, &zero, settings))
		return error_system(error, errno, "cannot read the policy's settings");
	return 0;
}

/* The kernel copies word by word, so a packet sees `current` as it was or as it is now. */
int policy_write_settings(const struct policy *policy, const struct sg_settings *settings,
			  struct error *error)
{
	if (bpf_map_update_elem(policy->settings, &zero, settings, BPF_ANY))
		return error_system(error, errno, "cannot write the policy's settings");
	return 0;
}

uint64_t settings_current(const struct sg_settings *settings)
{
	bool reverted = settings->revert_at && (uint64_t)clock_boot() >= settings->revert_at;

	return reverted ? settings->revert_current : settings->current;
}

struct sg_generation *settings_generation(struct sg_settings *settings)
{
	return &settings->generations[SG_CURRENT_SLOT(settings_current(settings))];
}

int settings_refuse_trial(const struct sg_settings *settings, struct error *error)
{
	if (!settings->revert_at)
		return 0;
	error_set(
		error, EXIT_CONFLICT, EBUSY,
		"the allowlist in force waits for its confirmation, and cannot be changed before");
	error_hint(error, "sipguard confirm keeps it; otherwise the former one comes back, as "
			  "sipguard status tells");
	return -EBUSY;
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

struct prefix policy_prefix(uint8_t family, const struct sg_key6 *key)
{
	struct prefix prefix = {.family = family, .length = (uint8_t)key->prefix_length};

	memcpy(prefix.address, key->address, family == SG_FAMILY_IPV4 ? 4 : 16);
	return prefix;
}

struct sg_entry policy_value(const struct entry *entry, uint32_t id)
{
	return (struct sg_entry){
		.expires = entry->until ? clock_boot_from_unix(entry->until) : 0,
		.id = id,
		.prefix_length = entry->prefix.length,
		.verdict = entry->verdict,
	};
}

bool policy_find_exact(int trie, const struct sg_key6 *key, struct sg_entry *value)
{
	return !bpf_map_lookup_elem(trie, key, value) && value->prefix_length == key->prefix_length;
}

struct walk {
	union {
		struct sg_key4 keys4[BATCH_SIZE];
		struct sg_key6 keys6[BATCH_SIZE];
	};
	struct sg_entry values[BATCH_SIZE];
};

static struct sg_key6 key_at(const struct walk *walk, uint8_t family, uint32_t index)
{
	struct sg_key6 key = {};

	if (family == SG_FAMILY_IPV6)
		return walk->keys6[index];
	memcpy(&key, &walk->keys4[index], sizeof(walk->keys4[index]));
	return key;
}

int policy_walk(int trie, uint8_t family, entry_visitor *visit, void *context, struct error *error)
{
	cleanup_free struct walk *walk = malloc(sizeof(*walk));
	struct sg_key6 position;
	void *from = NULL;
	int failed = 0;

	if (!walk)
		return error_system(error, ENOMEM, "cannot read the allowlist");
	while (!failed) {
		uint32_t count = BATCH_SIZE;

		failed = bpf_map_lookup_batch(trie, from, &position, walk->keys6, walk->values,
					      &count, NULL);
		/* ENOENT is how the end of the trie is told. */
		if (failed && errno != ENOENT)
			return error_system(error, errno, "cannot read the allowlist");
		for (uint32_t i = 0; i < count; i++) {
			struct sg_key6 key = key_at(walk, family, i);
			int result = visit(context, family, &key, &walk->values[i], error);

			if (result)
				return result;
		}
		from = &position;
	}
	return 0;
}

static size_t hits_size(const struct hits *hits)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (hits->row * hits->rows * sizeof(*hits->counters) + page - 1) / page * page;
}

int hits_map(int hit_rows, struct hits *hits, struct error *error)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);
	struct hits mapped = {.rows = (size_t)libbpf_num_possible_cpus() + 1};

	if (bpf_obj_get_info_by_fd(hit_rows, &info, &size))
		return error_system(error, errno, "cannot inspect the hit counters");
	mapped.row = info.max_entries / mapped.rows;
	mapped.counters = mmap(NULL, hits_size(&mapped), PROT_READ | PROT_WRITE, MAP_SHARED,
			       hit_rows, 0);
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

struct sg_hits hits_sum(const struct hits *hits, uint32_t id)
{
	struct sg_hits sum = {};

	for (size_t row = 0; row < hits->rows && id < hits->row; row++) {
		const volatile struct sg_hits *counted = &hits->counters[row * hits->row + id];
		uint64_t last_seen = counted->last_seen;

		sum.packets += counted->packets;
		if (last_seen > sum.last_seen)
			sum.last_seen = last_seen;
	}
	return sum;
}

static size_t filter_size(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (sizeof(struct sg_filter) + page - 1) / page * page;
}

int filter_map(const struct policy *policy, struct sg_filter **filter, struct error *error)
{
	void *mapped = mmap(NULL, filter_size(), PROT_READ | PROT_WRITE, MAP_SHARED, policy->filter,
			    0);

	if (mapped == MAP_FAILED)
		return error_system(error, errno, "cannot map the filter into memory");
	*filter = mapped;
	return 0;
}

void filter_unmap(struct sg_filter **filter)
{
	if (*filter)
		munmap(*filter, filter_size());
	*filter = NULL;
}
