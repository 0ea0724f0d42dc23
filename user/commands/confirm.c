// SPDX-License-Identifier: GPL-2.0-or-later
/* confirm: what was changed with --confirm stays */
#include <errno.h>

#include "cleanup.h"
#include "commands/command.h"
#include "commands/confirmation.h"
#include "commands/safety.h"
#include "kernel/guard.h"
#include "policy/names.h"
#include "store/lock.h"

/* What was found on the guards, before it was confirmed. */
struct found {
	size_t pending;
	size_t missed;
	enum sg_mode in_force; /* on the last one that missed it */
};

static int look(const struct guards *guards, struct found *found, struct error *error)
{
	for (size_t i = 0; i < guards->count; i++) {
		struct device_mode mode;
		int result = device_maps_mode(&guards->guards[i].maps, &mode, error);

		if (result)
			return result;
		found->pending += mode.confirmation == CONFIRMATION_PENDING;
		if (mode.confirmation == CONFIRMATION_MISSED) {
			found->missed++;
			found->in_force = mode.in_force;
		}
	}
	return 0;
}

static int nothing_error(const struct found *found, struct error *error)
{
	bool monitors = found->in_force == SG_MODE_MONITOR;

	if (!found->missed) {
		error_set(error, EXIT_ABSENT, ENOENT, "nothing waits for a confirmation");
		error_hint(error, "sipguard status shows what is in force");
		return -ENOENT;
	}
	error_set(error, EXIT_ABSENT, ETIME,
		  "the confirmation comes too late: %s is in force again",
		  mode_name(found->in_force));
	error_hint(error, "to try once more: sipguard mode %s --confirm 2m",
		   mode_name(monitors ? SG_MODE_ENFORCE : SG_MODE_MONITOR));
	return -ETIME;
}

static int confirm_all(const struct invocation *invocation, const struct guards *guards,
		       json_t *devices, struct error *error)
{
	for (size_t i = 0; i < guards->count; i++) {
		const struct guard *guard = &guards->guards[i];
		struct device_mode mode;
		int result = device_maps_confirm(&guard->maps, &mode, error);

		result = result ?: device_maps_mode(&guard->maps, &mode, error);
		if (result)
			return result;
		confirmation_show(invocation, guard->device, &mode, devices);
	}
	return 0;
}

int command_confirm(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	__attribute__((cleanup(guards_close))) struct guards guards = {};
	json_t *object = NULL, *devices = NULL;
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
	result = guards_open(&guards, error);
	if (result)
		return result;
	if (!guards.count)
		return not_attached_error(error);
	result = look(&guards, &found, error);
	if (result)
		return result;
	if (!found.pending)
		return nothing_error(&found, error);
	if (invocation->json) {
		object = answer_new(invocation);
		devices = json_array();
		json_object_set_new(object, "devices", devices);
	}
	result = confirm_all(invocation, &guards, devices, error);
	if (result) {
		json_decref(object);
		return result;
	}
	return object ? answer_print(object, EXIT_DONE, error) : EXIT_DONE;
}
