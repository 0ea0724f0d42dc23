// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening what is to be changed, and clearing up behind commands that were killed. */
#include <errno.h>

#include "engine/change_kernel.h"
#include "engine/safety.h"

/* A limit that was to come with a shorter list goes with it. */
static int take_back(struct policy *policy, const struct state *state, struct error *error)
{
	int result = policy_set_ports(policy, &state->ports, error);

	result = result ?: kernel_replace(policy, state, NULL, 0, error);
	if (result != -ENOSPC)
		return result;
	result = policy_set_limit(policy, 0, error);
	return result ?: kernel_replace(policy, state, NULL, 0, error);
}

/*
 * The files are what counts: a killed command had not told anybody that its change was made, when
 * its drafts are still there.
 */
static int undo_interrupted(const struct context *context, struct policy *policy,
			    const struct state *state, struct error *error)
{
	int result = 0;

	if (!state_has_drafts() || state_on_trial(NULL))
		return 0;
	if (policy_is_open(policy))
		result = take_back(policy, state, error);
	if (result)
		return result;
	state_remove_drafts();
	context_notice(context, "an earlier command was interrupted: its change was undone");
	return 0;
}

/*
 * Ends a trial that was decided, or that is over. The files know of the decision before the kernel
 * does, because only there it can be made in one step.
 */
static int settle_trial(const struct context *context, struct policy *policy,
			const struct state *state, struct error *error)
{
	struct policy_trial trial = {};
	bool decided = state_trial_is_decided();
	int result = policy_is_open(policy) ? policy_trial(policy, &trial, error) : 0;

	if (result || (trial.state == CONFIRMATION_PENDING && !decided))
		return result;
	if (trial.state == CONFIRMATION_PENDING)
		result = policy_confirm(policy, &trial, error);
	if (!result && trial.state == CONFIRMATION_MISSED) {
		result = policy_end_trial(policy, error);
		if (!result && decided)
			result = kernel_replace(policy, state, NULL, 0, error);
	}
	if (result || !state_on_trial(NULL))
		return result;
	if (!decided)
		context_notice(context,
			       "a list that was on trial was not confirmed: the former one is "
			       "in force");
	return state_end_trial(decided, error);
}

static int open_any(const struct context *context, const struct entry_list *prefixes,
		    struct state *state, struct policy *policy, struct error *error)
{
	bool few = prefixes && prefixes->count <= CHANGE_FEW;
	int result = state_finish_commit(error);

	result = result ?: state_load_part(state, few ? prefixes : NULL, error);
	result = result ?: policy_open(policy, error);
	if (result && result != -ENOENT)
		return result;
	result = settle_trial(context, policy, state, error);
	return result ?: undo_interrupted(context, policy, state, error);
}

int change_open(const struct context *context, const struct entry_list *prefixes,
		struct state *state, struct policy *policy, struct error *error)
{
	int result = open_any(context, prefixes, state, policy, error);

	return result ?: refuse_lost_policy(policy, NULL, 0, error);
}

int change_open_anew(const struct context *context, struct state *state, struct policy *policy,
		     struct error *error)
{
	return open_any(context, NULL, state, policy, error);
}

int change_complete(const struct context *context, struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	__attribute__((cleanup(state_clear))) struct state state = {};

	return change_open(context, &(struct entry_list){}, &state, &policy, error);
}
