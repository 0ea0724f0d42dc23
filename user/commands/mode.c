// SPDX-License-Identifier: GPL-2.0-or-later
/* mode: enforce or monitor, on all guards or on some */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "commands/command.h"
#include "commands/confirmation.h"
#include "engine/memory.h"
#include "engine/modes.h"
#include "engine/safety.h"
#include "kernel/guard.h"
#include "kernel/other_guard.h"
#include "policy/names.h"
#include "store/lock.h"
#include "store/state.h"
#include "text/escape.h"

struct request {
	enum sg_mode mode;
	int64_t confirm; /* seconds; 0: nothing is to be confirmed */
	const char *confirm_word;
	bool allow_empty;
	bool runtime;
	/* Which devices; none: all. */
	char **names;
	int name_count;
};

/* What a change of the mode holds on its way. */
struct change {
	struct guards guards;
	struct other_guards others; /* of another layout: they can be made to monitor */
	struct chosen_guards chosen;
	struct memory memory;
	struct error failure; /* why it cannot be remembered; empty message otherwise */
};

static void change_clear(struct change *change)
{
	guards_close(&change->guards);
	other_guards_clear(&change->others);
	chosen_guards_clear(&change->chosen);
	memory_clear(&change->memory);
}

static int read_words(const struct invocation *invocation, const struct operands *words,
		      struct request *request, struct error *error)
{
	if (words->count && !strcmp(words->words[0], "enforce"))
		request->mode = SG_MODE_ENFORCE;
	else if (words->count && !strcmp(words->words[0], "monitor"))
		request->mode = SG_MODE_MONITOR;
	else
		return usage_error(invocation, error, "enforce or monitor?");
	request->names = words->words + 1;
	request->name_count = words->count - 1;
	if (request->confirm_word && request->runtime)
		return usage_error(invocation, error,
				   "what is confirmed is remembered: either "
				   "--confirm or --runtime");
	return request->confirm_word
		       ? confirm_parse(request->confirm_word, &request->confirm, error)
		       : 0;
}

static int no_guard_error(const char *name, struct error *error)
{
	char escaped[64];

	text_escape(escaped, sizeof(escaped), name, strlen(name));
	error_set(error, EXIT_ABSENT, ENOENT, "there is no guard on %s", escaped);
	error_hint(error, "sipguard status shows the guards there are");
	return -ENOENT;
}

static void add_place(struct chosen_guards *chosen, size_t place)
{
	for (size_t i = 0; i < chosen->count; i++) {
		if (chosen->places[i] == place)
			return;
	}
	chosen->places[chosen->count++] = place;
}

/* A device that is not there may be remembered, and gets its mode when it comes. */
static int choose(const struct request *request, struct change *change, struct error *error)
{
	struct chosen_guards *chosen = &change->chosen;

	chosen->places = calloc(change->guards.count + 1, sizeof(*chosen->places));
	if (!chosen->places)
		return error_system(error, ENOMEM, "cannot set the mode");
	for (size_t i = 0; !request->name_count && i < change->guards.count; i++)
		chosen->places[chosen->count++] = i;
	for (int i = 0; i < request->name_count; i++) {
		const char *name = request->names[i];
		const struct guard *guard = guards_find(&change->guards, name);

		if (guard)
			add_place(chosen, (size_t)(guard - change->guards.guards));
		else if (other_guards_find(&change->others, name))
			continue;
		else if (request->runtime || request->confirm ||
			 !guard_wishes_find_guarded(&change->memory.new, name))
			return no_guard_error(name, error);
	}
	return 0;
}

static bool is_meant(const struct request *request, const struct other_guard *other)
{
	for (int i = 0; i < request->name_count; i++) {
		if (!strcmp(request->names[i], other->device))
			return true;
	}
	return !request->name_count;
}

/* Of a guard of another layout nothing is known but how to make it pass everything. */
static int refuse_others(const struct request *request, const struct change *change,
			 struct error *error)
{
	for (size_t i = 0; i < change->others.count; i++) {
		const struct other_guard *other = &change->others.guards[i];

		if (!is_meant(request, other) ||
		    (request->mode == SG_MODE_MONITOR && !request->confirm))
			continue;
		error_set(error, EXIT_SYSTEM, EPROTO,
			  "the guard on %s was made by another version of sipguard", other->device);
		error_hint(error, "sipguard mode monitor %s, or sipguard detach %s, then attach",
			   other->device, other->device);
		return -EPROTO;
	}
	return 0;
}

static int pass_others(const struct invocation *invocation, const struct request *request,
		       const struct change *change, struct error *error)
{
	int result = 0;

	for (size_t i = 0; !result && i < change->others.count; i++) {
		const struct other_guard *other = &change->others.guards[i];

		if (!is_meant(request, other))
			continue;
		result = other_guard_pass(other, error);
		if (!result)
			notice(invocation,
			       "%s: made by another version of sipguard; it passes everything now, "
			       "and counts nothing",
			       other->device);
	}
	return result;
}

static int remember(const struct request *request, struct change *change, struct error *error)
{
	struct memory *memory = &change->memory;
	int result = 0;

	if (request->confirm || request->runtime)
		return 0;
	for (size_t i = 0; !request->name_count && !result && i < memory->new.count; i++)
		result = memory_set_mode(memory, memory->new.wishes[i].device, request->mode,
					 WISH_TYPED, error);
	for (int i = 0; !result && i < request->name_count; i++) {
		const struct guard *guard = guards_find(&change->guards, request->names[i]);

		result = memory_set_mode(memory, guard ? guard->device : request->names[i],
					 request->mode, WISH_TYPED, error);
	}
	return result ?: memory_prepare(memory, error);
}

static void show_absent(const struct invocation *invocation, const struct request *request,
			const struct change *change)
{
	for (int i = 0; i < request->name_count; i++) {
		if (!guards_find(&change->guards, request->names[i]) &&
		    !other_guards_find(&change->others, request->names[i]))
			notice(invocation, "%s is not guarded now; it is to %s when it comes",
			       request->names[i], mode_name(request->mode));
	}
}

static int show_all(const struct invocation *invocation, const struct change *change,
		    int64_t confirm, json_t *devices, struct error *error)
{
	size_t pending = 0;

	for (size_t i = 0; i < change->chosen.count; i++) {
		const struct guard *guard = &change->guards.guards[change->chosen.places[i]];
		struct device_mode mode;
		int result = device_maps_mode(&guard->maps, &mode, error);

		if (result)
			return result;
		confirmation_show(invocation, guard->device, &mode, devices);
		pending += mode.confirmation == CONFIRMATION_PENDING;
	}
	if (pending)
		notice(invocation, "sipguard confirm makes it stay");
	else if (confirm)
		notice(invocation, "this is the mode from before: there is nothing to confirm");
	return 0;
}

static int answer(const struct invocation *invocation, const struct change *change, int64_t confirm,
		  struct error *error)
{
	json_t *object, *devices;
	int result;

	if (!invocation->json)
		return show_all(invocation, change, confirm, NULL, error);
	object = answer_new(invocation);
	devices = json_array();
	json_object_set_new(object, "devices", devices);
	result = show_all(invocation, change, confirm, devices, error);
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

static int remembered_error(const struct error *failure, struct error *error)
{
	error_set(error, failure->status, EIO,
		  "done, but the next boot brings back the former mode, because that could not be "
		  "changed: %s",
		  failure->message);
	if (failure->hint[0])
		error_hint(error, "%s", failure->hint);
	return -EIO;
}

/* To let everybody through takes no file, and so no whole one and no room on the disk. */
static int note_failure(const struct request *request, struct change *change, int result,
			struct error *error)
{
	if (!result || request->mode != SG_MODE_MONITOR)
		return result;
	if (!change->failure.message[0])
		change->failure = *error;
	return 0;
}

static int set(const struct invocation *invocation, const struct request *request,
	       struct change *change, struct error *error)
{
	int result = guards_open_known(&change->guards, &change->others, error);

	if (result)
		return result;
	result = note_failure(request, change,
			      memory_open(&invocation->context, &change->memory, error), error);
	if (result)
		return result;
	if (!change->guards.count && !change->others.count &&
	    !(request->name_count && change->memory.new.count))
		return not_attached_error(error);
	result = choose(request, change, error);
	result = result ?: refuse_others(request, change, error);
	if (!result && request->mode == SG_MODE_ENFORCE && !request->allow_empty)
		result = refuse_unless_anybody_is_allowed(error);
	if (!result && !change->failure.message[0])
		result = note_failure(request, change, remember(request, change, error), error);
	result = result
			 ?: modes_set(&change->guards, &change->chosen, request->mode,
				      request->confirm, error);
	result = result ?: pass_others(invocation, request, change, error);
	if (result)
		return result;
	if (!change->failure.message[0])
		result = note_failure(request, change,
				      memory_commit(&invocation->context, &change->memory, error),
				      error);
	if (!result)
		show_absent(invocation, request, change);
	result = result ?: answer(invocation, change, request->confirm, error);
	return !result && change->failure.message[0] ? remembered_error(&change->failure, error)
						     : result;
}

int command_mode(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	__attribute__((cleanup(change_clear))) struct change change = {};
	struct request request = {};
	cleanup_fd int lock = -1;
	const struct option_spec specs[] = {
		{"--allow-empty", .flag = &request.allow_empty},
		{"--confirm", .value = &request.confirm_word},
		{"--runtime", .flag = &request.runtime},
	};
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &words, error);
	result = result ?: read_words(invocation, &words, &request, error);
	if (result)
		return result;
	lock = lock_acquire(error);
	if (lock < 0)
		return lock;
	return set(invocation, &request, &change, error);
}
