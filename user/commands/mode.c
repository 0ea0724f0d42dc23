// SPDX-License-Identifier: GPL-2.0-or-later
/* mode: enforce or monitor, on all guards at once */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "commands/command.h"
#include "commands/confirmation.h"
#include "commands/modes.h"
#include "commands/safety.h"
#include "kernel/guard.h"
#include "store/lock.h"
#include "store/state.h"

static int read_mode(const struct invocation *invocation, const struct operands *words,
		     enum sg_mode *mode, struct error *error)
{
	if (words->count == 1 && !strcmp(words->words[0], "enforce"))
		*mode = SG_MODE_ENFORCE;
	else if (words->count == 1 && !strcmp(words->words[0], "monitor"))
		*mode = SG_MODE_MONITOR;
	else
		return usage_error(invocation, error, "enforce or monitor?");
	return 0;
}

static int set_all(const struct guards *guards, enum sg_mode mode, int64_t confirm,
		   struct error *error)
{
	__attribute__((cleanup(chosen_guards_clear))) struct chosen_guards all = {
		calloc(guards->count + 1, sizeof(*all.places)),
	};

	if (!all.places)
		return error_system(error, ENOMEM, "cannot set the mode");
	for (size_t i = 0; i < guards->count; i++)
		all.places[all.count++] = i;
	return modes_set(guards, &all, mode, confirm, error);
}

static int show_all(const struct invocation *invocation, const struct guards *guards,
		    int64_t confirm, json_t *devices, struct error *error)
{
	size_t pending = 0;

	for (size_t i = 0; i < guards->count; i++) {
		struct device_mode mode;
		int result = device_maps_mode(&guards->guards[i].maps, &mode, error);

		if (result)
			return result;
		confirmation_show(invocation, guards->guards[i].device, &mode, devices);
		pending += mode.confirmation == CONFIRMATION_PENDING;
	}
	if (pending)
		notice(invocation, "sipguard confirm makes it stay");
	else if (confirm)
		notice(invocation, "this is the mode from before: there is nothing to confirm");
	return 0;
}

static int answer(const struct invocation *invocation, const struct guards *guards, int64_t confirm,
		  struct error *error)
{
	json_t *object, *devices;
	int result;

	if (!invocation->json)
		return show_all(invocation, guards, confirm, NULL, error);
	object = answer_new(invocation);
	devices = json_array();
	json_object_set_new(object, "devices", devices);
	result = show_all(invocation, guards, confirm, devices, error);
	if (!result)
		return answer_print(object, EXIT_DONE, error);
	json_decref(object);
	return result;
}

static int refuse_unless_anybody_is_allowed(struct error *error)
{
	__attribute__((cleanup(state_clear))) struct state state = {};
	int result = state_load(&state, error);

	return result ? result : refuse_empty_list(&state, error);
}

int command_mode(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	__attribute__((cleanup(guards_close))) struct guards guards = {};
	cleanup_fd int lock = -1;
	bool allow_empty = false;
	const char *confirm_word = NULL;
	const struct option_spec specs[] = {
		{"--allow-empty", .flag = &allow_empty},
		{"--confirm", .value = &confirm_word},
	};
	enum sg_mode mode = SG_MODE_ENFORCE;
	int64_t confirm = 0;
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &words, error);
	result = result ? result : read_mode(invocation, &words, &mode, error);
	if (!result && confirm_word)
		result = confirm_parse(confirm_word, &confirm, error);
	if (result)
		return result;
	lock = lock_acquire(error);
	if (lock < 0)
		return lock;
	result = guards_open(&guards, error);
	if (result)
		return result;
	if (!guards.count)
		return not_attached_error(error);
	/* To let everybody through takes no file, and so no whole one. */
	if (mode == SG_MODE_ENFORCE && !allow_empty)
		result = refuse_unless_anybody_is_allowed(error);
	result = result ? result : set_all(&guards, mode, confirm, error);
	return result ? result : answer(invocation, &guards, confirm, error);
}
