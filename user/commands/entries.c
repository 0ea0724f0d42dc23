// SPDX-License-Identifier: GPL-2.0-or-later
/* allow, deny and delete */
#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "commands/clauses.h"
#include "commands/command.h"
#include "commands/input.h"
#include "commands/outcome.h"
#include "engine/callers.h"
#include "engine/change.h"
#include "engine/safety.h"
#include "kernel/clock.h"
#include "policy/list_file.h"
#include "policy/when.h"
#include "store/lock.h"

/* What allow, deny or delete is asked to do. */
struct request {
	struct entry_list entries; /* to be put, or of the prefixes to be removed */
	bool is_list;		   /* they come from standard input */
	struct entry_list active;  /* hosts among them that were let in a moment ago */
	uint8_t verdict;	   /* of all; enum sg_entry_verdict */
	bool remove;
	bool runtime;
	bool allow_broad;
	bool allow_empty;
	bool drop_recent;
};

static int read_standard_input(struct entry_list *entries, struct error *error)
{
	cleanup_free char *text = NULL;
	char name[INPUT_NAME_SIZE];
	size_t size;
	int result = input_read("-", &text, &size, error);

	input_name("-", name);
	result = result ?: list_file_parse(name, text, size, entries, error);
	if (!result && !entries->count)
		return error_set(error, EXIT_USAGE, EINVAL, "standard input has no entry");
	return result;
}

/* Reads the prefixes up to the first clause; returns their number or a negative errno. */
static int read_prefixes(const struct invocation *invocation, const struct operands *words,
			 struct entry_list *prefixes, struct error *error)
{
	int at;

	for (at = 0; at < words->count && !is_clause(words->words[at]); at++) {
		struct entry entry = {};
		int result = prefix_parse(words->words[at], &entry.prefix, error);

		result = result ?: entry_list_append(prefixes, &entry, error);
		if (result)
			return result;
	}
	if (!at)
		return usage_error(invocation, error, "which prefix?");
	entry_list_sort(prefixes);
	return at;
}

/* A line of a list may deny only where everything is denied. */
static int set_verdict(struct entry *entry, uint8_t verdict, struct error *error)
{
	char text[PREFIX_TEXT_SIZE];

	if (entry->verdict == SG_ENTRY_DENY && verdict == SG_ENTRY_ALLOW) {
		prefix_format(&entry->prefix, text);
		error_set(error, EXIT_USAGE, EINVAL, "the list denies %s", text);
		error_hint(error, "sipguard import plain - takes a list of both");
		return -EINVAL;
	}
	entry->verdict = verdict;
	return 0;
}

/* The entries that allow and deny are given: words or a list, and clauses for all of them. */
static int read_entries(const struct invocation *invocation, const struct operands *words,
			struct request *request, struct error *error)
{
	struct clauses clauses = {};
	int result = 1;

	request->is_list = words->count && !strcmp(words->words[0], "-");
	if (!request->is_list)
		result = read_prefixes(invocation, words, &request->entries, error);
	if (result >= 0)
		result = clauses_read(invocation, words, result, &clauses, error);
	if (!result && request->is_list)
		result = read_standard_input(&request->entries, error);
	for (size_t i = 0; !result && i < request->entries.count; i++) {
		clauses_apply(&clauses, &request->entries.entries[i]);
		result = set_verdict(&request->entries.entries[i], request->verdict, error);
	}
	return result;
}

static bool may_drop(const struct request *request)
{
	return request->remove || request->verdict == SG_ENTRY_DENY;
}

/*
 * A runtime entry lives in the kernel, so there must be a policy there. To see whether anybody is
 * left whom the list allows takes all of it, but not for who allows somebody.
 */
static int open_all(const struct invocation *invocation, const struct request *request,
		    struct state *state, struct policy *policy, struct error *error)
{
	const struct entry_list *few = may_drop(request) ? NULL : &request->entries;
	int result = change_open(&invocation->context, few, state, policy, error);

	if (!result && request->runtime && !policy_is_open(policy))
		return not_attached_error(error);
	return result;
}

static bool outlives(const struct entry *kept, const struct entry *entry)
{
	return kept && (!kept->until || kept->until > entry->until);
}

/*
 * When an entry ends, the kernel has nothing for its prefix, so it must not stand in for one of
 * another origin that is to go on.
 */
static int refuse_to_hide(const struct state *state, const struct entry *entry, bool runtime,
			  struct error *error)
{
	const struct entry *kept = entry_list_find(&state->persistent, &entry->prefix);
	const struct entry *declared = entry_list_find(&state->declared, &entry->prefix);
	char text[PREFIX_TEXT_SIZE];

	prefix_format(&entry->prefix, text);
	if (runtime && outlives(kept, entry)) {
		error_set(error, EXIT_UNSAFE, EPERM,
			  "%s has a persistent entry, which would be gone when this runtime one "
			  "ends",
			  text);
		error_hint(error, "without --runtime the entry itself gets an end; or delete it "
				  "first");
		return -EPERM;
	}
	if (outlives(declared, entry)) {
		error_set(error, EXIT_UNSAFE, EPERM,
			  "%s stands in %s, and would be gone when this entry ends", text,
			  file_names_at(&state->files, declared->file));
		error_hint(error, "give it its end there, and apply");
		return -EPERM;
	}
	return 0;
}

static int put_entries(const struct state *old, struct request *request, struct state *new,
		       struct error *error)
{
	int result = 0;

	for (size_t i = 0; !result && i < request->entries.count; i++) {
		if (request->entries.entries[i].until)
			result = refuse_to_hide(old, &request->entries.entries[i], request->runtime,
						error);
	}
	if (result)
		return result;
	state_inherit_labels(old, &request->entries);
	return state_put(old, &request->entries, request->runtime, new, error);
}

static int absent_error(const struct request *request, const struct prefix *prefix,
			struct error *error)
{
	char text[PREFIX_TEXT_SIZE];

	prefix_format(prefix, text);
	error_set(error, EXIT_ABSENT, ENOENT, "there is no %sentry %s",
		  request->runtime ? "runtime " : "", text);
	error_hint(error, "sipguard list; nothing was deleted");
	return -ENOENT;
}

/* The administrator's files are his to change. */
static int declared_error(const struct state *state, const struct entry *entry, struct error *error)
{
	char text[PREFIX_TEXT_SIZE];

	prefix_format(&entry->prefix, text);
	error_set(error, EXIT_CONFLICT, EPERM, "%s stands in %s, and would come back", text,
		  file_names_at(&state->files, entry->file));
	error_hint(error,
		   "take it out of the file and apply; or sipguard deny %s. Nothing was "
		   "deleted",
		   text);
	return -EPERM;
}

/* An entry that is in the kernel alone can be deleted too. */
static int remove_entry(const struct policy *policy, const struct request *request,
			const struct prefix *prefix, struct state *new, struct error *error)
{
	const struct entry *declared = entry_list_find(&new->declared, prefix);
	bool found = entry_list_remove(&new->runtime, prefix);

	if (!request->runtime)
		found |= entry_list_remove(&new->persistent, prefix);
	if (found)
		return 0;
	if (declared)
		return declared_error(new, declared, error);
	return !request->runtime && policy_has(policy, prefix)
		       ? 0
		       : absent_error(request, prefix, error);
}

static int remove_entries(const struct state *old, const struct policy *policy,
			  const struct request *request, struct state *new, struct error *error)
{
	int result = state_copy(old, new, error);

	for (size_t i = 0; !result && i < request->entries.count; i++)
		result = remove_entry(policy, request, &request->entries.entries[i].prefix, new,
				      error);
	return result;
}

/* As lines, or as objects in `active` where that is not NULL. */
static void tell_active(const struct request *request, json_t *active)
{
	int64_t now = clock_now();

	for (size_t i = 0; i < request->active.count; i++) {
		const struct entry *host = &request->active.entries[i];
		int64_t seconds = now > host->until ? now - host->until : 0;
		char prefix[PREFIX_TEXT_SIZE], ago[WHEN_TEXT_SIZE];

		prefix_format(&host->prefix, prefix);
		duration_format(seconds, ago);
		if (active)
			json_array_append_new(active,
					      json_pack("{s:s, s:I}", "prefix", prefix,
							"seconds_ago", (json_int_t)seconds));
		else
			printf("%s was active %s ago\n", prefix, ago);
	}
}

static int answer(const struct invocation *invocation, const struct request *request,
		  const struct state *old, const struct state *new, struct error *error)
{
	struct outcomes outcomes;
	int result;

	if (invocation->json) {
		json_t *object = answer_new(invocation), *entries = json_array();
		json_t *active = json_array();

		outcomes_print(old, new, &request->entries, entries);
		tell_active(request, active);
		json_object_set_new(object, "entries", entries);
		json_object_set_new(object, "were_active", active);
		return answer_print(object, EXIT_DONE, error);
	}
	if (invocation->quiet)
		return EXIT_DONE;
	if (!request->is_list) {
		outcomes_print(old, new, &request->entries, NULL);
		tell_active(request, NULL);
		return EXIT_DONE;
	}
	result = outcomes_count(old, new, &request->entries, &outcomes, NULL, error);
	if (!result)
		outcomes_summarise(&outcomes);
	return result;
}

/* Opens the policy, makes the new state of the old one, and puts it in force if it is safe. */
static int change(const struct invocation *invocation, struct request *request, struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	__attribute__((cleanup(state_clear))) struct state old = {};
	__attribute__((cleanup(state_clear))) struct state new = {};
	cleanup_fd int lock = -1;
	int result;

	lock = lock_acquire(error);
	if (lock < 0)
		return lock;
	result = open_all(invocation, request, &old, &policy, error);
	if (result)
		return result;
	result = request->remove ? remove_entries(&old, &policy, request, &new, error)
				 : put_entries(&old, request, &new, error);
	if (!result && !request->allow_broad)
		result = refuse_broad_list(&old, &new, &request->entries, error);
	if (!result && !request->allow_empty)
		result = refuse_to_empty(&old, &new, error);
	if (!result && may_drop(request) && !request->drop_recent)
		result = refuse_to_drop_callers(&policy, &new, &request->entries,
						callers_protected_for(),
						request->is_list ? NULL : &request->active, error);
	result = result
			 ?: change_apply(&invocation->context, &policy, &old, &new,
					 &request->entries, NULL, error);
	if (result)
		return result;
	if (!policy_is_open(&policy))
		notice_on_file_only(&invocation->context);
	return answer(invocation, request, &old, &new, error);
}

static void request_clear(struct request *request)
{
	entry_list_clear(&request->entries);
	entry_list_clear(&request->active);
}

static int put(const struct invocation *invocation, uint8_t verdict, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	__attribute__((cleanup(request_clear))) struct request request = {.verdict = verdict};
	const struct option_spec specs[] = {
		{"--runtime", .flag = &request.runtime},
		{"--allow-broad", .flag = &request.allow_broad},
		{"--allow-empty", .flag = &request.allow_empty},
		{"--drop-recent", .flag = &request.drop_recent},
	};
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &words, error);
	result = result ?: read_entries(invocation, &words, &request, error);
	return result ?: change(invocation, &request, error);
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
		{"--allow-broad", .flag = &request.allow_broad},
		{"--allow-empty", .flag = &request.allow_empty},
		{"--drop-recent", .flag = &request.drop_recent},
	};
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &words, error);
	result = result ?: read_prefixes(invocation, &words, &request.entries, error);
	if (result >= 0 && result < words.count)
		return usage_error(invocation, error, "delete takes prefixes alone");
	return result < 0 ? result : change(invocation, &request, error);
}
