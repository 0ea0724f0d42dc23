// SPDX-License-Identifier: GPL-2.0-or-later
/* detach: take guards off, and remember that nothing is to bring them back */
#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "commands/command.h"
#include "engine/memory.h"
#include "kernel/guard.h"
#include "store/baseline_file.h"
#include "store/lock.h"
#include "store/state.h"
#include "text/device_text.h"
#include "text/escape.h"

struct detaching {
	const struct invocation *invocation;
	struct memory memory;
	bool runtime;	      /* what is remembered stays */
	struct error failure; /* why it cannot be forgotten; empty message otherwise */
	json_t *detached;
};

/* To take a guard off takes no file, and so no whole one and no room on the disk. */
static void note_failure(struct detaching *detaching, int result, const struct error *error)
{
	if (result && !detaching->failure.message[0])
		detaching->failure = *error;
}

/* A device that was declared is declared still: that it was detached is a difference. */
static void forget(struct detaching *detaching, const char *device)
{
	const struct guard_wish *found = guard_wishes_find_guarded(&detaching->memory.new, device);
	struct guard_wish wish;
	struct error error;

	if (!found || detaching->runtime)
		return;
	wish = *found;
	wish.guarded = false;
	wish.from = WISH_TYPED;
	if (found->from == WISH_TYPED)
		guard_wishes_remove(&detaching->memory.new, device);
	else
		note_failure(detaching, guard_wishes_put(&detaching->memory.new, &wish, &error),
			     &error);
}

/* Under both names of a guard whose device was renamed. */
static void forget_renamed(struct detaching *detaching, const char *device)
{
	__attribute__((cleanup(guards_close))) struct guards guards = {};
	const struct guard *guard;
	struct error ignored;

	if (guards_open(&guards, &ignored))
		return;
	guard = guards_find(&guards, device);
	if (guard && strcmp(guard->device, device) != 0)
		forget(detaching, guard->device);
}

static void tell(struct detaching *detaching, const char *device, const char *what)
{
	if (detaching->detached)
		json_array_append_new(detaching->detached, json_string(device_text(device).text));
	else if (!detaching->invocation->quiet)
		printf("%s: %s\n", device_text(device).text, what);
}

/*
 * Not guarded, and known to be so on purpose: by a command that was killed before it was done, or
 * by hand though it is declared. Detaching it once more is no mistake.
 */
static bool is_detached_already(const struct detaching *detaching, const char *device)
{
	const struct memory *memory = &detaching->memory;
	const struct guard_wish *found = guard_wishes_find(&memory->old, device);

	if (guard_wishes_find(&memory->ended, device))
		return true;
	return found && (!found->guarded || detaching->runtime);
}

static int detach_one(struct detaching *detaching, const char *device, struct error *error)
{
	struct error ignored;
	int result = guard_detach(device, error);

	if (!result)
		baseline_file_remove(device, &ignored);
	if (!result)
		tell(detaching, device, "no longer guarded");
	else if (result == -ENOENT && is_detached_already(detaching, device))
		tell(detaching, device, "already not guarded");
	else if (result == -ENOENT && guard_wishes_find_guarded(&detaching->memory.old, device))
		tell(detaching, device, "no longer remembered");
	else
		return result;
	return 0;
}

static int check_name(const struct detaching *detaching, const char *name, struct error *error)
{
	__attribute__((cleanup(guard_close))) struct guard guard = GUARD_CLOSED;
	char escaped[64];
	int result;

	text_escape(escaped, sizeof(escaped), name, strlen(name));
	if (strlen(name) >= IF_NAMESIZE)
		return error_set(error, EXIT_ABSENT, ENOENT, "there is no guard on %s", escaped);
	result = guard_open(&guard, name, error);
	if (result == -ENOENT && (is_detached_already(detaching, name) ||
				  guard_wishes_find_guarded(&detaching->memory.new, name)))
		return 0;
	/* Another version's guard can be detached, though not read. */
	return result == -EPROTO ? 0 : result;
}

static void prepare(struct detaching *detaching)
{
	struct error error;

	if (!detaching->failure.message[0])
		note_failure(detaching, memory_prepare(&detaching->memory, &error), &error);
}

static int detach_named(struct detaching *detaching, const struct operands *names,
			struct error *error)
{
	int result;

	for (int i = 0; i < names->count; i++)
		forget_renamed(detaching, names->words[i]);
	result = guards_follow_names(error);
	/* Another version's guard can be detached, though not read. */
	if (result == -EPROTO)
		result = 0;
	/* Every name must have a guard before the first is taken off. */
	for (int i = 0; !result && i < names->count; i++)
		result = check_name(detaching, names->words[i], error);
	if (result)
		return result;
	for (int i = 0; i < names->count; i++)
		forget(detaching, names->words[i]);
	prepare(detaching);
	for (int i = 0; !result && i < names->count; i++)
		result = detach_one(detaching, names->words[i], error);
	return result;
}

static int forget_everything(struct detaching *detaching, struct error *error)
{
	__attribute__((cleanup(guard_wishes_clear))) struct guard_wishes all = {};
	int result = guard_wishes_copy(&detaching->memory.new, &all, error);

	for (size_t i = 0; !result && i < all.count; i++)
		forget(detaching, all.wishes[i].device);
	return result;
}

static int detach_everything(struct detaching *detaching, struct error *error)
{
	cleanup_free char(*names)[IF_NAMESIZE] = NULL;
	size_t count;
	int result = guard_names(&names, &count, error);

	result = result ?: forget_everything(detaching, error);
	if (result)
		return result;
	prepare(detaching);
	for (size_t i = 0; !result && i < count; i++)
		result = detach_one(detaching, names[i], error);
	return result ?: guard_sweep(error);
}

/* Runtime entries live as long as the policy in the kernel, and that goes with the last guard. */
static int forget_runtime_when_unused(struct error *error)
{
	cleanup_free char(*left)[IF_NAMESIZE] = NULL;
	size_t count;
	int result = guard_names(&left, &count, error);

	return result || count ? result : state_forget_runtime(error);
}

static int remembered_error(const struct error *failure, struct error *error)
{
	error_set(error, failure->status, EIO,
		  "done, but the next boot brings the guards back, because that could not be "
		  "changed: %s",
		  failure->message);
	error_hint(error, "%s", failure->hint[0] ? failure->hint : "make room, then detach again");
	return -EIO;
}

static int detach(struct detaching *detaching, const struct operands *names, struct error *error)
{
	cleanup_fd int lock = lock_acquire(error);
	struct error ignored;
	int result;

	if (lock < 0)
		return lock;
	/* What a detach that was killed had still to do is no part of this one. */
	guard_sweep(&ignored);
	note_failure(detaching,
		     memory_open(&detaching->invocation->context, &detaching->memory, &ignored),
		     &ignored);
	result = names->count ? detach_named(detaching, names, error)
			      : detach_everything(detaching, error);
	result = result ?: forget_runtime_when_unused(error);
	if (result)
		return result;
	if (!detaching->failure.message[0])
		note_failure(detaching,
			     memory_commit(&detaching->invocation->context, &detaching->memory,
					   &ignored),
			     &ignored);
	return detaching->failure.message[0] ? remembered_error(&detaching->failure, error) : 0;
}

int command_detach(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands names = {};
	struct detaching detaching = {.invocation = invocation};
	json_t *answer;
	bool all = false;
	const struct option_spec specs[] = {
		{"--all", .flag = &all},
		{"--runtime", .flag = &detaching.runtime},
	};
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &names, error);
	if (result)
		return result;
	if (all == (names.count > 0))
		return usage_error(invocation, error, "name the devices, or --all");
	operands_unify(&names);
	if (invocation->json)
		detaching.detached = json_array();
	result = detach(&detaching, &names, error);
	memory_clear(&detaching.memory);
	if (result || !invocation->json) {
		json_decref(detaching.detached);
		return result;
	}
	answer = answer_new(invocation);
	json_object_set_new(answer, "devices", detaching.detached);
	return answer_print(answer, EXIT_DONE, error);
}
