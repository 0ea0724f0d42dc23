// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/change.h"

#include <errno.h>

#include "engine/change_kernel.h"
#include "kernel/clock.h"
#include "store/versions.h"

/* The kernel first, then the files. */
static int change_and_commit(const struct context *context, struct policy *policy,
			     struct state_drafts *drafts, const struct state *old,
			     const struct state *new, const struct entry_list *prefixes,
			     const struct change_options *options, struct error *error)
{
	__attribute__((cleanup(kernel_change_clear))) struct kernel_change change = {
		.old = old,
		.new = new,
		.capacity = options->capacity,
		.progress = context->progress,
	};
	int result = kernel_change_make(policy, &change, prefixes, error);

	result = result ?: state_commit(drafts, error);
	if (result)
		kernel_change_undo(policy, &change);
	return result;
}

/* The change does not depend on it. */
static void keep_version(const struct context *context, const char *cause)
{
	struct error error;

	if (versions_keep(cause, clock_now(), &error))
		context_notice(context, "warning: no version for rollback: %s", error.message);
}

/* The drafts wait for the confirmation of what is in the kernel. */
static int change_on_trial(const struct context *context, struct policy *policy,
			   struct state_drafts *drafts, const struct state *new,
			   const struct change_options *options, struct error *error)
{
	struct error ignored;
	int result = state_begin_trial(drafts, context->cause, error);

	if (result)
		return result;
	result = kernel_replace(policy, new, context->progress, options->confirm, error);
	if (result)
		state_end_trial(false, &ignored);
	return result;
}

static int change(const struct context *context, struct policy *policy, const struct state *old,
		  const struct state *new, const struct entry_list *prefixes,
		  const struct change_options *options, struct error *error)
{
	__attribute__((cleanup(state_discard))) struct state_drafts drafts = {};
	int result = state_draft(&drafts, old, new, error);

	if (result)
		return result;
	if (!policy_is_open(policy))
		return state_commit(&drafts, error);
	if (options->confirm)
		return change_on_trial(context, policy, &drafts, new, options, error);
	return change_and_commit(context, policy, &drafts, old, new, prefixes, options, error);
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

int change_apply(const struct context *context, struct policy *policy, const struct state *old,
		 const struct state *new, const struct entry_list *prefixes,
		 const struct change_options *options, struct error *error)
{
	const struct change_options none = {};
	int result = policy_is_open(policy) ? policy_refuse_trial(policy, error) : 0;

	if (!options)
		options = &none;
	if (!result && policy_is_open(policy) && !options->goes_back)
		result = refuse_ends_elsewhere(new, prefixes, error);
	result = result ?: store_directories_make(error);
	if (result)
		return result;
	if (!options->goes_on)
		change_keep_found(context);
	result = change(context, policy, old, new, prefixes, options, error);
	if (!result && !options->goes_on)
		change_keep_version(context);
	return result;
}

void change_keep_found(const struct context *context)
{
	keep_version(context, "found");
}

void change_keep_version(const struct context *context)
{
	if (!state_on_trial(NULL))
		keep_version(context, context->cause);
}

int change_confirm(const struct context *context, struct policy *policy, bool *confirmed,
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
		keep_version(context, cause);
	return result;
}

int change_give_up(struct policy *policy, struct error *error)
{
	int result = policy_give_up(policy, error);

	if (!result && state_on_trial(NULL))
		result = state_end_trial(false, error);
	return result;
}
