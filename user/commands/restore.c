// SPDX-License-Identifier: GPL-2.0-or-later
/* restore: guards what is remembered, at boot and when a device comes */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "commands/command.h"
#include "commands/guarding_show.h"
#include "engine/guarding.h"
#include "engine/memory.h"
#include "kernel/boot.h"
#include "kernel/device_stack.h"
#include "kernel/pins.h"
#include "store/guards_file.h"
#include "store/lock.h"
#include "text/device_text.h"

/* Many devices come at once, and each has a process that waits for its turn. */
#define PATIENCE_SECONDS 60

/* What became of the guards. */
enum restored {
	RESTORED,
	RESTORED_ABSENT, /* the device is not there, or has no name to rely on yet */
	RESTORED_OTHER,	 /* a guard of another layout is in force, and stays */
	RESTORED_FAILED,
	RESTORED_COUNT,
};

struct restoring {
	const struct invocation *invocation;
	const char *only; /* the one device that came; NULL: all that are remembered */
	struct policy policy;
	struct state state;
	struct memory memory;
	enum degradation degraded;
	struct error layout;  /* why the policy in the kernel is left alone; empty: it is not */
	struct error failure; /* the first */
	size_t counts[RESTORED_COUNT];
	json_t *devices;
};

static void restoring_clear(struct restoring *restoring)
{
	policy_close(&restoring->policy);
	state_clear(&restoring->state);
	memory_clear(&restoring->memory);
}

static void tell(struct restoring *restoring, const struct guard_wish *wish, enum restored restored,
		 const char *why)
{
	static const char *const names[] = {
		[RESTORED] = "guarded",
		[RESTORED_ABSENT] = "absent",
		[RESTORED_OTHER] = "other_layout",
		[RESTORED_FAILED] = "failed",
	};

	restoring->counts[restored]++;
	if (restored != RESTORED)
		notice(restoring->invocation, "%s: %s", device_text(wish->device).text, why);
	if (restoring->devices)
		json_array_append_new(restoring->devices, json_pack("{s:s, s:s}", "device",
								    device_text(wish->device).text,
								    "result", names[restored]));
}

static void tell_failure(struct restoring *restoring, const struct guard_wish *wish,
			 const struct error *error)
{
	char why[sizeof(error->message) + 32];

	if (!restoring->counts[RESTORED_FAILED])
		restoring->failure = *error;
	snprintf(why, sizeof(why), "NOT guarded: %s", error->message);
	tell(restoring, wish, RESTORED_FAILED, why);
}

/* The guard that is there gets this program and keeps its mode. */
static int attach(struct restoring *restoring, const struct device *device,
		  const struct guard_wish *wish, struct error *error)
{
	__attribute__((cleanup(attach_results_clear))) struct attach_results results = {};
	struct guarding guarding = {
		.policy = &restoring->policy,
		.state = &restoring->state,
		.devices = device,
		.wishes = wish,
		.count = 1,
		.request.monitor = restoring->degraded == DEGRADED_EMPTY,
	};
	json_t *attached = restoring->devices ? json_array() : NULL;
	int result = guarding_attach(&restoring->invocation->context, &guarding, &results, error);

	if (!result)
		guarding_show(restoring->invocation, device, &results, attached);
	json_decref(attached);
	return result;
}

static void restore_one(struct restoring *restoring, const struct guard_wish *wish)
{
	__attribute__((cleanup(guard_close))) struct guard guard = GUARD_CLOSED;
	struct device device;
	struct error error;
	int result = guard_open(&guard, wish->device, &error);

	if (!result && guard.state == GUARD_ATTACHED && restoring->layout.message[0]) {
		error = restoring->layout;
		result = -EPROTO;
	}
	if (result == -EPROTO) {
		tell(restoring, wish, RESTORED_OTHER, error.message);
		return;
	}
	result = device_find(wish->device, &device, &error);
	if (result == -ENODEV) {
		tell(restoring, wish, RESTORED_ABSENT, "is not there; it is guarded when it comes");
		return;
	}
	if (!result && !restoring->only && !device_is_settled(&device)) {
		tell(restoring, wish, RESTORED_ABSENT,
		     "has not got its name yet; it is guarded when it has");
		return;
	}
	if (!result && restoring->layout.message[0]) {
		error = restoring->layout;
		result = -EPROTO;
	}
	result = result ?: attach(restoring, &device, wish, &error);
	if (result)
		tell_failure(restoring, wish, &error);
	else
		tell(restoring, wish, RESTORED, NULL);
}

/* Guards go on under the layout that they have; what is not guarded yet cannot join them. */
static int open_policy(struct restoring *restoring, struct error *error)
{
	const struct guarding guarding = {.policy = &restoring->policy};
	int result = guarding_open_at_boot(&restoring->invocation->context, &guarding,
					   &restoring->state, true, &restoring->degraded, error);

	if (result != -EPROTO)
		return result;
	restoring->layout = *error;
	notice(restoring->invocation, "warning: %s; its guards stay as they are", error->message);
	return 0;
}

/* Those below others first; what is not there stands on none. */
static int restore_in_order(struct restoring *restoring, struct error *error)
{
	__attribute__((cleanup(devices_clear))) struct devices devices = {};
	int result = devices_list(&devices, error);

	if (result)
		return result;
	for (unsigned int height = 0; height <= DEVICE_HEIGHT_MAX; height++) {
		for (size_t i = 0; i < restoring->memory.new.count; i++) {
			const struct guard_wish *wish = &restoring->memory.new.wishes[i];
			int index = (int)if_nametoindex(wish->device);

			if (wish->guarded && devices_height(&devices, index) == height &&
			    (!restoring->only || !strcmp(wish->device, restoring->only)))
				restore_one(restoring, wish);
		}
	}
	return 0;
}

static int restore_all(struct restoring *restoring, struct error *error)
{
	int result = open_policy(restoring, error);

	result = result ?: memory_open(&restoring->invocation->context, &restoring->memory, error);
	/* Guards of a version that remembered none are remembered from now on. */
	if (!result && restoring->memory.absent)
		result = memory_prepare(&restoring->memory, error)
				 ?: memory_commit(&restoring->invocation->context,
						  &restoring->memory, error);
	if (result)
		return result;
	return restore_in_order(restoring, error);
}

/* The worst of what became of them. */
static int answer(struct restoring *restoring, struct error *error)
{
	int status = restoring->counts[RESTORED_ABSENT] ? EXIT_ABSENT : EXIT_DONE;
	json_t *object;

	if (restoring->counts[RESTORED_FAILED]) {
		*error = restoring->failure;
		json_decref(restoring->devices);
		return -EIO;
	}
	if (!restoring->devices)
		return status;
	object = answer_new(restoring->invocation);
	json_object_set_new(object, "devices", restoring->devices);
	return answer_print(object, status, error);
}

static int restore(const struct invocation *invocation, const char *only, struct error *error)
{
	__attribute__((cleanup(restoring_clear))) struct restoring restoring = {
		.invocation = invocation,
		.only = only,
		.policy = POLICY_CLOSED,
	};
	cleanup_fd int lock = lock_acquire_within(PATIENCE_SECONDS, error);
	int result;

	if (lock < 0)
		return lock;
	restoring.devices = invocation->json ? json_array() : NULL;
	result = restore_all(&restoring, error);
	if (!result)
		return answer(&restoring, error);
	json_decref(restoring.devices);
	return result;
}

/*
 * For a rule of udev, which runs it before it announces the device: nothing can have used the
 * device before. What is not there yet when the machine boots, the unit waits for.
 */
static int restore_for_udev(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(guard_wishes_clear))) struct guard_wishes wishes = {};
	const char *device = getenv("INTERFACE");
	struct error ignored;
	int result;

	if (!device || !*device)
		return usage_error(invocation, error, "udev gives the device in INTERFACE");
	if (boot_is_off() || !pin_file_system_found())
		return EXIT_DONE;
	result = guards_file_read(&wishes, &ignored);
	if (result == -ENOENT || (!result && !guard_wishes_find_guarded(&wishes, device)))
		return EXIT_DONE;
	result = restore(invocation, device, error);
	/* It may have gone again. */
	return result == EXIT_ABSENT ? EXIT_DONE : result;
}

int command_restore(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	bool udev = false;
	const struct option_spec specs[] = {{"--udev", .flag = &udev}};
	int result = operands_parse(invocation, specs, 1, &words, error);

	if (result)
		return result;
	if (words.count)
		return usage_error(invocation, error, "restore takes no operand");
	return udev ? restore_for_udev(invocation, error) : restore(invocation, NULL, error);
}
