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

/* The word that names the generation in force now: `current`, unless it was not confirmed. */
uint64_t settings_current(const struct sg_settings *settings);

/* Of the generation in force. */
struct sg_generation *settings_generation(struct sg_settings *settings);

/* -EBUSY (EXIT_CONFLICT) while a generation is on trial: two are in use, and none may change. */
int settings_refuse_trial(const struct sg_settings *settings, struct error *error);

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

/* Opens the maps that are pinned for a slot. -ENOENT when one is missing. */
int generation_open(uint32_t slot, struct policy_generation *generation, struct error *error);

/*
 * Puts a complete generation into its slot and describes it there; what is left is the store to
 * `current`, which next_current() makes the word of.
 */
int generation_enter(const struct policy *policy, const struct policy_generation *generation,
		     struct sg_settings *settings, struct error *error);
uint64_t next_current(const struct sg_settings *settings, uint32_t slot);

/*
 * Adds what entries of one generation counted, on the CPUs alone or together with what they had
 * from former ones, to the entries of the same prefix in another.
 */
enum carry_what { CARRY_ALL, CARRY_OWN };
int hits_carry(const struct policy_generation *from, const struct policy_generation *to,
	       enum carry_what what, struct error *error);

/* The generation that the policy has open, its descriptors still the policy's. */
struct policy_generation policy_own_generation(const struct policy *policy, uint32_t slot);

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

/* Whether the generation in force waits for its confirmation, or missed it. */
struct policy_trial trial_of(const struct sg_settings *settings);

#endif
