// SPDX-License-Identifier: GPL-2.0-or-later
/* attach: guard devices, or swap the program of their guards */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "commands/command.h"
#include "commands/guarding_show.h"
#include "engine/change.h"
#include "engine/guarding.h"
#include "engine/memory.h"
#include "engine/safety.h"
#include "store/declared.h"
#include "store/lock.h"
#include "store/state.h"

struct attach_options {
	bool monitor;
	bool replace;
	bool allow_empty;
	const char *mode;
	const char *capacity_word;
	uint32_t capacity;
	const char *confirm_word;
	bool runtime;
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
	if (options->runtime)
		return usage_error(invocation, error,
				   "what is confirmed is remembered: either "
				   "--confirm or --runtime");
	if (options->monitor)
		return usage_error(invocation, error,
				   "a guard that only monitors needs no confirmation");
	return confirm_parse(options->confirm_word, &request->confirm, error);
}

static int read_options(const struct invocation *invocation, struct attach_options *options,
			struct attach_request *request, struct error *error)
{
	int result = read_mode(invocation, options->mode, request, error);

	result = result
			 ?: capacity_parse(invocation, options->capacity_word, &options->capacity,
					   error);
	request->monitor = options->monitor;
	request->replace = options->replace;
	return result ?: read_confirm(invocation, options, request, error);
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

/* What a file that says nothing of guards leaves is native and enforce. */
static void read_declared(const struct invocation *invocation, struct config *config)
{
	struct error error;
	int result;

	config_default(config);
	result = declared_load_config(NULL, config, &error);
	if (result && result != -ENOENT)
		notice(invocation,
		       "warning: %s; a device keeps the mode that is remembered of it, or else "
		       "enforces",
		       error.message);
}

/* The mode that this attach leaves, unless something is confirmed. */
static enum sg_mode lasting_mode(const struct attach_request *request,
				 const struct device_mode *found, enum sg_mode otherwise)
{
	enum sg_mode mode = found ? found->reverts_to : otherwise;

	if (request->monitor)
		return SG_MODE_MONITOR;
	if (request->confirm && (found ? found->in_force : mode) == SG_MODE_ENFORCE)
		return SG_MODE_MONITOR;
	return mode;
}

/*
 * What is chosen for one device: by the command's words, or else by what is remembered, or else by
 * the administrator's file. The mode of a guard that is there goes on.
 */
static struct guard_wish choose(const struct attach_request *request, const char *device,
				const struct guard_wish *remembered, const struct config *config)
{
	__attribute__((cleanup(guard_close))) struct guard guard = GUARD_CLOSED;
	struct guard_wish wish = {.guarded = true, .from = WISH_TYPED};
	struct device_mode mode;
	struct error ignored;
	bool found;

	found = !guard_open(&guard, device, &ignored) &&
		!device_maps_mode(&guard.maps, &mode, &ignored);
	strcpy(wish.device, device);
	wish.attach = remembered ? remembered->attach : config->attach;
	wish.mode = remembered ? remembered->mode : config->mode;
	if (found && guard.state == GUARD_ATTACHED && wish.attach != ATTACH_AUTO)
		wish.attach = guard.attach_mode;
	if (request->mode_given)
		wish.attach = request->mode;
	if (remembered && !request->monitor && !request->confirm) {
		wish.from = request->mode_given ? WISH_TYPED : remembered->from;
		return wish;
	}
	wish.mode = lasting_mode(request, found ? &mode : NULL, wish.mode);
	return wish;
}

/* The first guard of a device that is to be confirmed drops until then. */
static enum sg_mode first_mode(const struct attach_request *request, const struct guard_wish *wish,
			       const struct guard_wish *remembered, const struct config *config)
{
	if (!request->confirm)
		return wish->mode;
	return remembered ? remembered->mode : config->mode;
}

/* `guarding` gets the modes of first guards, the memory what is to outlive a reboot. */
static int choose_all(struct guarding *guarding, struct guard_wish *wishes, struct memory *memory,
		      const struct config *config, bool runtime, struct error *error)
{
	for (int i = 0; i < guarding->count; i++) {
		const char *device = guarding->devices[i].name;
		const struct guard_wish *remembered = guard_wishes_find_guarded(&memory->new,
										device);
		struct guard_wish chosen = choose(&guarding->request, device, remembered, config);
		int result = 0;

		wishes[i] = chosen;
		wishes[i].mode = first_mode(&guarding->request, &chosen, remembered, config);
		if (!runtime)
			result = guard_wishes_put(&memory->new, &chosen, error);
		if (result)
			return result;
	}
	/* A file that is there tells that what it does not have is not to be remembered. */
	memory->rewrite |= runtime && memory->absent;
	guarding->wishes = wishes;
	return 0;
}

/* Whether one of the devices would drop: a guard that monitors goes on to do so. */
static bool any_would_enforce(const struct guarding *guarding)
{
	for (int i = 0; i < guarding->count; i++) {
		__attribute__((cleanup(guard_close))) struct guard guard = GUARD_CLOSED;
		enum sg_mode first = guarding->wishes[i].mode;
		struct device_mode mode = {first, .reverts_to = first};
		struct error ignored;

		if (!guard_open(&guard, guarding->devices[i].name, &ignored))
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

/* Whether what was done has to be confirmed. */
static bool any_waits(const struct attach_results *results)
{
	for (int i = 0; i < results->count; i++) {
		if (results->results[i].policy_mode.confirmation == CONFIRMATION_PENDING)
			return true;
	}
	return false;
}

static int attach(const struct invocation *invocation, struct guarding *guarding,
		  struct memory *memory, struct error *error)
{
	__attribute__((cleanup(attach_results_clear))) struct attach_results results = {};
	json_t *object = NULL, *attached = NULL;
	int result;

	result = memory_prepare(memory, error);
	result = result ?: guarding_attach(&invocation->context, guarding, &results, error);
	result = result ?: memory_commit(&invocation->context, memory, error);
	if (result)
		return result;
	if (invocation->json) {
		object = answer_new(invocation);
		attached = json_array();
		json_object_set_new(object, "devices", attached);
	}
	guarding_show(invocation, guarding->devices, &results, attached);
	if (any_waits(&results))
		notice(invocation, "sipguard confirm makes it stay");
	else if (guarding->request.confirm)
		notice(invocation,
		       "there is nothing to confirm: a guard that monitors drops nobody");
	return object ? answer_print(object, EXIT_DONE, error) : EXIT_DONE;
}

/* Nothing is changed before all that could speak against it was looked at. */
static int look_and_attach(const struct invocation *invocation,
			   const struct attach_options *options, struct guarding *guarding,
			   struct state *state, struct error *error)
{
	__attribute__((cleanup(memory_clear))) struct memory memory = {};
	cleanup_free struct guard_wish *wishes = calloc((size_t)guarding->count, sizeof(*wishes));
	enum degradation degraded;
	struct config config;
	int result;

	if (!wishes)
		return error_system(error, ENOMEM, "cannot attach");
	read_declared(invocation, &config);
	result = guarding_open_at_boot(&invocation->context, guarding, state, false, &degraded,
				       error);
	if (!result && options->capacity && policy_is_open(guarding->policy))
		result = capacity_error(error);
	result = result ?: memory_open(&invocation->context, &memory, error);
	result = result ?: choose_all(guarding, wishes, &memory, &config, options->runtime, error);
	if (!result && degraded == DEGRADED_EMPTY)
		guarding->request.monitor = true;
	if (!result && !guarding->request.monitor && !options->allow_empty &&
	    any_would_enforce(guarding))
		result = refuse_empty_list(state, error);
	return result ?: attach(invocation, guarding, &memory, error);
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
		{"--runtime", .flag = &options.runtime},
	};
	struct guarding guarding = {.policy = &policy, .state = &state};
	cleanup_fd int lock = -1;
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &names, error);
	result = result ?: read_options(invocation, &options, &guarding.request, error);
	if (result)
		return result;
	if (!names.count)
		return usage_error(invocation, error, "which device?");
	operands_unify(&names);
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
	return look_and_attach(invocation, &options, &guarding, &state, error);
}
