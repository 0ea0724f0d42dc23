// SPDX-License-Identifier: GPL-2.0-or-later
/* attach and detach */
#include "kernel/attach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "commands/change.h"
#include "commands/command.h"
#include "commands/confirmation.h"
#include "commands/progress_line.h"
#include "commands/safety.h"
#include "kernel/clock.h"
#include "policy/names.h"
#include "store/lock.h"
#include "store/state.h"
#include "text/escape.h"

struct attach_options {
	bool monitor;
	bool replace;
	bool allow_empty;
	const char *mode;
	const char *capacity_word;
	uint32_t capacity;
	const char *confirm_word;
};

static int read_mode(const struct invocation *invocation, const char *word,
		     struct attach_request *request, struct error *error)
{
	if (!word)
		return 0;
	request->mode_given = true;
	if (attach_mode_parse(word, &request->mode))
		return 0;
	return usage_error(invocation, error, "the mode is native, generic or auto");
}

static int read_confirm(const struct invocation *invocation, const struct attach_options *options,
			struct attach_request *request, struct error *error)
{
	if (!options->confirm_word)
		return 0;
	if (options->monitor)
		return usage_error(invocation, error,
				   "a guard that only monitors needs no confirmation");
	return confirm_parse(options->confirm_word, &request->confirm, error);
}

/* All devices are looked at before the first is touched. */
static int find_devices(const struct operands *names, struct device *devices, struct error *error)
{
	for (int i = 0; i < names->count; i++) {
		int result = device_find(names->words[i], &devices[i], error);

		if (result)
			return result;
	}
	return 0;
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

/* Whether one of the devices would drop: a guard that monitors goes on to do so. */
static bool any_would_enforce(const struct device *devices, int count)
{
	for (int i = 0; i < count; i++) {
		__attribute__((cleanup(guard_close))) struct guard guard = GUARD_CLOSED;
		struct device_mode mode = {.in_force = SG_MODE_ENFORCE};
		struct error ignored;

		if (!guard_open(&guard, devices[i].name, &ignored))
			device_maps_mode(&guard.maps, &mode, &ignored);
		if (device_mode_may_drop(&mode))
			return true;
	}
	return false;
}

/*
 * Opens the policy in the kernel and the state that belongs to it. A policy without a guard is what
 * a command that was killed has left. Where there is none yet, runtime entries are left over from
 * one that is no more.
 */
static int open_policy(const struct invocation *invocation, struct policy *policy,
		       struct state *state, struct error *error)
{
	int result = guard_sweep(error);

	result = result ?: change_open(invocation, NULL, state, policy, error);
	if (result || policy->settings >= 0)
		return result;
	entry_list_clear(&state->runtime);
	return state_forget_runtime(error);
}

static int capacity_error(struct error *error)
{
	error_set(error, EXIT_USAGE, EEXIST,
		  "the allowlist is loaded already: its capacity is chosen with the first attach");
	error_hint(error, "sipguard import plain FILE --capacity N loads it anew");
	return -EEXIST;
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
		       result->replaced.program_id, device->name);
	if (attached)
		json_array_append_new(attached,
				      json_pack("{s:s, s:s, s:s, s:o, s:b}", "device", device->name,
						"attach_mode", attach_mode_name(result->mode),
						"mode", mode_name(mode->in_force), "confirmation",
						confirmation_json(mode), "swapped",
						result->outcome == ATTACH_SWAPPED));
	else if (!invocation->quiet)
		printf("%s: %s, %s mode%s%s\n", device->name, outcome_words[result->outcome],
		       attach_mode_name(result->mode),
		       monitors ? ", monitoring: nothing is dropped" : "", text);
	if (mode->confirmation == CONFIRMATION_PENDING)
		notice(invocation, "sipguard confirm makes it stay");
}

static void clear_results(struct attach_result *results, int count)
{
	for (int i = 0; i < count; i++)
		attach_result_clear(&results[i]);
	free(results);
}

/* All devices, or none. The caller clears the results. */
static int attach_all(struct attach_request *request, const struct device *devices, int count,
		      struct attach_result *results, struct error *error)
{
	for (int i = 0; i < count; i++) {
		int result;

		request->device = &devices[i];
		result = guard_attach(request, &results[i], error);
		while (result && i-- > 0)
			guard_attach_undo(&devices[i], &results[i]);
		if (result)
			return result;
	}
	return 0;
}

static int answer(const struct invocation *invocation, const struct device *devices, int count,
		  const struct attach_result *results, struct error *error)
{
	json_t *object = NULL, *attached = NULL;

	if (invocation->json) {
		object = answer_new(invocation);
		attached = json_array();
		json_object_set_new(object, "devices", attached);
	}
	for (int i = 0; i < count; i++)
		describe(invocation, &devices[i], &results[i], attached);
	return object ? answer_print(object, EXIT_DONE, error) : EXIT_DONE;
}

static int attach(const struct invocation *invocation, struct attach_request *request,
		  const struct device *devices, int count, struct error *error)
{
	struct attach_result *results = calloc((size_t)count, sizeof(*results));
	int result;

	if (!results)
		return error_system(error, ENOMEM, "cannot attach");
	for (int i = 0; i < count; i++)
		results[i] = ATTACH_RESULT_CLEAR;
	result = attach_all(request, devices, count, results, error);
	result = result ? result : answer(invocation, devices, count, results, error);
	clear_results(results, count);
	return result;
}

int command_attach(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands names = {};
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	__attribute__((cleanup(sample_maps_close))) struct sample_maps samples = SAMPLE_MAPS_CLOSED;
	__attribute__((cleanup(state_clear))) struct state state = {};
	cleanup_free struct device *devices = NULL;
	struct attach_options options = {};
	const struct option_spec specs[] = {
		{"--mode", .value = &options.mode},
		{"--monitor", .flag = &options.monitor},
		{"--replace", .flag = &options.replace},
		{"--allow-empty", .flag = &options.allow_empty},
		{"--capacity", .value = &options.capacity_word},
		{"--confirm", .value = &options.confirm_word},
	};
	struct attach_request request = {.policy = &policy, .samples = &samples};
	cleanup_fd int lock = -1;
	struct error ignored;
	bool created = false;
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &names, error);
	result = result ? result : read_mode(invocation, options.mode, &request, error);
	result = result
			 ?: capacity_parse(invocation, options.capacity_word, &options.capacity,
					   error);
	result = result ? result : read_confirm(invocation, &options, &request, error);
	if (result)
		return result;
	if (!names.count)
		return usage_error(invocation, error, "which device?");
	operands_unify(&names);
	request.monitor = options.monitor;
	request.replace = options.replace;

	devices = calloc((size_t)names.count, sizeof(*devices));
	if (!devices)
		return error_system(error, ENOMEM, "cannot attach");
	result = find_devices(&names, devices, error);
	if (result)
		return result;
	lock = lock_acquire(error);
	if (lock < 0)
		return lock;
	result = open_policy(invocation, &policy, &state, error);
	if (!result && options.capacity && policy.settings >= 0)
		result = capacity_error(error);
	if (!result && !options.monitor && !options.allow_empty &&
	    any_would_enforce(devices, names.count))
		result = refuse_empty_list(&state, error);
	if (!result && policy.settings < 0) {
		result = create_policy(invocation, &policy, &state, options.capacity, error);
		created = !result;
	}
	result = result ? result : sample_maps_open_or_pin(&samples, error);
	result = result ? result : attach(invocation, &request, devices, names.count, error);
	if (result < 0 && created) {
		policy_unpin(&ignored);
		sample_maps_unpin(&ignored);
	}
	return result;
}

static int detach_one(const struct invocation *invocation, const char *device, json_t *detached,
		      struct error *error)
{
	int result = guard_detach(device, error);

	if (result)
		return result;
	if (detached)
		json_array_append_new(detached, json_string(device));
	else if (!invocation->quiet)
		printf("%s: no longer guarded\n", device);
	return 0;
}

/* Every name must have a guard before the first is taken off. */
static int check_names(const struct operands *names, struct error *error)
{
	for (int i = 0; i < names->count; i++) {
		__attribute__((cleanup(guard_close))) struct guard guard = GUARD_CLOSED;
		char escaped[64];
		int result;

		text_escape(escaped, sizeof(escaped), names->words[i], strlen(names->words[i]));
		if (strlen(names->words[i]) >= IF_NAMESIZE)
			return error_set(error, EXIT_ABSENT, ENOENT, "there is no guard on %s",
					 escaped);
		result = guard_open(&guard, names->words[i], error);
		/* Another version's guard can be detached, though not read. */
		if (result && result != -EPROTO)
			return result;
	}
	return 0;
}

static int detach_named(const struct invocation *invocation, const struct operands *names,
			json_t *detached, struct error *error)
{
	int result = guards_follow_names(error);

	/* Another version's guard can be detached, though not read. */
	if (result == -EPROTO)
		result = 0;
	result = result ? result : check_names(names, error);
	for (int i = 0; !result && i < names->count; i++)
		result = detach_one(invocation, names->words[i], detached, error);
	return result;
}

static int detach_everything(const struct invocation *invocation, json_t *detached,
			     struct error *error)
{
	cleanup_free char(*names)[IF_NAMESIZE] = NULL;
	size_t count;
	int result;

	result = guard_names(&names, &count, error);
	for (size_t i = 0; !result && i < count; i++)
		result = detach_one(invocation, names[i], detached, error);
	return result ? result : guard_sweep(error);
}

/* Runtime entries live as long as the policy in the kernel, and that goes with the last guard. */
static int forget_runtime_when_unused(struct error *error)
{
	cleanup_free char(*left)[IF_NAMESIZE] = NULL;
	size_t count;
	int result = guard_names(&left, &count, error);

	return result || count ? result : state_forget_runtime(error);
}

static int detach(const struct invocation *invocation, const struct operands *names,
		  json_t *detached, struct error *error)
{
	cleanup_fd int lock = lock_acquire(error);
	struct error ignored;
	int result;

	if (lock < 0)
		return lock;
	/* What a detach that was killed had still to do is no part of this one. */
	guard_sweep(&ignored);
	result = names->count ? detach_named(invocation, names, detached, error)
			      : detach_everything(invocation, detached, error);
	return result ? result : forget_runtime_when_unused(error);
}

int command_detach(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands names = {};
	json_t *detached = NULL, *answer;
	bool all = false;
	const struct option_spec specs[] = {{"--all", .flag = &all}};
	int result;

	result = operands_parse(invocation, specs, 1, &names, error);
	if (result)
		return result;
	if (all == (names.count > 0))
		return usage_error(invocation, error, "name the devices, or --all");
	operands_unify(&names);
	if (invocation->json)
		detached = json_array();
	result = detach(invocation, &names, detached, error);
	if (result || !invocation->json) {
		json_decref(detached);
		return result;
	}
	answer = answer_new(invocation);
	json_object_set_new(answer, "devices", detached);
	return answer_print(answer, EXIT_DONE, error);
}
