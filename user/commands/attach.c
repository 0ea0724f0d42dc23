// SPDX-License-Identifier: GPL-2.0-or-later
/* attach and detach */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "commands/change.h"
#include "commands/command.h"
#include "commands/guarding.h"
#include "commands/safety.h"
#include "store/baseline_file.h"
#include "store/declared.h"
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

/*
 * What the administrator's file says of guards holds for new ones, unless the command says
 * something else. A file that cannot be read must not leave a device open when the machine boots.
 */
static void read_declared(const struct invocation *invocation, struct attach_request *request)
{
	struct config config;
	struct error error;
	int result;

	config_default(&config);
	result = declared_load_config(NULL, &config, &error);
	if (result && result != -ENOENT)
		notice(invocation, "warning: %s; the mode is that of a file that says nothing",
		       error.message);
	if (!request->mode_given)
		request->mode = config.attach;
	request->first_mode = config.mode;
}

/* Whether one of the devices would drop: a guard that monitors goes on to do so. */
static bool any_would_enforce(const struct device *devices, int count, enum sg_mode first_mode)
{
	for (int i = 0; i < count; i++) {
		__attribute__((cleanup(guard_close))) struct guard guard = GUARD_CLOSED;
		struct device_mode mode = {first_mode, .reverts_to = first_mode};
		struct error ignored;

		if (!guard_open(&guard, devices[i].name, &ignored))
			device_maps_mode(&guard.maps, &mode, &ignored);
		if (device_mode_may_drop(&mode))
			return true;
	}
	return false;
}

static int capacity_error(struct error *error)
{
	error_set(error, EXIT_USAGE, EEXIST,
		  "the allowlist is loaded already: its capacity is chosen with the first attach");
	error_hint(error, "sipguard import plain FILE --capacity N loads it anew");
	return -EEXIST;
}

static int attach(const struct invocation *invocation, struct guarding *guarding,
		  struct error *error)
{
	json_t *object = NULL, *attached = NULL;
	int result;

	if (invocation->json) {
		object = answer_new(invocation);
		attached = json_array();
		json_object_set_new(object, "devices", attached);
	}
	result = guarding_attach(invocation, guarding, attached, error);
	if (!result && guarding->waits)
		notice(invocation, "sipguard confirm makes it stay");
	else if (!result && guarding->request.confirm)
		notice(invocation,
		       "there is nothing to confirm: a guard that monitors drops nobody");
	if (!result && object)
		return answer_print(object, EXIT_DONE, error);
	json_decref(object);
	return result;
}

int command_attach(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands names = {};
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
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
	struct guarding guarding = {.policy = &policy, .state = &state};
	cleanup_fd int lock = -1;
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &names, error);
	result = result ? result : read_mode(invocation, options.mode, &guarding.request, error);
	result = result
			 ?: capacity_parse(invocation, options.capacity_word, &options.capacity,
					   error);
	result = result ? result : read_confirm(invocation, &options, &guarding.request, error);
	if (result)
		return result;
	if (!names.count)
		return usage_error(invocation, error, "which device?");
	operands_unify(&names);
	guarding.request.monitor = options.monitor;
	guarding.request.replace = options.replace;
	read_declared(invocation, &guarding.request);
	guarding.capacity = options.capacity;

	devices = calloc((size_t)names.count, sizeof(*devices));
	if (!devices)
		return error_system(error, ENOMEM, "cannot attach");
	result = find_devices(&names, devices, error);
	if (result)
		return result;
	lock = lock_acquire(error);
	if (lock < 0)
		return lock;
	guarding.devices = devices;
	guarding.count = names.count;
	result = guarding_open(invocation, devices, names.count, &policy, &state, error);
	if (!result && options.capacity && policy_is_open(&policy))
		result = capacity_error(error);
	if (!result && !options.monitor && !options.allow_empty &&
	    any_would_enforce(devices, names.count, guarding.request.first_mode))
		result = refuse_empty_list(&state, error);
	return result ?: attach(invocation, &guarding, error);
}

static int detach_one(const struct invocation *invocation, const char *device, json_t *detached,
		      struct error *error)
{
	struct error ignored;
	int result = guard_detach(device, error);

	if (result)
		return result;
	baseline_file_remove(device, &ignored);
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
