// SPDX-License-Identifier: GPL-2.0-or-later
/* mode: enforce or monitor, on all guards at once */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "commands/command.h"
#include "commands/safety.h"
#include "kernel/guard.h"
#include "policy/names.h"
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

/* On failure those that were set go back to what they had. */
static int set_all(const struct guards *guards, enum sg_mode mode, struct error *error)
{
	cleanup_free enum sg_mode *old = calloc(guards->count + 1, sizeof(*old));
	struct error ignored;
	size_t done = 0;
	int result = 0;

	if (!old)
		return error_system(error, ENOMEM, "cannot set the mode");
	for (; done < guards->count; done++) {
		const struct device_maps *maps = &guards->guards[done].maps;

		result = device_maps_mode(maps, &old[done], error);
		result = result ? result : device_maps_set_mode(maps, mode, error);
		if (result)
			break;
	}
	while (result && done-- > 0)
		device_maps_set_mode(&guards->guards[done].maps, old[done], &ignored);
	return result;
}

static int answer(const struct invocation *invocation, const struct guards *guards,
		  enum sg_mode mode, struct error *error)
{
	json_t *object, *devices;

	if (!invocation->json) {
		for (size_t i = 0; !invocation->quiet && i < guards->count; i++)
			printf("%s: %s\n", guards->guards[i].device, mode_name(mode));
		return EXIT_DONE;
	}
	object = answer_new(invocation);
	devices = json_array();
	for (size_t i = 0; i < guards->count; i++)
		json_array_append_new(devices,
				      json_pack("{s:s, s:s}", "device", guards->guards[i].device,
						"mode", mode_name(mode)));
	json_object_set_new(object, "devices", devices);
	return answer_print(object, EXIT_DONE, error);
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
	const struct option_spec specs[] = {{"--allow-empty", .flag = &allow_empty}};
	enum sg_mode mode = SG_MODE_ENFORCE;
	int result;

	result = operands_parse(invocation, specs, 1, &words, error);
	result = result ? result : read_mode(invocation, &words, &mode, error);
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
	result = result ? result : set_all(&guards, mode, error);
	return result ? result : answer(invocation, &guards, mode, error);
}
