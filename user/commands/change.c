// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/change.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/change_kernel.h"
#include "kernel/clock.h"
#include "store/versions.h"

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

/* The kernel first, then the files. */
static int change_and_commit(struct policy *policy, struct state_drafts *drafts,
			     const struct state *old, const struct state *new,
			     const struct entry_list *prefixes,
			     const struct change_options *options, struct error *error)
{
	__attribute__((cleanup(kernel_change_clear))) struct kernel_change change = {old, new};
	int result = kernel_change_make(policy, &change, prefixes, options, error);

	result = result ?: state_commit(drafts, error);
	if (result)
		kernel_change_undo(policy, &change);
	return result;
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
	result = kernel_replace(policy, new, options->progress, options->confirm, error);
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
	if (!policy_is_open(policy))
		return state_commit(&drafts, error);
	if (options->confirm)
		return change_on_trial(policy, &drafts, new, options, cause, error);
	return change_and_commit(policy, &drafts, old, new, prefixes, options, error);
}

/* Ends that are given now are kept by the kernel's clock. */
static int refuse_ends_elsewhere(const struct state *new, const struct entry_list *prefixes,
				 struct error *error)
{
	int64_t now = clock_now();

	for (size_t i = 0; i < prefixes->count; i++) {
		const struct entry *entry = state_find_in_force(new, &prefixes->entries[i].prefix,
								now);

		if (entry && entry->until)
			return clock_refuse_namespace(error);
	}
	return 0;
}

int change_apply(const struct invocation *invocation, struct policy *policy,
		 const struct state *old, const struct state *new,
		 const struct entry_list *prefixes, const struct change_options *options,
		 struct error *error)
{
	const struct change_options none = {};
	char cause[STATE_CAUSE_SIZE];
	int result = policy_is_open(policy) ? policy_refuse_trial(policy, error) : 0;

	if (!options)
		options = &none;
	if (!result && policy_is_open(policy) && !options->goes_back)
		result = refuse_ends_elsewhere(new, prefixes, error);
	result = result ?: store_directories_make(error);
	if (result)
		return result;
	if (!options->goes_on)
		change_keep_found(invocation);
	invocation_describe(invocation, cause, sizeof(cause));
	result = change(policy, old, new, prefixes, options, cause, error);
	if (!result && !options->goes_on)
		change_keep_version(invocation);
	return result;
}

void change_keep_found(const struct invocation *invocation)
{
	keep_version(invocation, "found");
}

void change_keep_version(const struct invocation *invocation)
{
	char cause[STATE_CAUSE_SIZE];

	if (state_on_trial(NULL))
		return;
	invocation_describe(invocation, cause, sizeof(cause));
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
