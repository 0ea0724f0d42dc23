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

#define HITS_LAYOUT \
	{ \
		"hits", BPF_MAP_TYPE_ARRAY, 4, sizeof(struct sg_hits), 0, BPF_F_MMAPABLE \
	}

/* In the order of being pinned: settings last, because its pin makes the others count. */
static const struct policy_map {
	struct map_layout layout;
	size_t descriptor;
} policy_maps[] = {
	{{"ports", BPF_MAP_TYPE_ARRAY, 4, sizeof(struct sg_ports), 1, BPF_F_RDONLY_PROG},
	 offsetof(struct policy, ports)},
	{{"allow4", BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, SG_GENERATION_SLOTS, 0},
	 offsetof(struct policy, allow4)},
	{{"allow6", BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, SG_GENERATION_SLOTS, 0},
	 offsetof(struct policy, allow6)},
	{HITS_LAYOUT, offsetof(struct policy, hits)},
	{{"free_ids", BPF_MAP_TYPE_STACK, 0, 4, 0, 0}, offsetof(struct policy, free_ids)},
	{{"settings", BPF_MAP_TYPE_ARRAY, 4, sizeof(struct sg_settings), 1, BPF_F_RDONLY_PROG},
	 offsetof(struct policy, settings)},
};

#define POLICY_MAP_COUNT (sizeof(policy_maps) / sizeof(policy_maps[0]))

static const struct map_layout trie4 = {
	"trie4",
	BPF_MAP_TYPE_LPM_TRIE,
	sizeof(struct sg_key4),
	sizeof(struct sg_entry),
	0,
	BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG,
};
static const struct map_layout trie6 = {
	"trie6",
	BPF_MAP_TYPE_LPM_TRIE,
	sizeof(struct sg_key6),
	sizeof(struct sg_entry),
	0,
	BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG,
};

static int *descriptor_of(struct policy *policy, const struct policy_map *map)
{
	return (int *)((char *)policy + map->descriptor);
}

/* Creates empty tries of this capacity and puts them into the slot. */
static int create_tries(struct policy *policy, uint32_t slot, uint32_t capacity,
			struct error *error)
{
	policy->trie4 = map_create(&trie4, capacity, -1, error);
	if (policy->trie4 < 0)
		return policy->trie4;
	policy->trie6 = map_create(&trie6, capacity, -1, error);
	if (policy->trie6 < 0)
		return policy->trie6;
	if (bpf_map_update_elem(policy->allow4, &slot, &policy->trie4, BPF_ANY) ||
	    bpf_map_update_elem(policy->allow6, &slot, &policy->trie6, BPF_ANY))
		return error_system(error, errno, "cannot put the allowlist into its slot");
	return 0;
}

/*
 * Maps whose layout leaves it open have room for every identifier; the hit counters on every CPU.
 */
static uint32_t room_of(const struct map_layout *layout, uint32_t capacity)
{
	uint32_t ids = capacity * IDS_PER_CAPACITY;

	if (layout->max_entries)
		return layout->max_entries;
	return layout->type == BPF_MAP_TYPE_ARRAY ? ids * (uint32_t)libbpf_num_possible_cpus()
						  : ids;
}

static int create_maps(struct policy *policy, uint32_t capacity, struct error *error)
{
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++) {
		const struct map_layout *layout = &policy_maps[i].layout;
		cleanup_fd int inner = -1;
		int map;

		if (layout->type == BPF_MAP_TYPE_ARRAY_OF_MAPS)
			inner = map_create(strcmp(layout->name, "allow4") ? &trie6 : &trie4, 1, -1,
					   error);
		if (layout->type == BPF_MAP_TYPE_ARRAY_OF_MAPS && inner < 0)
			return inner;
		map = map_create(layout, room_of(layout, capacity), inner, error);
		if (map < 0)
			return map;
		*descriptor_of(policy, &policy_maps[i]) = map;
	}
	return 0;
}

int policy_create(struct policy *policy, uint32_t capacity, const struct entry_list *entries,
		  const struct sg_ports *ports, struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy created = POLICY_CLOSED;
	struct sg_settings settings = {
		.abi_version = SG_ABI_VERSION,
		.next_entry_id = (uint32_t)entries->count,
		.capacity = capacity,
	};
	int result;

	result = create_maps(&created, capacity, error);
	if (!result)
		result = create_tries(&created, settings.active, capacity, error);
	if (!result)
		result = policy_load(&created, entries, error);
	if (!result)
		result = policy_set_ports(&created, ports, error);
	if (!result)
		result = policy_write_settings(&created, &settings, error);
	if (result)
		return result;
	*policy = created;
	created = POLICY_CLOSED;
	return 0;
}

/* ROOT/policy/trie4_0: the name of a pin cannot have a dot. */
static void trie_path(char path[static PIN_PATH_SIZE], const struct map_layout *layout,
		      uint32_t slot)
{
	char name[32];

	snprintf(name, sizeof(name), "%s_%u", layout->name, slot);
	pin_policy_path(path, name);
}

static int check_settings(const struct sg_settings *settings, struct error *error)
{
	if (settings->abi_version == SG_ABI_VERSION && settings->active < SG_GENERATION_SLOTS)
		return 0;
	error_set(error, EXIT_SYSTEM, EPROTO,
		  "the pinned policy has layout version %u, this sipguard knows version %u",
		  settings->abi_version, SG_ABI_VERSION);
	error_hint(error, "use the sipguard that attached the guard, or start anew: "
			  "sipguard detach --all, then attach");
	return -EPROTO;
}

static int open_tries(struct policy *policy, uint32_t slot, struct error *error)
{
	char path[PIN_PATH_SIZE];

	trie_path(path, &trie4, slot);
	policy->trie4 = pin_map_open(path, &trie4, error);
	if (policy->trie4 < 0)
		return policy->trie4;
	trie_path(path, &trie6, slot);
	policy->trie6 = pin_map_open(path, &trie6, error);
	return policy->trie6 < 0 ? policy->trie6 : 0;
}

int policy_open(struct policy *policy, struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy opened = POLICY_CLOSED;
	struct sg_settings settings;
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
	result = policy_read_settings(&opened, &settings, error);
	if (!result)
		result = check_settings(&settings, error);
	if (!result)
		result = open_tries(&opened, settings.active, error);
	if (result)
		return result;
	*policy = opened;
	opened = POLICY_CLOSED;
	return 0;
}

static int pin_tries(const struct policy *policy, struct error *error)
{
	struct sg_settings settings;
	char path[PIN_PATH_SIZE];
	int result;

	result = policy_read_settings(policy, &settings, error);
	if (result)
		return result;
	trie_path(path, &trie4, settings.active);
	result = pin_object(policy->trie4, path, error);
	if (result)
		return result;
	trie_path(path, &trie6, settings.active);
	return pin_object(policy->trie6, path, error);
}

int policy_pin(const struct policy *policy, struct error *error)
{
	struct policy copy = *policy;
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
		result = pin_tries(policy, error);
	for (size_t i = 0; !result && i < POLICY_MAP_COUNT; i++) {
		pin_policy_path(path, policy_maps[i].layout.name);
		result = pin_object(*descriptor_of(&copy, &policy_maps[i]), path, error);
	}
	if (result)
		policy_unpin(&ignored);
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
	for (uint32_t slot = 0; !result && slot < SG_GENERATION_SLOTS; slot++) {
		trie_path(path, &trie4, slot);
		result = pin_remove(path, error);
		trie_path(path, &trie6, slot);
		result = result ?: pin_remove(path, error);
	}
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
	*policy = POLICY_CLOSED;
}

int policy_stop_counting(struct policy *policy, struct error *error)
{
	int none = map_create(&(struct map_layout)HITS_LAYOUT, 1, -1, error);

	if (none < 0)
		return none;
	close_descriptor(&policy->hits);
	policy->hits = none;
	return 0;
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

int policy_capacity(const struct policy *policy, uint32_t *capacity, struct error *error)
{
	struct sg_settings settings;
	int result = policy_read_settings(policy, &settings, error);

	if (!result)
		*capacity = settings.capacity;
	return result;
}
