// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/change.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/clock.h"
#include "policy/ports.h"
#include "store/versions.h"
#include "text/escape.h"

/*
 * To change an entry in place takes as long as to load so many into a new generation, and to make
 * and switch one as long as so many changes.
 */
#define EDIT_LOADS   500
#define SWITCH_EDITS 120

/* What is to be done to the kernel, and what of it was, so that it can be undone. */
struct work {
	bool limited;
	uint32_t former_limit;
	struct edit *edits;
	size_t edited;
	bool switched;
};

/* A prefix whose entry becomes another one, or goes. */
struct edit {
	const struct prefix *prefix;
	bool goes;
};

static bool is_in_kernel(const struct policy *policy)
{
	return policy->settings >= 0;
}

/*
 * Puts a new generation in force that has what the state says, and nothing else; with `confirm` for
 * so many seconds, unless it is confirmed.
 */
static int replace(struct policy *policy, const struct state *state,
		   const struct progress *progress, int64_t confirm, struct error *error)
{
	__attribute__((cleanup(policy_discard))) struct policy_generation next =
		POLICY_GENERATION_NONE;
	__attribute__((cleanup(entry_list_clear))) struct entry_list entries = {};
	int result = state_effective(state, clock_now(), &entries, error);

	result = result ?: policy_build(policy, &entries, progress, &next, error);
	if (result)
		return result;
	return confirm ? policy_try(policy, &next, confirm, error)
		       : policy_switch(policy, &next, error);
}

/* A limit that was to come with a shorter list goes with it. */
static int take_back(struct policy *policy, const struct state *state, struct error *error)
{
	int result = policy_set_ports(policy, &state->ports, error);

	result = result ?: replace(policy, state, NULL, 0, error);
	if (result != -ENOSPC)
		return result;
	result = policy_set_limit(policy, 0, error);
	return result ?: replace(policy, state, NULL, 0, error);
}

/*
 * The files are what counts: a killed command had not told anybody that its change was made, when
 * its drafts are still there.
 */
static int undo_interrupted(const struct invocation *invocation, struct policy *policy,
			    const struct state *state, struct error *error)
{
	int result = 0;

	if (!state_has_drafts() || state_on_trial(NULL))
		return 0;
	if (is_in_kernel(policy))
		result = take_back(policy, state, error);
	if (result)
		return result;
	state_remove_drafts();
	notice(invocation, "an earlier command was interrupted: its change was undone");
	return 0;
}

/*
 * Ends a trial that was decided, or that is over. The files know of the decision before the kernel
 * does, because only there it can be made in one step.
 */
static int settle_trial(const struct invocation *invocation, struct policy *policy,
			const struct state *state, struct error *error)
{
	struct policy_trial trial = {};
	bool decided = state_trial_is_decided();
	int result = is_in_kernel(policy) ? policy_trial(policy, &trial, error) : 0;

	if (result || (trial.state == CONFIRMATION_PENDING && !decided))
		return result;
	if (trial.state == CONFIRMATION_PENDING)
		result = policy_confirm(policy, &trial, error);
	if (!result && trial.state == CONFIRMATION_MISSED) {
		result = policy_end_trial(policy, error);
		if (!result && decided)
			result = replace(policy, state, NULL, 0, error);
	}
	if (result || !state_on_trial(NULL))
		return result;
	if (!decided)
		notice(invocation, "a list that was on trial was not confirmed: the former one is "
				   "in force");
	return state_end_trial(decided, error);
}

int change_open(const struct invocation *invocation, const struct entry_list *prefixes,
		struct state *state, struct policy *policy, struct error *error)
{
	bool few = prefixes && prefixes->count <= SWITCH_EDITS;
	int result = state_finish_commit(error);

	result = result ?: state_load_part(state, few ? prefixes : NULL, error);
	result = result ?: policy_open(policy, error);
	if (result && result != -ENOENT)
		return result;
	result = settle_trial(invocation, policy, state, error);
	return result ?: undo_interrupted(invocation, policy, state, error);
}

int change_complete(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	__attribute__((cleanup(state_clear))) struct state state = {};

	return change_open(invocation, &(struct entry_list){}, &state, &policy, error);
}

int capacity_parse(const struct invocation *invocation, const char *word, uint32_t *capacity,
		   struct error *error)
{
	unsigned long value = 0;
	char *end;

	if (word)
		value = strtoul(word, &end, 10);
	if (word && (word[0] < '1' || word[0] > '9' || *end || value > POLICY_CAPACITY_MAX))
		return usage_error(invocation, error, "the capacity is a number up to %d",
				   POLICY_CAPACITY_MAX);
	*capacity = (uint32_t)value;
	return 0;
}

/*
 * What comes is put from the longest prefix to the shortest, then what goes is deleted from the
 * shortest to the longest. So at every moment each source meets the entry that was to decide on it
 * before, or the one that is to decide afterwards, and nobody whom both allow is dropped.
 */
static int compare_edits(const void *left, const void *right)
{
	const struct edit *a = left, *b = right;

	if (a->goes != b->goes)
		return a->goes - b->goes;
	return a->goes ? a->prefix->length - b->prefix->length
		       : b->prefix->length - a->prefix->length;
}

static int plan(const struct state *new, const struct entry_list *prefixes, struct work *work,
		struct error *error)
{
	int64_t now = clock_now();

	work->edits = calloc(prefixes->count + 1, sizeof(*work->edits));
	if (!work->edits)
		return error_system(error, ENOMEM, "cannot change the allowlist");
	for (size_t i = 0; i < prefixes->count; i++) {
		const struct prefix *prefix = &prefixes->entries[i].prefix;

		work->edits[i] = (struct edit){prefix, !state_find_in_force(new, prefix, now)};
	}
	qsort(work->edits, prefixes->count, sizeof(*work->edits), compare_edits);
	return 0;
}

static void forget(struct work *work)
{
	free(work->edits);
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

static int edit(const struct policy *policy, const struct state *state,
		const struct entry_list *prefixes, struct work *work, struct error *error)
{
	int result = plan(state, prefixes, work, error);

	while (!result && work->edited < prefixes->count)
		result = edit_prefix(policy, state, work->edits[work->edited++].prefix, error);
	return result;
}

static bool is_replaced(const struct state *state, const struct entry_list *prefixes,
			const struct change_options *options)
{
	size_t count = state->persistent.count + state->runtime.count + state->declared.count;

	return options->capacity || prefixes->count > SWITCH_EDITS + count / EDIT_LOADS;
}

static int change_entries(struct policy *policy, const struct state *new,
			  const struct entry_list *prefixes, const struct change_options *options,
			  struct work *work, struct error *error)
{
	int result = -ENOSPC;

	if (!is_replaced(new, prefixes, options))
		result = edit(policy, new, prefixes, work, error);
	if (result != -ENOSPC)
		return result;
	result = replace(policy, new, options->progress, 0, error);
	work->switched = !result;
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

static void undo(struct policy *policy, const struct state *old, const struct state *new,
		 struct work *work)
{
	struct error ignored;

	if (work->limited)
		policy_set_limit(policy, work->former_limit, &ignored);
	set_ports_before(policy, new, old, &ignored);
	if (work->switched && !replace(policy, old, NULL, 0, &ignored))
		work->edited = 0;
	while (work->edited > 0)
		edit_prefix(policy, old, work->edits[--work->edited].prefix, &ignored);
	set_ports_behind(policy, new, old, &ignored);
}

static int set_limit(const struct policy *policy, uint32_t limit, struct work *work,
		     struct error *error)
{
	struct policy_fill fill;
	int result = policy_fill(policy, &fill, error);

	result = result ?: policy_set_limit(policy, limit, error);
	if (result)
		return result;
	work->limited = true;
	work->former_limit = fill.limit;
	return 0;
}

/* Limit, ports and entries in the kernel, then the files. */
static int change_and_commit(struct policy *policy, struct state_drafts *drafts,
			     const struct state *old, const struct state *new,
			     const struct entry_list *prefixes,
			     const struct change_options *options, struct error *error)
{
	__attribute__((cleanup(forget))) struct work work = {};
	int result = 0;

	if (options->capacity)
		result = set_limit(policy, options->capacity, &work, error);
	result = result ?: set_ports_before(policy, old, new, error);
	result = result ?: change_entries(policy, new, prefixes, options, &work, error);
	result = result ?: set_ports_behind(policy, old, new, error);
	result = result ?: state_commit(drafts, error);
	if (result)
		undo(policy, old, new, &work);
	return result;
}

/* The words of the command, escaped, as far as there is room. */
static void describe(const struct invocation *invocation, char cause[static STATE_CAUSE_SIZE])
{
	size_t used = (size_t)snprintf(cause, STATE_CAUSE_SIZE, "%s", invocation->command->name);

	for (int i = 0; i < invocation->word_count && used + 2 < STATE_CAUSE_SIZE; i++) {
		const char *word = invocation->words[i];

		cause[used++] = ' ';
		text_escape(cause + used, STATE_CAUSE_SIZE - used, word, strlen(word));
		used += strlen(cause + used);
	}
}

/* The change does not depend on it. */
static void keep_version(const struct invocation *invocation, const char *cause)
{
	struct error error;

	if (versions_keep(cause, clock_now(), &error))
		notice(invocation, "warning: no version for rollback: %s", error.message);
}

/* The drafts wait for the confirmation of what is in the kernel. */
static int change_on_trial(struct policy *policy, struct state_drafts *drafts,
			   const struct state *new, const struct change_options *options,
			   const char *cause, struct error *error)
{
	struct error ignored;
	int result = state_begin_trial(drafts, cause, error);

	if (result)
		return result;
	result = replace(policy, new, options->progress, options->confirm, error);
	if (result)
		state_end_trial(false, &ignored);
	return result;
}

static int change(struct policy *policy, const struct state *old, const struct state *new,
		  const struct entry_list *prefixes, const struct change_options *options,
		  const char *cause, struct error *error)
{
	__attribute__((cleanup(state_discard))) struct state_drafts drafts = {};
	int result = state_draft(&drafts, old, new, error);

	if (result)
		return result;
	if (!is_in_kernel(policy))
		return state_commit(&drafts, error);
	if (options->confirm)
		return change_on_trial(policy, &drafts, new, options, cause, error);
	return change_and_commit(policy, &drafts, old, new, prefixes, options, error);
}

int change_apply(const struct invocation *invocation, struct policy *policy,
		 const struct state *old, const struct state *new,
		 const struct entry_list *prefixes, const struct change_options *options,
		 struct error *error)
{
	const struct change_options none = {};
	char cause[STATE_CAUSE_SIZE];
	int result = is_in_kernel(policy) ? policy_refuse_trial(policy, error) : 0;

	result = result ?: store_directories_make(error);
	if (result)
		return result;
	if (!options)
		options = &none;
	if (!options->goes_on)
		keep_version(invocation, "found");
	describe(invocation, cause);
	result = change(policy, old, new, prefixes, options, cause, error);
	if (!result && !options->goes_on)
		change_keep_version(invocation);
	return result;
}

void change_keep_version(const struct invocation *invocation)
{
	char cause[STATE_CAUSE_SIZE];

	if (state_on_trial(NULL))
		return;
	describe(invocation, cause);
	keep_version(invocation, cause);
}

int change_confirm(const struct invocation *invocation, struct policy *policy, bool *confirmed,
		   struct error *error)
{
	char cause[STATE_CAUSE_SIZE];
	struct policy_trial trial;
	struct error ignored;
	int result = policy_trial(policy, &trial, error);

	*confirmed = false;
	if (result || trial.state != CONFIRMATION_PENDING)
		return result;
	if (state_on_trial(cause))
		result = state_decide_trial(error);
	result = result ?: policy_confirm(policy, &trial, error);
	*confirmed = !result && trial.state == CONFIRMATION_PENDING;
	if (!state_on_trial(NULL))
		return result;
	if (!*confirmed) {
		state_end_trial(false, &ignored);
		return result;
	}
	result = state_end_trial(true, error);
	if (!result)
		keep_version(invocation, cause);
	return result;
}

int change_give_up(struct policy *policy, struct error *error)
{
	int result = policy_give_up(policy, error);

	if (!result && state_on_trial(NULL))
		result = state_end_trial(false, error);
	return result;
}
