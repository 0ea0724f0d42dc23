// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/change_kernel.h"

#include <errno.h>
#include <stdlib.h>

#include "kernel/clock.h"
#include "policy/ports.h"

/* To change an entry in place takes as long as to load so many into a new generation. */
#define EDIT_LOADS 500

/* A prefix whose entry becomes another one, or goes. */
struct kernel_edit {
	const struct prefix *prefix;
	bool goes;
};

int kernel_replace(struct policy *policy, const struct state *state,
		   const struct progress *progress, int64_t confirm, struct error *error)
{
	__attribute__((cleanup(policy_discard))) struct policy_generation next =
		POLICY_GENERATION_NONE;
	__attribute__((cleanup(entry_list_clear))) struct entry_list entries = {};
	int result = state_effective(state, clock_now(), &entries, error);

	result = result ?: policy_build(policy, &entries, progress, &next, error);
	progress_end(progress);
	if (result)
		return result;
	return confirm ? policy_try(policy, &next, confirm, error)
		       : policy_switch(policy, &next, error);
}

/*
 * What comes is put from the longest prefix to the shortest, then what goes is deleted from the
 * shortest to the longest. So at every moment each source meets the entry that was to decide on it
 * before, or the one that is to decide afterwards, and nobody whom both allow is dropped.
 */
static int compare_edits(const void *left, const void *right)
{
	const struct kernel_edit *a = left, *b = right;

	if (a->goes != b->goes)
		return a->goes - b->goes;
	return a->goes ? a->prefix->length - b->prefix->length
		       : b->prefix->length - a->prefix->length;
}

static int plan(struct kernel_change *change, const struct entry_list *prefixes,
		struct error *error)
{
	int64_t now = clock_now();

	change->edits = calloc(prefixes->count + 1, sizeof(*change->edits));
	if (!change->edits)
		return error_system(error, ENOMEM, "cannot change the allowlist");
	for (size_t i = 0; i < prefixes->count; i++) {
		const struct prefix *prefix = &prefixes->entries[i].prefix;

		change->edits[i] = (struct kernel_edit){
			prefix, !state_find_in_force(change->new, prefix, now)};
	}
	qsort(change->edits, prefixes->count, sizeof(*change->edits), compare_edits);
	return 0;
}

/* Makes the kernel's entry of this prefix what the state says. */
static int edit_prefix(const struct policy *policy, const struct state *state,
		       const struct prefix *prefix, struct error *error)
{
	const struct entry *entry = state_find_in_force(state, prefix, clock_now());

	if (entry)
		return policy_put(policy, entry, error);
	return policy_delete(policy, prefix, error);
}

static int edit(const struct policy *policy, struct kernel_change *change,
		const struct entry_list *prefixes, struct error *error)
{
	int result = plan(change, prefixes, error);

	while (!result && change->edited < prefixes->count)
		result = edit_prefix(policy, change->new, change->edits[change->edited++].prefix,
				     error);
	return result;
}

static bool is_replaced(const struct kernel_change *change, const struct entry_list *prefixes)
{
	const struct state *state = change->new;
	size_t count = state->persistent.count + state->runtime.count + state->declared.count;

	return change->capacity || prefixes->count > CHANGE_FEW + count / EDIT_LOADS;
}

static int change_entries(struct policy *policy, struct kernel_change *change,
			  const struct entry_list *prefixes, struct error *error)
{
	int result = -ENOSPC;

	if (!is_replaced(change, prefixes))
		result = edit(policy, change, prefixes, error);
	if (result != -ENOSPC)
		return result;
	result = kernel_replace(policy, change->new, change->progress, 0, error);
	change->switched = !result;
	return result;
}

/*
 * Ports that are no longer guarded go before the entries change, and those that become so follow
 * behind: so at every moment a packet gets what it got before or what it gets afterwards.
 */
static int set_ports_before(const struct policy *policy, const struct state *old,
			    const struct state *new, struct error *error)
{
	struct sg_ports common;

	if (ports_equal(&old->ports, &new->ports))
		return 0;
	ports_intersect(&old->ports, &new->ports, &common);
	return policy_set_ports(policy, &common, error);
}

static int set_ports_behind(const struct policy *policy, const struct state *old,
			    const struct state *new, struct error *error)
{
	if (ports_equal(&old->ports, &new->ports))
		return 0;
	return policy_set_ports(policy, &new->ports, error);
}

static int set_limit(const struct policy *policy, uint32_t limit, struct kernel_change *change,
		     struct error *error)
{
	struct policy_fill fill;
	int result = policy_fill(policy, &fill, error);

	result = result ?: policy_set_limit(policy, limit, error);
	if (result)
		return result;
	change->limited = true;
	change->former_limit = fill.limit;
	return 0;
}

int kernel_change_make(struct policy *policy, struct kernel_change *change,
		       const struct entry_list *prefixes, struct error *error)
{
	int result = 0;

	if (change->capacity)
		result = set_limit(policy, change->capacity, change, error);
	result = result ?: set_ports_before(policy, change->old, change->new, error);
	result = result ?: change_entries(policy, change, prefixes, error);
	return result ?: set_ports_behind(policy, change->old, change->new, error);
}

void kernel_change_undo(struct policy *policy, struct kernel_change *change)
{
	const struct state *old = change->old, *new = change->new;
	struct error ignored;

	if (change->limited)
		policy_set_limit(policy, change->former_limit, &ignored);
	set_ports_before(policy, new, old, &ignored);
	if (change->switched && !kernel_replace(policy, old, NULL, 0, &ignored))
		change->edited = 0;
	while (change->edited > 0)
		edit_prefix(policy, old, change->edits[--change->edited].prefix, &ignored);
	set_ports_behind(policy, new, old, &ignored);
}

void kernel_change_clear(struct kernel_change *change)
{
	free(change->edits);
}
