// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/guarding.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "commands/change.h"
#include "commands/confirmation.h"
#include "commands/guard_changes.h"
#include "commands/progress_line.h"
#include "commands/safety.h"
#include "kernel/bpf_mount.h"
#include "kernel/clock.h"
#include "kernel/device_stack.h"
#include "kernel/pins.h"
#include "policy/names.h"
#include "policy/ports.h"
#include "store/versions.h"
#include "text/device_text.h"

int guarding_open(const struct invocation *invocation, const struct device *devices, int count,
		  struct policy *policy, struct state *state, struct error *error)
{
	int result = guard_sweep(error);

	result = result ?: change_open_anew(invocation, state, policy, error);
	result = result ?: refuse_lost_policy(policy, devices, count, error);
	if (!result && !policy_is_open(policy))
		entry_list_clear(&state->runtime);
	return result;
}

/* Whatever the files are: they are read again, and then versions of them. */
static int read_around_damage(const struct invocation *invocation, struct state *state,
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
			notice(invocation,
			       "warning: %s; version %u (%s) is in force instead: sipguard "
			       "rollback mends it",
			       damage->message, version->number, version->cause);
			return 0;
		}
	}
	*degraded = DEGRADED_EMPTY;
	ports_default(&state->ports);
	notice(invocation,
	       "warning: %s, and no version is whole: there are no entries, and guards monitor",
	       damage->message);
	return 0;
}

int guarding_open_at_boot(const struct invocation *invocation, const struct guarding *guarding,
			  struct state *state, bool runs_suffices, enum degradation *degraded,
			  struct error *error)
{
	struct policy *policy = guarding->policy;
	struct error damage, ignored;
	int result;

	*degraded = DEGRADED_NOT;
	result = guarding_open(invocation, guarding->devices, guarding->count, policy, state,
			       error);
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
		notice(invocation, "warning: %s; the policy in the kernel stays as it is",
		       damage.message);
		return 0;
	}
	if (result != -ENOENT)
		return result;
	state_forget_runtime(&ignored);
	return read_around_damage(invocation, state, degraded, &damage);
}

/* Makes the policy from the files, as after a reboot. */
static int create_policy(const struct invocation *invocation, struct policy *policy,
			 const struct state *state, uint32_t capacity, struct error *error)
{
	__attribute__((cleanup(progress_line_clear))) struct progress_line line;
	__attribute__((cleanup(entry_list_clear))) struct entry_list entries = {};
	int result = state_effective(state, clock_now(), &entries, error);

	progress_line_init(&line, invocation);
	result = result
			 ?: policy_create(policy, capacity, &entries, &state->ports, &line.progress,
					  error);
	if (!result && capacity)
		result = policy_set_limit(policy, capacity, error);
	return result ?: policy_pin(policy, error);
}

static const char *const outcome_words[] = {
	[ATTACH_FIRST] = "guarded",
	[ATTACH_REGAINED] = "guarded again, counters kept",
	[ATTACH_SWAPPED] = "program swapped, counters kept",
};

static void describe(const struct invocation *invocation, const struct device *device,
		     const struct attach_result *result, json_t *attached)
{
	const struct device_mode *mode = &result->policy_mode;
	bool monitors = mode->in_force == SG_MODE_MONITOR;
	char text[DEVICE_MODE_TEXT_SIZE + 2] = "";

	if (mode->confirmation != CONFIRMATION_NONE) {
		strcpy(text, ", ");
		device_mode_format(mode, text + 2);
	}

	if (result->fallback.message[0])
		notice(invocation, "warning: %s; fell back to generic mode, which is slower",
		       result->fallback.message);
	if (result->replaced.program_id)
		notice(invocation, "warning: the XDP program %u was taken off %s",
		       result->replaced.program_id, device_text(device->name).text);
	if (attached)
		json_array_append_new(attached,
				      json_pack("{s:s, s:s, s:s, s:o, s:b}", "device",
						device_text(device->name).text, "attach_mode",
						attach_mode_name(result->mode), "mode",
						mode_name(mode->in_force), "confirmation",
						confirmation_json(mode), "swapped",
						result->outcome == ATTACH_SWAPPED));
	else if (!invocation->quiet)
		printf("%s: %s, %s mode%s%s\n", device_text(device->name).text,
		       outcome_words[result->outcome], attach_mode_name(result->mode),
		       monitors ? ", monitoring: nothing is dropped" : "", text);
}

static void clear_results(struct attach_result *results, int count)
{
	for (int i = 0; i < count; i++)
		attach_result_clear(&results[i]);
	free(results);
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

static int attach_and_describe(const struct invocation *invocation, struct guarding *guarding,
			       bool created, json_t *attached, struct error *error)
{
	struct attach_result *results = calloc((size_t)guarding->count, sizeof(*results));
	int result;

	if (!results)
		return error_system(error, ENOMEM, "cannot attach");
	for (int i = 0; i < guarding->count; i++)
		results[i] = ATTACH_RESULT_CLEAR;
	result = attach_all(guarding, results, error);
	if (!result && created)
		result = forget_former(guarding, results, error);
	if (!result)
		guard_changes_begin(invocation, guarding->devices, guarding->count);
	for (int i = 0; !result && i < guarding->count; i++) {
		describe(invocation, &guarding->devices[i], &results[i], attached);
		guarding->waits |= results[i].policy_mode.confirmation == CONFIRMATION_PENDING;
	}
	clear_results(results, guarding->count);
	return result;
}

/* A BPF file system that somebody has mounted below the /sys of `ip netns exec`. */
static void warn_of_mount(const struct invocation *invocation)
{
	char name[NAME_MAX + 1];

	if (!strncmp(pin_root(), "/sys/", strlen("/sys/")) && bpf_mount_is_of_netns(name))
		notice(invocation,
		       "warning: the BPF file system at %s is one of `ip netns exec`, and the "
		       "guard ends with it: nsenter --net=/run/netns/%s sipguard attach ...",
		       pin_root(), name);
}

int guarding_attach(const struct invocation *invocation, struct guarding *guarding,
		    json_t *attached, struct error *error)
{
	__attribute__((cleanup(sample_maps_close))) struct sample_maps samples = SAMPLE_MAPS_CLOSED;
	struct policy *policy = guarding->policy;
	struct error ignored;
	bool created = false;
	int result = 0;

	if (!policy_is_open(policy)) {
		result = create_policy(invocation, policy, guarding->state, guarding->capacity,
				       error);
		created = !result;
	}
	guarding->request.policy = policy;
	guarding->request.samples = &samples;
	result = result ?: sample_maps_open_or_pin(&samples, error);
	result = result ?: attach_and_describe(invocation, guarding, created, attached, error);
	if (!result)
		warn_of_mount(invocation);
	if (result < 0 && created) {
		policy_unpin(&ignored);
		sample_maps_unpin(&ignored);
		policy_close(policy);
	}
	return result;
}
