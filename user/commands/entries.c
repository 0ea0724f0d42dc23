// SPDX-License-Identifier: GPL-2.0-or-later
/* allow, deny and delete */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "commands/change.h"
#include "commands/command.h"
#include "commands/safety.h"
#include "kernel/clock.h"
#include "kernel/guard.h"
#include "policy/when.h"
#include "store/lock.h"

/* What allow, deny or delete is asked to do, the same for all the prefixes. */
struct request {
	struct entry_list prefixes;
	bool remove;
	uint8_t verdict; /* enum sg_entry_verdict */
	int64_t until;	 /* as in struct entry */
	char *label;	 /* the invocation's; NULL: keep the one that is there */
	bool runtime;
	bool allow_broad;
	bool allow_empty;
};

static bool is_clause(const char *word)
{
	return !strcmp(word, "for") || !strcmp(word, "until") || !strcmp(word, "label");
}

static int read_lifetime(const struct invocation *invocation, const char *keyword,
			 const char *value, struct request *request, struct error *error)
{
	int64_t now = clock_now(), seconds;
	int result;

	if (request->until)
		return usage_error(invocation, error, "an entry has one end: for or until, once");
	if (!strcmp(keyword, "for")) {
		result = duration_parse(value, &seconds, error);
		if (!result && __builtin_add_overflow(now, seconds, &request->until))
			return usage_error(invocation, error, "%s is too long", value);
		return result;
	}
	result = time_parse(value, &request->until, error);
	if (!result && request->until <= now)
		return error_set(error, EXIT_USAGE, EINVAL, "%s is past", value);
	return result;
}

static int read_clauses(const struct invocation *invocation, const struct operands *words, int at,
			struct request *request, struct error *error)
{
	for (; at < words->count; at += 2) {
		char *keyword = words->words[at], *value;
		int result;

		if (!is_clause(keyword))
			return usage_error(invocation, error,
					   "prefixes stand before for, until and label");
		if (at + 1 == words->count)
			return usage_error(invocation, error, "%s what?", keyword);
		value = words->words[at + 1];
		if (strcmp(keyword, "label") != 0)
			result = read_lifetime(invocation, keyword, value, request, error);
		else if (request->label)
			result = usage_error(invocation, error, "an entry has one label");
		else
			result = label_check(value, error);
		if (result)
			return result;
		if (!strcmp(keyword, "label"))
			request->label = value;
	}
	return 0;
}

/* Reads the prefixes up to the first clause; returns their number or a negative errno. */
static int read_prefixes(const struct invocation *invocation, const struct operands *words,
			 struct entry_list *prefixes, struct error *error)
{
	int at;

	for (at = 0; at < words->count && !is_clause(words->words[at]); at++) {
		struct entry entry = {};
		int result = prefix_parse(words->words[at], &entry.prefix, error);

		result = result ? result : entry_list_put(prefixes, &entry, error);
		if (result)
			return result;
	}
	if (!at)
		return usage_error(invocation, error, "which prefix?");
	return at;
}

/* A runtime entry lives in the kernel, so there must be a policy there. */
static int open_all(struct state *state, struct policy *policy, bool runtime, struct error *error)
{
	int result = change_open(state, policy, error);

	if (!result && runtime && policy->settings < 0)
		return not_attached_error(error);
	return result;
}

/* Nobody allowed any more is only dangerous where a guard drops. */
static int refuse_to_empty(const struct state *old, const struct state *new, struct error *error)
{
	__attribute__((cleanup(guards_close))) struct guards guards = {};
	int result;

	if (!state_allows_any(old, clock_now()))
		return 0;
	result = guards_open(&guards, error);
	for (size_t i = 0; !result && i < guards.count; i++) {
		enum sg_mode mode;

		result = device_maps_mode(&guards.guards[i].maps, &mode, error);
		if (!result && mode == SG_MODE_ENFORCE)
			return refuse_empty_list(new, error);
	}
	return result;
}

static const char *outcome(const struct state *before, const struct state *after,
			   const struct prefix *prefix)
{
	const struct entry *old = state_find(before, prefix), *new = state_find(after, prefix);
	bool was_runtime = entry_list_find(&before->runtime, prefix);
	bool is_runtime = entry_list_find(&after->runtime, prefix);

	if (!new)
		return "deleted";
	if (!old)
		return "added";
	return entry_equal(old, new) && was_runtime == is_runtime ? "unchanged" : "changed";
}

static int answer(const struct invocation *invocation, const struct state *old,
		  const struct state *new, const struct entry_list *prefixes, struct error *error)
{
	json_t *object = NULL, *entries = NULL;

	if (invocation->json) {
		object = answer_new(invocation);
		entries = json_array();
		json_object_set_new(object, "entries", entries);
	}
	for (size_t i = 0; i < prefixes->count; i++) {
		const struct prefix *prefix = &prefixes->entries[i].prefix;
		const struct entry *is = state_find(new, prefix);
		const char *done = outcome(old, new, prefix);
		const char *verdict = is && is->verdict == SG_ENTRY_DENY ? "deny" : "allow";
		char text[PREFIX_TEXT_SIZE];

		prefix_format(prefix, text);
		if (entries)
			json_array_append_new(
				entries, json_pack("{s:s, s:s}", "prefix", text, "outcome", done));
		else if (!invocation->quiet && is)
			printf("%s: %s %s\n", done, verdict, text);
		else if (!invocation->quiet)
			printf("%s: %s\n", done, text);
	}
	return object ? answer_print(object, EXIT_DONE, error) : EXIT_DONE;
}

/*
 * When a runtime entry ends, the kernel has nothing for its prefix, so it must not stand in for a
 * persistent entry that is to go on.
 */
static int refuse_to_hide(const struct state *state, const struct entry *entry, struct error *error)
{
	const struct entry *kept = entry_list_find(&state->persistent, &entry->prefix);
	char text[PREFIX_TEXT_SIZE];

	if (!kept || (kept->until && kept->until <= entry->until))
		return 0;
	prefix_format(&entry->prefix, text);
	error_set(error, EXIT_UNSAFE, EPERM,
		  "%s has a persistent entry, which would be gone when this runtime one ends",
		  text);
	error_hint(error, "without --runtime the entry itself gets an end; or delete it first");
	return -EPERM;
}

/*
 * Adds the entries to the list they belong to; a persistent one takes the place of a runtime one.
 */
static int put_entries(struct state *state, const struct request *request, struct error *error)
{
	struct entry_list *list = request->runtime ? &state->runtime : &state->persistent;

	for (size_t i = 0; i < request->prefixes.count; i++) {
		const struct entry *old = state_find(state, &request->prefixes.entries[i].prefix);
		struct entry entry = {
			.prefix = request->prefixes.entries[i].prefix,
			.verdict = request->verdict,
			.until = request->until,
			.label = request->label ? request->label
				 : old		? old->label
						: NULL,
		};
		int result = request->allow_broad ? 0 : refuse_broad_entry(&entry, error);

		if (!result && request->runtime && entry.until)
			result = refuse_to_hide(state, &entry, error);

		result = result ? result : entry_list_put(list, &entry, error);
		if (result)
			return result;
		if (!request->runtime)
			entry_list_remove(&state->runtime, &entry.prefix);
	}
	return 0;
}

/* An entry that is in the kernel alone, left by a command that was killed, can be deleted too. */
static int remove_entries(struct state *state, const struct policy *policy,
			  const struct request *request, struct error *error)
{
	for (size_t i = 0; i < request->prefixes.count; i++) {
		const struct prefix *prefix = &request->prefixes.entries[i].prefix;
		bool found = entry_list_remove(&state->runtime, prefix);
		char text[PREFIX_TEXT_SIZE];

		if (!request->runtime)
			found |= entry_list_remove(&state->persistent, prefix) |
				 policy_has(policy, prefix);
		if (found)
			continue;
		prefix_format(prefix, text);
		error_set(error, EXIT_ABSENT, ENOENT, "there is no %sentry %s",
			  request->runtime ? "runtime " : "", text);
		error_hint(error, "sipguard list; nothing was deleted");
		return -ENOENT;
	}
	return 0;
}

/* Opens the policy, changes a copy of its state, and puts that in force if it is safe. */
static int change(const struct invocation *invocation, const struct request *request,
		  struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	__attribute__((cleanup(state_clear))) struct state old = {};
	__attribute__((cleanup(state_clear))) struct state new = {};
	cleanup_fd int lock = lock_acquire(error);
	int result;

	if (lock < 0)
		return lock;
	result = open_all(&old, &policy, request->runtime, error);
	result = result ? result : state_copy(&old, &new, error);
	if (result)
		return result;
	result = request->remove ? remove_entries(&new, &policy, request, error)
				 : put_entries(&new, request, error);
	if (!result && !request->allow_empty)
		result = refuse_to_empty(&old, &new, error);
	result = result ? result : change_apply(&policy, &old, &new, &request->prefixes, error);
	if (!result && policy.settings < 0)
		notice_on_file_only(invocation);
	return result ? result : answer(invocation, &old, &new, &request->prefixes, error);
}

static void request_clear(struct request *request)
{
	entry_list_clear(&request->prefixes);
}

static int put(const struct invocation *invocation, uint8_t verdict, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	__attribute__((cleanup(request_clear))) struct request request = {.verdict = verdict};
	const struct option_spec specs[] = {
		{"--runtime", .flag = &request.runtime},
		{"--allow-broad", .flag = &request.allow_broad},
		{"--allow-empty", .flag = &request.allow_empty},
	};
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &words, error);
	result = result ? result : read_prefixes(invocation, &words, &request.prefixes, error);
	if (result >= 0)
		result = read_clauses(invocation, &words, result, &request, error);
	return result ? result : change(invocation, &request, error);
}

int command_allow(const struct invocation *invocation, struct error *error)
{
	return put(invocation, SG_ENTRY_ALLOW, error);
}

int command_deny(const struct invocation *invocation, struct error *error)
{
	return put(invocation, SG_ENTRY_DENY, error);
}

int command_delete(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	__attribute__((cleanup(request_clear))) struct request request = {.remove = true};
	const struct option_spec specs[] = {
		{"--runtime", .flag = &request.runtime},
		{"--allow-empty", .flag = &request.allow_empty},
	};
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &words, error);
	result = result ? result : read_prefixes(invocation, &words, &request.prefixes, error);
	if (result >= 0 && result < words.count)
		return usage_error(invocation, error, "delete takes prefixes alone");
	return result < 0 ? result : change(invocation, &request, error);
}
