/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files that make up kernel/policy.h share: the forms in which maps hold settings, keys
 * and entries.
 */
#ifndef SIPGUARD_USER_KERNEL_POLICY_INTERNAL_H
#define SIPGUARD_USER_KERNEL_POLICY_INTERNAL_H

#include "kernel/pins.h"
#include "kernel/policy.h"

int policy_read_settings(const struct policy *policy, struct sg_settings *settings,
			 struct error *error);
int policy_write_settings(const struct policy *policy, const struct sg_settings *settings,
			  struct error *error);

/* Of the generation in force. */
struct sg_generation *settings_generation(struct sg_settings *settings);

/*
 * The tries and the rows of hit counters of a generation: how they are created, and where they are
 * pinned for a slot, ROOT/policy/trie4_0: the name of a pin cannot have a dot.
 */
extern const struct map_layout trie4_layout, trie6_layout, hit_rows_layout;
void generation_path(char path[static PIN_PATH_SIZE], const struct map_layout *layout,
		     uint32_t slot);
int generation_pin(const struct policy_generation *generation, struct error *error);
int generation_unpin(uint32_t slot, struct error *error);

/* Puts the generation's maps into its slot, or nothing into the slot. */
int generation_install(const struct policy *policy, const struct policy_generation *generation,
		       struct error *error);
int generation_remove(const struct policy *policy, uint32_t slot, struct error *error);

/* Builds a generation in a slot that no packet meets. `capacity` as for policy_create(). */
int generation_build(const struct policy *policy, uint32_t slot, uint32_t capacity,
		     const struct entry_list *entries, const struct progress *progress,
		     struct policy_generation *generation, struct error *error);

/* The policy owns the generation's maps from now on, and closes those it had. */
void policy_take_generation(struct policy *policy, struct policy_generation *generation);

/* The descriptor of a family's trie; it belongs to the policy. */
int policy_trie(const struct policy *policy, uint8_t family);

/* A key of either family: sg_key4 is sg_key6 with a shorter address. */
struct sg_key6 policy_key(const struct prefix *prefix);
struct prefix policy_prefix(uint8_t family, const struct sg_key6 *key);

struct sg_entry policy_value(const struct entry *entry, uint32_t id);

/*
 * Whether the entry of exactly this key is there. A trie answers with the longest match, whose
 * length tells.
 */
bool policy_find_exact(int trie, const struct sg_key6 *key, struct sg_entry *value);

/*
 * Walks through the entries of a trie in batches, in the trie's order. `visit` is called for each
 * and ends the walk with a negative errno.
 */
typedef int entry_visitor(void *context, uint8_t family, const struct sg_key6 *key,
			  const struct sg_entry *value, struct error *error);
int policy_walk(int trie, uint8_t family, entry_visitor *visit, void *context, struct error *error);

/*
 * The hit counters, mapped into memory: a row for each CPU and one for what former generations had
 * counted. hits_unmap() releases it.
 */
struct hits {
	struct sg_hits *counters;
	size_t row;  /* identifiers */
	size_t rows; /* the last one is of former generations */
};

int hits_map(int hit_rows, struct hits *hits, struct error *error);
void hits_unmap(struct hits *hits);
/* All rows of an identifier together. */
struct sg_hits hits_sum(const struct hits *hits, uint32_t id);

/* The filter, mapped into memory; filter_unmap() releases it. */
int filter_map(const struct policy *policy, struct sg_filter **filter, struct error *error);
void filter_unmap(struct sg_filter **filter);

#endif
