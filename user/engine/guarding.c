// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/guarding.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "engine/change.h"
#include "engine/guard_changes.h"
#include "engine/safety.h"
#include "kernel/bpf_mount.h"
#include "kernel/clock.h"
#include "kernel/device_stack.h"
#include "kernel/pins.h"
#include "policy/names.h"
#include "policy/ports.h"
#include "store/versions.h"
#include "text/device_text.h"

int guarding_open(const struct context *context, const struct device *devices, int count,
		  struct policy *policy, struct state *state, struct error *error)
{
	int result = guard_sweep(error);

	result = result ?: change_open_anew(context, state, policy, error);
	result = result ?: refuse_lost_policy(policy, devices, count, error);
	if (!result && !policy_is_open(policy))
		entry_list_clear(&state->runtime);
	return result;
}

/* Whatever the files are: they are read again, and then versions of them. */
static int read_around_damage(const struct context *context, struct state *state,
			      enum degradation *degraded, const struct error *damage)
{
	__attribute__((cleanup(versions_clear))) struct versions all = {};
	struct error ignored;

	if (!state_load(state, &ignored))
		return 0;
	*degraded = DEGRADED_FORMER;
	if (!versions_list(&all, &ignored)) {
		for (size_t i = all.count; i-- > 0;) {
			const struct version *version = &all.versions[i];

			if (versions_load(version->number, state, &ignored))
				continue;
			context_notice(context,
				       "warning: %s; version %u (%s) is in force instead: sipguard "
				       "rollback mends it",
				       damage->message, version->number, version->cause);
			return 0;
		}
	}
	*degraded = DEGRADED_EMPTY;
	ports_default(&state->ports);
	context_notice(
		context,
		"warning: %s, and no version is whole: there are no entries, and guards monitor",
		damage->message);
	return 0;
}

int guarding_open_at_boot(const struct context *context, const struct guarding *guarding,
			  struct state *state, bool runs_suffices, enum degradation *degraded,
			  struct error *error)
{
	struct policy *policy = guarding->policy;
	struct error damage, ignored;
	int result;

	*degraded = DEGRADED_NOT;
	result = guarding_open(context, guarding->devices, guarding->count, policy, state, error);
	if (!result || result == -EPROTO || error->status == EXIT_PRIVILEGE)
		return result;
	damage = *error;
	state_clear(state);
	*state = (struct state){};
	policy_close(policy);
	result = policy_open(policy, error);
	if (!result && !runs_suffices) {
		*error = damage;
		return -EBADMSG;
	}
	if (!result) {
		*degraded = DEGRADED_KERNEL;
		context_notice(context, "warning: %s; the policy in the kernel stays as it is",
			       damage.message);
		return 0;
	}
	if (result != -ENOENT)
		return result;
	state_forget_runtime(&ignored);
	return read_around_damage(context, state, degraded, &damage);
}

/* Makes the policy from the files, as after a reboot. */
static int create_policy(const struct context *context, struct policy *policy,
			 const struct state *state, uint32_t capacity, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list entries = {};
	int result = state_effective(state, clock_now(), &entries, error);

	result = result
			 ?: policy_create(policy, capacity, &entries, &state->ports,
					  context->progress, error);
	progress_end(context->progress);
	if (!result && capacity)
		result = policy_set_limit(policy, capacity, error);
	return result ?: policy_pin(policy, error);
}

static int attach_one(struct guarding *guarding, int i, struct attach_result *result,
		      struct error *error)
{
	struct attach_request *request = &guarding->request;

	request->device = &guarding->devices[i];
	if (!request->mode_given)
		request->mode = guarding->wishes[i].attach;
	request->first_mode = guarding->wishes[i].mode;
	return guard_attach(request, result, error);
}

/* What was not attached has no result to undo. */
static void undo_all(const struct guarding *guarding, const struct attach_result *results,
		     const bool *attached)
{
	for (int i = guarding->count; i-- > 0;) {
		if (attached[i])
			guard_attach_undo(&guarding->devices[i], &results[i]);
	}
}

/* All devices, or none, those below others first. The caller clears the results. */
static int attach_all(struct guarding *guarding, struct attach_result *results, struct error *error)
{
	__attribute__((cleanup(devices_clear))) struct devices devices = {};
	cleanup_free bool *attached = calloc((size_t)guarding->count, sizeof(*attached));
	int result = attached ? devices_list(&devices, error)
			      : error_system(error, ENOMEM, "cannot attach");

	for (unsigned int height = 0; !result && height <= DEVICE_HEIGHT_MAX; height++) {
		for (int i = 0; !result && i < guarding->count; i++) {
			if (devices_height(&devices, guarding->devices[i].index) != height)
				continue;
			result = attach_one(guarding, i, &results[i], error);
			attached[i] = !result;
		}
	}
	if (result && attached)
		undo_all(guarding, results, attached);
	return result;
}

/* Entries of a policy that is no more do not belong to the one that is in force from now on. */
static int forget_former(const struct guarding *guarding, const struct attach_result *results,
			 struct error *error)
{
	int result = state_forget_runtime(error);

	for (int i = guarding->count; result && i-- > 0;)
		guard_attach_undo(&guarding->devices[i], &results[i]);
	return result;
}

void attach_results_clear(struct attach_results *results)
{
	for (int i = 0; i < results->count; i++)
		attach_result_clear(&results->results[i]);
	free(results->results);
	*results = (struct attach_results){};
}

static int make_results(int count, struct attach_results *results, struct error *error)
{
	results->results = calloc((size_t)count, sizeof(*results->results));
	if (!results->results)
		return error_system(error, ENOMEM, "cannot attach");
	results->count = count;
	for (int i = 0; i < count; i++)
		results->results[i] = ATTACH_RESULT_CLEAR;
	return 0;
}

static int attach_to_policy(const struct context *context, struct guarding *guarding, bool created,
			    struct attach_results *attached, struct error *error)
{
	__attribute__((cleanup(attach_results_clear))) struct attach_results results = {};
	int result = make_results(guarding->count, &results, error);

	result = result ?: attach_all(guarding, results.results, error);
	if (!result && created)
		result = forget_former(guarding, results.results, error);
	if (result)
		return result;
	guard_changes_begin(context, guarding->devices, guarding->count);
	*attached = results;
	results = (struct attach_results){};
	return 0;
}

/* A BPF file system that somebody has mounted below the /sys of `ip netns exec`. */
static void warn_of_mount(const struct context *context)
{
	char name[NAME_MAX + 1];

	if (!strncmp(pin_root(), "/sys/", strlen("/sys/")) && bpf_mount_is_of_netns(name))
		context_notice(
			context,
			"warning: the BPF file system at %s is one of `ip netns exec`, and the "
			"guard ends with it: nsenter --net=/run/netns/%s sipguard attach ...",
			pin_root(), name);
}

int guarding_attach(const struct context *context, struct guarding *guarding,
		    struct attach_results *attached, struct error *error)
{
	__attribute__((cleanup(sample_maps_close))) struct sample_maps samples = SAMPLE_MAPS_CLOSED;
	struct policy *policy = guarding->policy;
	struct error ignored;
	bool created = false;
	int result = 0;

	if (!policy_is_open(policy)) {
		result = create_policy(context, policy, guarding->state, guarding->capacity, error);
		created = !result;
	}
	guarding->request.policy = policy;
	guarding->request.samples = &samples;
	result = result ?: sample_maps_open_or_pin(&samples, error);
	result = result ?: attach_to_policy(context, guarding, created, attached, error);
	if (!result)
		warn_of_mount(context);
	if (result < 0 && created) {
		policy_unpin(&ignored);
		sample_maps_unpin(&ignored);
		policy_close(policy);
	}
	return result;
}
