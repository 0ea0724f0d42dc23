// SPDX-License-Identifier: GPL-2.0-or-later
/* From what is in force to what is declared, and back where it fails on the way. */
#include <errno.h>
#include <stdlib.h>

#include "cleanup.h"
#include "engine/apply.h"
#include "engine/change.h"
#include "engine/guarding.h"
#include "engine/modes.h"

static int change_entries(const struct context *context, const struct apply_request *request,
			  struct apply *apply, struct error *error)
{
	struct change_options options = {.goes_on = true};
	struct plan *plan = &apply->plan;

	/* What the entries are to be again is what they are: there is nothing to go back from. */
	if (plan->different)
		options.confirm = request->confirm;
	return change_apply(context, &apply->policy, &plan->old, &plan->new, &plan->edits, &options,
			    error);
}

/* Whether the mode of this device changes only until it is confirmed. */
static bool is_on_trial(const struct plan *plan, const char *device)
{
	const struct guard *guard = guards_find(&plan->guards, device);

	for (size_t i = 0; guard && i < plan->switched.count; i++) {
		if (&plan->guards.guards[plan->switched.places[i]] == guard)
			return true;
	}
	return !guard || guard->state != GUARD_ATTACHED;
}

/* What waits for its confirmation is remembered as it was, and as monitoring where it is new. */
static int remember(const struct apply_request *request, struct apply *apply, struct error *error)
{
	struct guard_wishes *next = &apply->memory.new;
	struct guard_wishes held = {};
	int result = guard_wishes_copy(&apply->plan.wishes, &held, error);

	for (size_t i = 0; request->confirm && i < held.count; i++) {
		struct guard_wish *wish = &held.wishes[i];
		const struct guard_wish *found = guard_wishes_find_guarded(next, wish->device);

		if (is_on_trial(&apply->plan, wish->device))
			wish->mode = found ? found->mode : SG_MODE_MONITOR;
	}
	if (result)
		return result;
	guard_wishes_clear(next);
	*next = held;
	return memory_prepare(&apply->memory, error);
}

/* As they are declared, which is how they would be remembered. */
static int make_wishes(const struct plan *plan, struct guard_wish **wishes, struct error *error)
{
	*wishes = calloc(plan->attach_count + 1, sizeof(**wishes));
	if (!*wishes)
		return error_system(error, ENOMEM, "cannot attach");
	for (size_t i = 0; i < plan->attach_count; i++)
		(*wishes)[i] = *guard_wishes_find(&plan->wishes, plan->attach[i].name);
	return 0;
}

static int attach_declared(const struct context *context, const struct apply_request *request,
			   struct apply *apply, struct error *error)
{
	const struct config *config = &apply->declared.config;
	cleanup_free struct guard_wish *wishes = NULL;
	struct plan *plan = &apply->plan;
	int result = make_wishes(plan, &wishes, error);
	struct guarding guarding = {
		.policy = &apply->policy,
		.state = &plan->new,
		.devices = plan->attach,
		.wishes = wishes,
		.count = (int)plan->attach_count,
		.request =
			{
				.mode_given = config_declares(config, CONFIG_ATTACH),
				.mode = config->attach,
				.monitor = plan->mode == SG_MODE_MONITOR,
				.confirm = plan->mode == SG_MODE_MONITOR ? 0 : request->confirm,
			},
	};

	if (result || !plan->attach_count)
		return result;
	return guarding_attach(context, &guarding, &apply->attached, error);
}

static int set_modes(const struct apply_request *request, struct plan *plan, struct error *error)
{
	return modes_set(&plan->guards, &plan->switched, plan->mode, request->confirm, error);
}

/* As far as it goes: the first error is the one that counts. */
static void take_entries_back(const struct context *context, struct apply *apply)
{
	const struct change_options options = {.goes_on = true, .goes_back = true};
	struct plan *plan = &apply->plan;
	struct error ignored;

	if (state_on_trial(NULL))
		change_give_up(&apply->policy, &ignored);
	else
		change_apply(context, &apply->policy, &plan->new, &plan->old, &plan->edits,
			     &options, &ignored);
}

/*
 * No guard drops before the entries are there, and none still drops when they are gone: so at every
 * moment a packet gets what it got before or what it gets afterwards.
 */
static int change_modes_and_entries(const struct context *context,
				    const struct apply_request *request, struct apply *apply,
				    struct error *error)
{
	struct plan *plan = &apply->plan;
	bool monitors = plan->mode == SG_MODE_MONITOR;
	int result = monitors ? set_modes(request, plan, error) : 0;

	if (result)
		return result;
	result = change_entries(context, request, apply, error);
	if (result && monitors)
		modes_restore(&plan->guards, &plan->switched);
	if (result || monitors)
		return result;
	result = set_modes(request, plan, error);
	if (result)
		take_entries_back(context, apply);
	return result;
}

static void take_back(const struct context *context, struct apply *apply)
{
	struct plan *plan = &apply->plan;
	bool monitors = plan->mode == SG_MODE_MONITOR;

	if (!monitors)
		modes_restore(&plan->guards, &plan->switched);
	take_entries_back(context, apply);
	if (monitors)
		modes_restore(&plan->guards, &plan->switched);
}

/*
 * What was changed for a time ends all at once: no packet meets the former list with the mode on
 * trial, or the other way round, for longer than it takes to read the clock twice.
 */
static void end_together(const struct apply *apply)
{
	const struct plan *plan = &apply->plan;
	struct policy_trial trial;
	struct error ignored;

	if (!state_on_trial(NULL) || policy_trial(&apply->policy, &trial, &ignored))
		return;
	for (size_t i = 0; i < plan->switched.count; i++)
		device_maps_end_mode_at(&plan->guards.guards[plan->switched.places[i]].maps,
					trial.ends, &ignored);
	for (size_t i = 0; i < plan->attach_count; i++) {
		__attribute__((cleanup(guard_close))) struct guard guard = GUARD_CLOSED;

		if (!guard_open(&guard, plan->attach[i].name, &ignored))
			device_maps_end_mode_at(&guard.maps, trial.ends, &ignored);
	}
}

/* New guards come last, when there is what they ask. */
int apply_carry_out(const struct context *context, const struct apply_request *request,
		    struct apply *apply, struct error *error)
{
	int result = store_directories_make(error);

	if (result)
		return result;
	change_keep_found(context);
	result = remember(request, apply, error);
	result = result ?: change_modes_and_entries(context, request, apply, error);
	if (result)
		return result;
	result = attach_declared(context, request, apply, error);
	result = result ?: memory_commit(context, &apply->memory, error);
	if (result) {
		take_back(context, apply);
		return result;
	}
	end_together(apply);
	change_keep_version(context);
	return 0;
}

void apply_clear(struct apply *apply)
{
	declared_clear(&apply->declared);
	policy_close(&apply->policy);
	plan_clear(&apply->plan);
	memory_clear(&apply->memory);
	attach_results_clear(&apply->attached);
}
