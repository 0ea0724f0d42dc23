// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * import: a whole list from a file, in one of several formats. `import registrations` makes a list
 * to review instead of changing the policy (import_registrations.h).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "commands/clauses.h"
#include "commands/command.h"
#include "commands/import_registrations.h"
#include "commands/input.h"
#include "commands/locals.h"
#include "commands/outcome.h"
#include "commands/remarks.h"
#include "engine/callers.h"
#include "engine/change.h"
#include "engine/safety.h"
#include "kernel/clock.h"
#include "policy/aggregate.h"
#include "policy/list_file.h"
#include "rules/import/import.h"
#include "store/lock.h"

struct request {
	const char *format;
	const char *file;
	const char *capacity_word;
	const char *local_words;
	uint32_t capacity;
	bool aggregate;
	bool replace;
	bool dry_run;
	bool allow_broad;
	bool allow_shrink;
	bool allow_empty;
	bool drop_recent;
	struct clauses clauses;
	struct registrations_request registrations;
};

/* Where an import stands: from the entries of the file to what is made of them. */
struct import {
	char name[INPUT_NAME_SIZE];
	char *text; /* from which the report borrows */
	struct rules_report report;
	struct entry_list entries;
	struct policy policy;
	struct state old, new;
	struct entry_list changed; /* the prefixes that become something else */
	struct outcomes outcomes;
	size_t joined;
};

/* One entry a line, as in our own files; the others are rules of other tools. */
static bool is_plain(const char *format)
{
	return !strcmp(format, "plain");
}

static void import_clear(struct import *import)
{
	rules_report_clear(&import->report);
	free(import->text);
	entry_list_clear(&import->entries);
	entry_list_clear(&import->changed);
	state_clear(&import->old);
	state_clear(&import->new);
	policy_close(&import->policy);
}

/* What rules accept depends on the ports that are guarded. */
static int read_rules(const struct request *request, size_t size, struct import *import,
		      struct error *error)
{
	__attribute__((cleanup(state_clear))) struct state state = {};
	__attribute__((cleanup(locals_clear))) struct locals locals = {};
	struct rules_input input = {import->name, import->text, size, &state.ports, clock_now()};
	int result = state_load(&state, error);

	if (!result && request->local_words)
		result = locals_parse(request->local_words, &locals, error);
	input.locals = locals.addresses;
	input.local_count = locals.count;
	return result
		       ?: rules_import(request->format, &input, &import->entries, &import->report,
				       error);
}

static int read_file(const struct request *request, struct import *import, struct error *error)
{
	struct entry_list *entries = &import->entries;
	size_t size;
	int result = input_read(request->file, &import->text, &size, error);

	input_name(request->file, import->name);
	if (!result && is_plain(request->format))
		result = list_file_parse(import->name, import->text, size, entries, error);
	else if (!result)
		result = read_rules(request, size, import, error);
	for (size_t i = 0; !result && i < entries->count; i++)
		clauses_apply(&request->clauses, &entries->entries[i]);
	return result;
}

static int make_state(const struct request *request, struct import *import, struct error *error)
{
	size_t count;
	int result = 0;

	if (request->replace && !request->allow_shrink)
		result = refuse_to_shrink(import->old.persistent.count, import->entries.count,
					  error);
	if (result) {
		error_hint(error, "--allow-shrink does it all the same; with --dry-run it shows "
				  "what would be deleted");
		return result;
	}
	if (request->replace) {
		result = state_replace(&import->old, &import->entries, &import->new, error);
	} else {
		state_inherit_labels(&import->old, &import->entries);
		result = state_put(&import->old, &import->entries, false, &import->new, error);
	}
	count = import->new.persistent.count;
	if (!result && request->aggregate)
		result = aggregate(&import->new.persistent, &import->new.runtime, error);
	import->joined = count - import->new.persistent.count;
	if (!result && !request->allow_broad)
		result = refuse_broad_list(&import->old, &import->new, &import->entries, error);
	if (!result && !request->allow_empty)
		result = refuse_to_empty(&import->old, &import->new, error);
	return result;
}

/* Only what the file says can change, unless what it does not say goes, or is joined with it. */
static int compare_states(const struct request *request, struct import *import, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list all = {};
	const struct entry_list *prefixes = &import->entries;
	int result = 0;

	if (request->replace || request->aggregate) {
		result = entry_list_merge(&import->old.persistent, &import->new.persistent, &all,
					  error);
		prefixes = &all;
	}
	return result
		       ?: outcomes_count(&import->old, &import->new, prefixes, &import->outcomes,
					 &import->changed, error);
}

static int answer(const struct invocation *invocation, const struct request *request,
		  const struct import *import, struct error *error)
{
	json_t *object = NULL, *entries = NULL;

	if (invocation->json) {
		object = answer_new(invocation);
		outcomes_pack(&import->outcomes, object);
		json_object_set_new(object, "joined", json_integer((json_int_t)import->joined));
		json_object_set_new(object, "dry_run", json_boolean(request->dry_run));
		if (request->dry_run)
			entries = json_array();
		json_object_set_new(object, "entries", entries);
		remarks_pack(&import->report, object);
	}
	if (request->dry_run && (entries || !invocation->quiet))
		outcomes_print(&import->old, &import->new, &import->changed, entries);
	if (object)
		return answer_print(object, EXIT_DONE, error);
	if (invocation->quiet)
		return EXIT_DONE;
	remarks_print(import->name, &import->report);
	if (request->dry_run)
		printf("nothing was done; it would be: ");
	outcomes_summarise(&import->outcomes);
	if (import->joined)
		printf("%zu entries were joined with others or covered by them\n", import->joined);
	return EXIT_DONE;
}

static int open_all(const struct invocation *invocation, const struct request *request,
		    struct import *import, struct error *error)
{
	int result = change_open(&invocation->context, NULL, &import->old, &import->policy, error);

	if (!result && request->capacity && !policy_is_open(&import->policy)) {
		not_attached_error(error);
		error_hint(error, "the room for entries is chosen with sipguard attach --capacity");
		return -ENOENT;
	}
	return result;
}

static int show(const struct invocation *invocation, const struct request *request,
		struct import *import, struct error *error)
{
	int result = state_load(&import->old, error);

	result = result ?: make_state(request, import, error);
	result = result ?: compare_states(request, import, error);
	return result ?: answer(invocation, request, import, error);
}

static int change(const struct invocation *invocation, const struct request *request,
		  struct import *import, struct error *error)
{
	struct change_options options = {.capacity = request->capacity};
	cleanup_fd int lock = -1;
	int result;

	lock = lock_acquire(error);
	if (lock < 0)
		return lock;
	result = open_all(invocation, request, import, error);
	result = result ?: make_state(request, import, error);
	result = result ?: compare_states(request, import, error);
	if (!result && !request->drop_recent)
		result = refuse_to_drop_callers(&import->policy, &import->new, &import->changed,
						callers_protected_for(), NULL, error);
	result = result
			 ?: change_apply(&invocation->context, &import->policy, &import->old,
					 &import->new, &import->changed, &options, error);
	if (result)
		return result;
	if (!policy_is_open(&import->policy))
		notice_on_file_only(&invocation->context);
	return answer(invocation, request, import, error);
}

static bool is_of_registrations(const char *format)
{
	return !strcmp(format, "registrations");
}

/* A list to review takes none of the words that are about changing the policy. */
static int check_registrations(const struct invocation *invocation, const struct operands *words,
			       const struct request *request, struct error *error)
{
	if (words->count > 2 || request->aggregate || request->replace || request->capacity_word ||
	    request->allow_broad || request->allow_shrink || request->allow_empty ||
	    request->drop_recent || request->local_words)
		return usage_error(invocation, error,
				   "import registrations changes nothing: it takes --write, "
				   "--force and --received-contacts");
	if (request->registrations.force && !request->registrations.list)
		return usage_error(invocation, error, "--force is about --write");
	return 0;
}

static int read_operands(const struct invocation *invocation, const struct operands *words,
			 struct request *request, struct error *error)
{
	const struct registrations_request *registrations = &request->registrations;

	if (words->count < 2)
		return usage_error(invocation, error, "which format, and which file?");
	request->format = words->words[0];
	request->file = words->words[1];
	if (is_of_registrations(request->format))
		return check_registrations(invocation, words, request, error);
	if (!is_plain(request->format) && !rules_format_is_known(request->format))
		return usage_error(invocation, error, "this format is not known");
	if (registrations->list || registrations->force || registrations->contacts_received)
		return usage_error(invocation, error,
				   "--write, --force and --received-contacts are about "
				   "import registrations");
	if (request->local_words && is_plain(request->format))
		return usage_error(invocation, error, "--local is about rules of other tools");
	return clauses_read(invocation, words, 2, &request->clauses, error);
}

int command_import(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(import_clear))) struct import import = {.policy = POLICY_CLOSED};
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	struct request request = {};
	const struct option_spec specs[] = {
		{"--aggregate", .flag = &request.aggregate},
		{"--replace", .flag = &request.replace},
		{"--dry-run", .flag = &request.dry_run},
		{"--capacity", .value = &request.capacity_word},
		{"--allow-broad", .flag = &request.allow_broad},
		{"--allow-shrink", .flag = &request.allow_shrink},
		{"--allow-empty", .flag = &request.allow_empty},
		{"--drop-recent", .flag = &request.drop_recent},
		{"--local", .value = &request.local_words},
		{"--write", .value = &request.registrations.list},
		{"--force", .flag = &request.registrations.force},
		{"--received-contacts", .flag = &request.registrations.contacts_received},
	};
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &words, error);
	result = result ?: read_operands(invocation, &words, &request, error);
	result = result
			 ?: capacity_parse(invocation, request.capacity_word, &request.capacity,
					   error);
	request.registrations.file = request.file;
	if (!result && is_of_registrations(request.format))
		return import_registrations(invocation, &request.registrations, error);
	/* Before the lock, because the writer of standard input may take a long time. */
	result = result ?: read_file(&request, &import, error);
	if (result)
		return result;
	return request.dry_run ? show(invocation, &request, &import, error)
			       : change(invocation, &request, &import, error);
}
