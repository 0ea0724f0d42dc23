// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the maps of a generation are pinned: two sets of pins, one for each slot. */
#include <stdio.h>

#include "kernel/policy_internal.h"

const struct map_layout trie4_layout = {
	"trie4",
	BPF_MAP_TYPE_LPM_TRIE,
	sizeof(struct sg_key4),
	sizeof(struct sg_entry),
	0,
	BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG,
};
const struct map_layout trie6_layout = {
	"trie6",
	BPF_MAP_TYPE_LPM_TRIE,
	sizeof(struct sg_key6),
	sizeof(struct sg_entry),
	0,
	BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG,
};
const struct map_layout hit_rows_layout = {
	"hits", BPF_MAP_TYPE_ARRAY, 4, sizeof(struct sg_hits), 0, BPF_F_MMAPABLE | BPF_F_INNER_MAP,
};

void generation_path(char path[static PIN_PATH_SIZE], const struct map_layout *layout,
		     uint32_t slot)
{
	char name[32];

	snprintf(name, sizeof(name), "%s_%u", layout->name, slot);
	pin_policy_path(path, name);
}

int generation_unpin(uint32_t slot, struct error *error)
{
	char path[PIN_PATH_SIZE];
	int result;

	generation_path(path, &trie4_layout, slot);
	result = pin_remove(path, error);
	generation_path(path, &trie6_layout, slot);
	result = result ?: pin_remove(path, error);
	generation_path(path, &hit_rows_layout, slot);
	return result ?: pin_remove(path, error);
}

int generation_pin(const struct policy_generation *generation, struct error *error)
{
	char path[PIN_PATH_SIZE];
	int result;

	/* What a command that was killed has left in this slot. */
	result = generation_unpin(generation->slot, error);
	generation_path(path, &trie4_layout, generation->slot);
	result = result ?: pin_object(generation->trie4, path, error);
	generation_path(path, &trie6_layout, generation->slot);
	result = result ?: pin_object(generation->trie6, path, error);
	generation_path(path, &hit_rows_layout, generation->slot);
	return result ?: pin_object(generation->hit_rows, path, error);
}

/* The map of a generation, or -ENOENT. */
static int open_of_slot(const struct map_layout *layout, uint32_t slot, struct error *error)
{
	char path[PIN_PATH_SIZE];

	generation_path(path, layout, slot);
	return pin_map_open(path, layout, error);
}

int generation_open(uint32_t slot, struct policy_generation *generation, struct error *error)
{
	__attribute__((cleanup(policy_discard))) struct policy_generation found =
		POLICY_GENERATION_NONE;

	found.slot = slot;
	found.trie4 = open_of_slot(&trie4_layout, slot, error);
	if (found.trie4 < 0)
		return found.trie4;
	found.trie6 = open_of_slot(&trie6_layout, slot, error);
	if (found.trie6 < 0)
		return found.trie6;
	found.hit_rows = open_of_slot(&hit_rows_layout, slot, error);
	if (found.hit_rows < 0)
		return found.hit_rows;
	*generation = found;
	found = POLICY_GENERATION_NONE;
	return 0;
}
