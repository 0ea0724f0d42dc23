// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/policy_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "cleanup.h"
#include "kernel/pins.h"

static const uint32_t zero;

/* In the order of being pinned: settings last, because its pin makes the others count. */
static const struct policy_map {
	struct map_layout layout;
	size_t descriptor;
	const struct map_layout *inner;
} policy_maps[] = {
	{{"ports", BPF_MAP_TYPE_ARRAY, 4, sizeof(struct sg_ports), 1, BPF_F_RDONLY_PROG},
	 offsetof(struct policy, ports),
	 NULL},
	{{"filter", BPF_MAP_TYPE_ARRAY, 4, sizeof(struct sg_filter), 1, BPF_F_MMAPABLE},
	 offsetof(struct policy, filter),
	 NULL},
	{{"allow4", BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, SG_GENERATION_SLOTS, 0},
	 offsetof(struct policy, allow4),
	 &trie4_layout},
	{{"allow6", BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, SG_GENERATION_SLOTS, 0},
	 offsetof(struct policy, allow6),
	 &trie6_layout},
	{{"hits", BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, SG_GENERATION_SLOTS, 0},
	 offsetof(struct policy, hits),
	 &hit_rows_layout},
	{{"recents", BPF_MAP_TYPE_PERCPU_ARRAY, 4, sizeof(struct sg_recent_pair), SG_RECENT_PAIRS,
	  0},
	 offsetof(struct policy, recents),
	 NULL},
	{{"settings", BPF_MAP_TYPE_ARRAY, 4, sizeof(struct sg_settings), 1, BPF_F_RDONLY_PROG},
	 offsetof(struct policy, settings),
	 NULL},
};

#define POLICY_MAP_COUNT (sizeof(policy_maps) / sizeof(policy_maps[0]))

static int *descriptor_of(struct policy *policy, const struct policy_map *map)
{
	return (int *)((char *)policy + map->descriptor);
}

static int create_maps(struct policy *policy, struct error *error)
{
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++) {
		const struct map_layout *layout = &policy_maps[i].layout;
		cleanup_fd int inner = -1;
		int map;

		if (policy_maps[i].inner)
			inner = map_create(policy_maps[i].inner, 1, -1, error);
		if (policy_maps[i].inner && inner < 0)
			return inner;
		map = map_create(layout, layout->max_entries, inner, error);
		if (map < 0)
			return map;
		*descriptor_of(policy, &policy_maps[i]) = map;
	}
	return 0;
}

void policy_take_generation(struct policy *policy, struct policy_generation *generation)
{
	close_descriptor(&policy->trie4);
	close_descriptor(&policy->trie6);
	close_descriptor(&policy->hit_rows);
	policy->trie4 = take_descriptor(&generation->trie4);
	policy->trie6 = take_descriptor(&generation->trie6);
	policy->hit_rows = take_descriptor(&generation->hit_rows);
}

int policy_create(struct policy *policy, uint32_t capacity, const struct entry_list *entries,
		  const struct sg_ports *ports, const struct progress *progress,
		  struct error *error)
{
	__attribute__((cleanup(policy_discard))) struct policy_generation first =
		POLICY_GENERATION_NONE;
	__attribute__((cleanup(policy_close))) struct policy created = POLICY_CLOSED;
	struct sg_settings settings = {
		.abi_version = SG_ABI_VERSION,
		.current = SG_CURRENT_STEP,
	};
	int result;

	result = create_maps(&created, error);
	result =
		result ?: generation_build(&created, 0, capacity, entries, progress, &first, error);
	result = result ?: generation_install(&created, &first, error);
	result = result ?: policy_set_ports(&created, ports, error);
	if (result)
		return result;
	settings.generations[0] = first.made;
	result = policy_write_settings(&created, &settings, error);
	if (result)
		return result;
	policy_take_generation(&created, &first);
	*policy = created;
	created = POLICY_CLOSED;
	return 0;
}

static int check_settings(const struct sg_settings *settings, struct error *error)
{
	if (settings->abi_version == SG_ABI_VERSION)
		return 0;
	error_set(error, EXIT_SYSTEM, EPROTO,
		  "the pinned policy has layout version %u, this sipguard knows version %u",
		  settings->abi_version, SG_ABI_VERSION);
	error_hint(error, "use the sipguard that attached the guard, or start anew: "
			  "sipguard detach --all, then attach");
	return -EPROTO;
}

/* The one in force and, while one is on trial, the other too. */
static int open_generations(struct policy *policy, const struct sg_settings *settings,
			    struct error *error)
{
	__attribute__((cleanup(policy_discard))) struct policy_generation found =
		POLICY_GENERATION_NONE;
	uint32_t slot = SG_CURRENT_SLOT(settings_current(settings));
	int result = generation_open(slot, &found, error);

	policy_discard(&policy->other);
	if (!result && settings->revert_at)
		result = generation_open((slot + 1) % SG_GENERATION_SLOTS, &policy->other, error);
	if (!result)
		policy_take_generation(policy, &found);
	return result;
}

/* A reader takes no lock, so the generation may be another one by the time its pins are opened. */
static int open_current(struct policy *policy, struct error *error)
{
	int result = -ENOENT;

	for (int attempt = 0; result == -ENOENT && attempt < 10; attempt++) {
		struct sg_settings settings;

		result = policy_read_settings(policy, &settings, error);
		result = result ?: check_settings(&settings, error);
		result = result ?: open_generations(policy, &settings, error);
	}
	return result;
}

int policy_open(struct policy *policy, struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy opened = POLICY_CLOSED;
	int result;

	/* Backwards, because without the settings the rest does not count. */
	for (size_t i = POLICY_MAP_COUNT; i-- > 0;) {
		char path[PIN_PATH_SIZE];
		int map;

		pin_policy_path(path, policy_maps[i].layout.name);
		map = pin_map_open(path, &policy_maps[i].layout, error);
		if (map < 0)
			return map;
		*descriptor_of(&opened, &policy_maps[i]) = map;
	}
	result = open_current(&opened, error);
	if (result)
		return result;
	opened.pinned = true;
	*policy = opened;
	opened = POLICY_CLOSED;
	return 0;
}

struct policy_generation policy_own_generation(const struct policy *policy, uint32_t slot)
{
	return (struct policy_generation){
		.slot = slot,
		.trie4 = policy->trie4,
		.trie6 = policy->trie6,
		.hit_rows = policy->hit_rows,
	};
}

static int pin_current(const struct policy *policy, struct error *error)
{
	struct policy_generation current;
	struct sg_settings settings;
	int result = policy_read_settings(policy, &settings, error);

	if (result)
		return result;
	current = policy_own_generation(policy, SG_CURRENT_SLOT(settings.current));
	return generation_pin(&current, error);
}

int policy_pin(struct policy *policy, struct error *error)
{
	struct error ignored;
	char path[PIN_PATH_SIZE];
	int result;

	/* What a command that was killed before it came to the settings has left behind. */
	result = policy_unpin(error);
	if (result)
		return result;
	pin_policy_path(path, NULL);
	result = pin_directory_make(path, error);
	if (!result)
		result = pin_current(policy, error);
	for (size_t i = 0; !result && i < POLICY_MAP_COUNT; i++) {
		pin_policy_path(path, policy_maps[i].layout.name);
		result = pin_object(*descriptor_of(policy, &policy_maps[i]), path, error);
	}
	if (result)
		policy_unpin(&ignored);
	policy->pinned = !result;
	return result;
}

int policy_unpin(struct error *error)
{
	char path[PIN_PATH_SIZE];
	int result = 0;

	for (size_t i = POLICY_MAP_COUNT; !result && i-- > 0;) {
		pin_policy_path(path, policy_maps[i].layout.name);
		result = pin_remove(path, error);
	}
	for (uint32_t slot = 0; !result && slot < SG_GENERATION_SLOTS; slot++)
		result = generation_unpin(slot, error);
	pin_policy_path(path, NULL);
	if (!result && rmdir(path) && errno != ENOENT)
		return error_system(error, errno, "cannot remove %s", path);
	return result;
}

void policy_close(struct policy *policy)
{
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++)
		close_descriptor(descriptor_of(policy, &policy_maps[i]));
	close_descriptor(&policy->trie4);
	close_descriptor(&policy->trie6);
	close_descriptor(&policy->hit_rows);
	policy_discard(&policy->other);
	*policy = POLICY_CLOSED;
}

int policy_ports(const struct policy *policy, struct sg_ports *ports, struct error *error)
{
	if (bpf_map_lookup_elem(policy->ports, &zero, ports))
		return error_system(error, errno, "cannot read the guarded ports");
	return 0;
}

/* The kernel copies word by word, so a port that stays in the set is guarded throughout. */
int policy_set_ports(const struct policy *policy, const struct sg_ports *ports, struct error *error)
{
	if (bpf_map_update_elem(policy->ports, &zero, ports, BPF_ANY))
		return error_system(error, errno, "cannot write the guarded ports");
	return 0;
}

int policy_set_limit(const struct policy *policy, uint32_t limit, struct error *error)
{
	struct sg_settings settings;
	int result = policy_read_settings(policy, &settings, error);

	if (result)
		return result;
	settings.capacity_limit = limit;
	return policy_write_settings(policy, &settings, error);
}

/*
 * What the kernel says a map takes, in bytes. Of a trie that is its entries from 6.4 on, without
 * the nodes between them, and what it could hold before.
 */
static uint64_t map_memory(int map)
{
	char path[64], line[128];
	unsigned long long memory = 0;
	FILE *information;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", map);
	information = fopen(path, "re");
	while (information && fgets(line, sizeof(line), information)) {
		if (sscanf(line, "memlock: %llu", &memory) == 1)
			break;
	}
	if (information)
		fclose(information);
	return memory;
}

static struct policy_fill fill_of(struct sg_settings *settings)
{
	const struct sg_generation *generation = settings_generation(settings);

	return (struct policy_fill){
		.entries4 = generation->entries4,
		.entries6 = generation->entries6,
		.capacity = generation->capacity,
		.limit = settings->capacity_limit,
	};
}

int policy_observe(struct policy_fill *fill, struct policy_trial *trial, struct error *error)
{
	const struct map_layout *layout = &policy_maps[POLICY_MAP_COUNT - 1].layout;
	struct policy observed = POLICY_CLOSED;
	cleanup_fd int map = -1;
	struct sg_settings settings;
	char path[PIN_PATH_SIZE];
	int result;

	pin_policy_path(path, layout->name);
	map = pin_map_observe(path, layout, error);
	if (map < 0)
		return map;
	observed.settings = map;
	result = policy_read_settings(&observed, &settings, error);
	result = result ?: check_settings(&settings, error);
	if (result)
		return result;
	*fill = fill_of(&settings);
	*trial = trial_of(&settings);
	return 0;
}

int policy_fill(const struct policy *policy, struct policy_fill *fill, struct error *error)
{
	struct sg_settings settings;
	struct policy copy = *policy;
	int result = policy_read_settings(policy, &settings, error);

	if (result)
		return result;
	*fill = fill_of(&settings);
	fill->memory = map_memory(policy->trie4) + map_memory(policy->trie6) +
		       map_memory(policy->hit_rows);
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++)
		fill->memory += map_memory(*descriptor_of(&copy, &policy_maps[i]));
	return 0;
}
