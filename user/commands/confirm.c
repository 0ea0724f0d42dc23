// SPDX-License-Identifier: GPL-2.0-or-later
/* confirm: what was changed with --confirm stays */
#include <errno.h>

#include "cleanup.h"
#include "commands/command.h"
#include "commands/confirmation.h"
#include "engine/change.h"
#include "engine/memory.h"
#include "engine/safety.h"
#include "kernel/guard.h"
#include "policy/names.h"
#include "store/lock.h"
#include "store/state.h"

/* What --confirm can have changed: the modes of guards, and the allowlist. */
struct kernel_state {
	struct guards guards;
	struct policy policy;
};

static void kernel_state_close(struct kernel_state *state)
{
	guards_close(&state->guards);
	policy_close(&state->policy);
}

/* What was found, before it was confirmed. */
struct found {
	size_t pending;
	bool list_decided; /* by a confirm that was killed, and completed now */
	bool list_missed;
	bool mode_missed;
	enum sg_mode in_force; /* on the last guard that missed its confirmation */
};

static int look(const struct kernel_state *state, struct found *found, struct error *error)
{
	struct policy_trial trial;
	int result = policy_trial(&state->policy, &trial, error);

	if (result)
		return result;
	found->pending = trial.state == CONFIRMATION_PENDING;
	found->list_missed = trial.state == CONFIRMATION_MISSED;
	for (size_t i = 0; i < state->guards.count; i++) {
		struct device_mode mode;

		result = device_maps_mode(&state->guards.guards[i].maps, &mode, error);
		if (result)
			return result;
		found->pending += mode.confirmation == CONFIRMATION_PENDING;
		if (mode.confirmation == CONFIRMATION_MISSED) {
			found->mode_missed = true;
			found->in_force = mode.in_force;
		}
	}
	return 0;
}

static int late_mode_error(enum sg_mode in_force, struct error *error)
{
	bool monitors = in_force == SG_MODE_MONITOR;

	error_set(error, EXIT_ABSENT, ETIME,
		  "the confirmation comes too late: %s is in force again", mode_name(in_force));
	error_hint(error, "to try once more: sipguard mode %s --confirm 2m",
		   mode_name(monitors ? SG_MODE_ENFORCE : SG_MODE_MONITOR));
	return -ETIME;
}

static int nothing_error(const struct found *found, struct error *error)
{
	if (found->mode_missed)
		return late_mode_error(found->in_force, error);
	if (found->list_missed) {
		error_set(
			error, EXIT_ABSENT, ETIME,
			"the confirmation comes too late: the former allowlist is in force again");
		error_hint(error, "sipguard list shows it");
		return -ETIME;
	}
	error_set(error, EXIT_ABSENT, ENOENT, "nothing waits for a confirmation");
	error_hint(error, "sipguard status shows what is in force");
	return -ENOENT;
}

static int confirm_list(const struct invocation *invocation, struct policy *policy,
			const struct found *found, json_t *answer, struct error *error)
{
	bool confirmed;
	int result = change_confirm(&invocation->context, policy, &confirmed, error);

	if (result)
		return result;
	confirmed |= found->list_decided;
	if (found->list_missed)
		notice(invocation, "warning: for the allowlist the confirmation comes too late: "
				   "the former one is in force again");
	if (answer)
		json_object_set_new(answer, "allowlist_confirmed", json_boolean(confirmed));
	else if (confirmed && !invocation->quiet)
		puts("allowlist: confirmed");
	return 0;
}

/* What is confirmed is what a boot brings back from now on. */
static int remember(const struct kernel_state *state, struct memory *memory, struct error *error)
{
	int result = 0;

	for (size_t i = 0; !result && i < state->guards.count; i++) {
		const struct guard *guard = &state->guards.guards[i];
		const struct guard_wish *wish = guard_wishes_find_guarded(&memory->new,
									  guard->device);
		struct device_mode mode;

		result = device_maps_mode(&guard->maps, &mode, error);
		if (!result && wish && mode.confirmation == CONFIRMATION_PENDING)
			result = memory_set_mode(memory, guard->device, mode.in_force, wish->from,
						 error);
	}
	return result ?: memory_prepare(memory, error);
}

static int confirm_modes(const struct invocation *invocation, const struct kernel_state *state,
			 json_t *devices, struct error *error)
{
	int result = 0;

	for (size_t i = 0; !result && i < state->guards.count; i++) {
		const struct guard *guard = &state->guards.guards[i];
		struct device_mode mode;

		result = device_maps_confirm(&guard->maps, &mode, error);
		result = result ?: device_maps_mode(&guard->maps, &mode, error);
		if (!result)
			confirmation_show(invocation, guard->device, &mode, devices);
	}
	return result;
}

static int confirm_all(const struct invocation *invocation, struct kernel_state *state,
		       struct memory *memory, const struct found *found, json_t *answer,
		       struct error *error)
{
	json_t *devices = answer ? json_array() : NULL;
	int result;

	if (answer)
		json_object_set_new(answer, "devices", devices);
	result = remember(state, memory, error);
	result = result ?: confirm_list(invocation, &state->policy, found, answer, error);
	result = result ?: confirm_modes(invocation, state, devices, error);
	return result ?: memory_commit(&invocation->context, memory, error);
}

static int confirm(const struct invocation *invocation, struct kernel_state *state,
		   struct found *found, struct error *error)
{
	__attribute__((cleanup(memory_clear))) struct memory memory = {};
	json_t *answer;
	int result = memory_open(&invocation->context, &memory, error);

	result = result ?: look(state, found, error);
	if (result)
		return result;
	if (!found->pending && !found->list_decided)
		return nothing_error(found, error);
	answer = invocation->json ? answer_new(invocation) : NULL;
	result = confirm_all(invocation, state, &memory, found, answer, error);
	if (!result && answer)
		return answer_print(answer, EXIT_DONE, error);
	json_decref(answer);
	return result;
}

int command_confirm(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	__attribute__((cleanup(kernel_state_close))) struct kernel_state state = {
		.policy = POLICY_CLOSED,
	};
	struct found found = {};
	cleanup_fd int lock = -1;
	int result;

	result = operands_parse(invocation, NULL, 0, &words, error);
	if (result)
		return result;
	if (words.count)
		return usage_error(invocation, error, "confirm takes no operand");
	lock = lock_acquire(error);
	if (lock < 0)
		return lock;
	result = guards_open(&state.guards, error);
	if (result)
		return result;
	if (!state.guards.count)
		return not_attached_error(error);
	found.list_decided = state_trial_is_decided();
	if (found.list_decided)
		result = change_complete(&invocation->context, error);
	result = result ?: state_finish_commit(error);
	result = result ?: open_policy(&state.policy, error);
	return result ?: confirm(invocation, &state, &found, error);
}
