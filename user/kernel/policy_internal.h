/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files that make up kernel/policy.h share: the forms in which maps hold settings, keys
 * and entries.
 */
#ifndef SIPGUARD_USER_KERNEL_POLICY_INTERNAL_H
#define SIPGUARD_USER_KERNEL_POLICY_INTERNAL_H

#include "kernel/policy.h"

/* Each family has a trie of its own. */
#define IDS_PER_CAPACITY 2

int policy_read_settings(const struct policy *policy, struct sg_settings *settings,
			 struct error *error);
int policy_write_settings(const struct policy *policy, const struct sg_settings *settings,
			  struct error *error);

/* The descriptor of a family's trie; it belongs to the policy. */
int policy_trie(const struct policy *policy, uint8_t family);

/* A key of either family: sg_key4 is sg_key6 with a shorter address. */
struct sg_key6 policy_key(const struct prefix *prefix);

struct sg_entry policy_value(const struct entry *entry, uint32_t id);

/*
 * Whether the entry of exactly this key is there. A trie answers with the longest match, whose
 * length tells.
 */
bool policy_find_exact(int trie, const struct sg_key6 *key, struct sg_entry *value);

/*
 * The hit counters, mapped into memory: row after row, one for each CPU. hits_unmap() releases it.
 */
struct hits {
	struct sg_hits *counters;
	size_t row; /* identifiers */
	size_t cpus;
};

int hits_map(const struct policy *policy, struct hits *hits, struct error *error);
void hits_unmap(struct hits *hits);

int policy_full_error(const struct entry *entry, struct error *error);

/* Loads a sorted list into the empty tries, numbering the entries from 0. */
int policy_load(const struct policy *policy, const struct entry_list *list, struct error *error);

#endif
