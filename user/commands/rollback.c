// SPDX-License-Identifier: GPL-2.0-or-later
/* rollback: an earlier version of the policy comes into force again, or all are listed */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "cleanup.h"
#include "commands/command.h"
#include "commands/confirmation.h"
#include "commands/outcome.h"
#include "engine/callers.h"
#include "engine/change.h"
#include "engine/memory.h"
#include "engine/modes.h"
#include "engine/safety.h"
#include "engine/unguard.h"
#include "kernel/guard.h"
#include "policy/ports.h"
#include "policy/when.h"
#include "store/guards_file.h"
#include "store/lock.h"
#include "store/versions.h"

struct request {
	unsigned int number; /* 0: the one before */
	bool list;
	bool allow_broad;
	bool allow_unguarded;
	bool allow_shrink;
	bool allow_empty;
	bool drop_recent;
};

/* Where a rollback stands. */
struct rollback {
	struct version target;
	struct policy policy;
	struct state old, new;
	struct entry_list changed;
	struct outcomes outcomes;
};

static void rollback_clear(struct rollback *rollback)
{
	policy_close(&rollback->policy);
	state_clear(&rollback->old);
	state_clear(&rollback->new);
	entry_list_clear(&rollback->changed);
}

/* A version as it is listed. */
struct row {
	const struct version *version;
	bool readable;
	size_t command, declared; /* how many entries */
};

static json_t *row_json(const struct row *row)
{
	char time[WHEN_TEXT_SIZE];

	time_format_full(row->version->time, time);
	return json_pack("{s:i, s:s?, s:s, s:b, s:b, s:I, s:I}", "version",
			 (int)row->version->number, "since", row->version->time ? time : NULL,
			 "cause", row->version->cause, "current", row->version->current, "readable",
			 row->readable, "command_entries", (json_int_t)row->command,
			 "declared_entries", (json_int_t)row->declared);
}

static void row_cells(struct table *table, const struct row *row)
{
	char time[WHEN_TEXT_SIZE] = "";

	if (row->version->time)
		time_format(row->version->time, time);
	table_cell(table, TABLE_PLAIN, "%u", row->version->number);
	table_cell(table, TABLE_PLAIN, "%s", time);
	table_cell(table, TABLE_PLAIN, "%zu", row->command);
	table_cell(table, TABLE_PLAIN, "%zu", row->declared);
	table_cell(table, row->readable ? TABLE_PLAIN : TABLE_BAD, "%s%s",
		   row->readable ? "" : "damaged: ", row->version->cause);
}

static struct row make_row(const struct versions *versions, size_t at)
{
	__attribute__((cleanup(state_clear))) struct state state = {};
	struct row row = {&versions->versions[at]};
	struct error ignored;

	row.readable = !versions_load(row.version->number, &state, &ignored);
	row.command = state.persistent.count;
	row.declared = state.declared.count;
	return row;
}

static int show_versions(const struct invocation *invocation, const struct versions *versions,
			 struct error *error)
{
	static const char *const headings[] = {">VERSION", "SINCE", ">BY COMMAND", ">DECLARED",
					       "CAUSE"};
	json_t *answer, *array = json_array();
	struct table table;

	table_init(&table, headings, sizeof(headings) / sizeof(headings[0]));
	for (size_t i = 0; i < versions->count; i++) {
		struct row row = make_row(versions, i);

		json_array_append_new(array, row_json(&row));
		row_cells(&table, &row);
	}
	if (!invocation->json) {
		json_decref(array);
		return table_answer(&table, invocation, EXIT_DONE, error);
	}
	table_clear(&table);
	answer = answer_new(invocation);
	json_object_set_new(answer, "versions", array);
	return answer_print(answer, EXIT_DONE, error);
}

static int list(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(versions_clear))) struct versions versions = {};
	int result = versions_list(&versions, error);

	return result ?: show_versions(invocation, &versions, error);
}

/* Of damaged files the newest whole version takes the place, which may be what they were. */
static bool suits(const struct request *request, const struct version *version, bool damaged)
{
	__attribute__((cleanup(state_clear))) struct state state = {};
	struct error ignored;

	if (request->number)
		return version->number == request->number;
	return damaged ? !versions_load(version->number, &state, &ignored) : !version->current;
}

/* Without a number, the version before the one in force. */
static int choose(const struct request *request, bool damaged, struct version *target,
		  struct error *error)
{
	__attribute__((cleanup(versions_clear))) struct versions all = {};
	int result = versions_list(&all, error);

	if (result)
		return result;
	for (size_t i = all.count; i-- > 0;) {
		if (!suits(request, &all.versions[i], damaged))
			continue;
		*target = all.versions[i];
		return 0;
	}
	if (request->number)
		error_set(error, EXIT_ABSENT, ENOENT, "there is no version %u", request->number);
	else if (damaged)
		error_set(error, EXIT_ABSENT, ENOENT, "no version is whole");
	else
		error_set(error, EXIT_ABSENT, ENOENT, "there is no version before this one");
	error_hint(error, "sipguard rollback --list shows them");
	return -ENOENT;
}

/* Runtime entries belong to no version: they stay, where they do not cut short what comes back. */
static int make_state(struct rollback *rollback, struct error *error)
{
	int result = versions_load(rollback->target.number, &rollback->new, error);

	return result ?: state_keep_runtime(&rollback->old, &rollback->new, error);
}

static int compare_states(struct rollback *rollback, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list old = {}, new = {}, all = {};
	int result = entry_list_merge(&rollback->old.persistent, &rollback->old.declared, &old,
				      error);

	result = result
			 ?: entry_list_merge(&rollback->new.persistent, &rollback->new.declared,
					     &new, error);
	result = result ?: entry_list_merge(&old, &new, &all, error);
	return result
		       ?: outcomes_count(&rollback->old, &rollback->new, &all, &rollback->outcomes,
					 &rollback->changed, error);
}

static int refuse_what_is_unsafe(const struct request *request, const struct rollback *rollback,
				 struct error *error)
{
	const struct state *old = &rollback->old, *new = &rollback->new;
	int result = 0;

	if (!request->allow_broad)
		result = refuse_broad_list(old, new, &rollback->changed, error);
	if (!result && !request->allow_unguarded)
		result = refuse_to_unguard(&old->ports, &new->ports, error);
	if (!result && !request->allow_shrink)
		result = refuse_to_shrink(old->persistent.count + old->declared.count,
					  new->persistent.count + new->declared.count, error);
	if (!result && !request->allow_empty)
		result = refuse_to_empty(old, new, error);
	if (!result && !request->drop_recent)
		result = refuse_to_drop_callers(&rollback->policy, new, &rollback->changed,
						callers_protected_for(), NULL, error);
	return result;
}

static int answer(const struct invocation *invocation, const struct rollback *rollback,
		  struct error *error)
{
	const struct version *target = &rollback->target;
	bool ports = !ports_equal(&rollback->old.ports, &rollback->new.ports);
	json_t *object;

	if (invocation->json) {
		object = answer_new(invocation);
		json_object_set_new(object, "version", json_integer(target->number));
		json_object_set_new(object, "cause", json_string(target->cause));
		outcomes_pack(&rollback->outcomes, object);
		json_object_set_new(object, "ports_changed", json_boolean(ports));
		return answer_print(object, EXIT_DONE, error);
	}
	if (invocation->quiet)
		return EXIT_DONE;
	printf("version %u is in force again (%s)\n", target->number, target->cause);
	outcomes_summarise(&rollback->outcomes);
	if (ports)
		puts("ports: changed");
	return EXIT_DONE;
}

/* No guard drops with the former list, unless it did so before. */
static int give_up_all(const struct guards *guards, struct policy *policy, struct error *error)
{
	int result = modes_give_up(guards, SG_MODE_MONITOR, error);

	if (!result && policy_is_open(policy))
		result = change_give_up(policy, error);
	return result ?: modes_give_up(guards, SG_MODE_ENFORCE, error);
}

static int show_modes(const struct invocation *invocation, const struct guards *guards,
		      json_t *devices, struct error *error)
{
	for (size_t i = 0; i < guards->count; i++) {
		struct device_mode mode;
		int result = device_maps_mode(&guards->guards[i].maps, &mode, error);

		if (result)
			return result;
		confirmation_show(invocation, guards->guards[i].device, &mode, devices);
	}
	return 0;
}

/* What is before a list on trial is what it would go back to, and the modes on trial with it. */
static int give_up(const struct invocation *invocation, struct policy *policy, struct error *error)
{
	__attribute__((cleanup(guards_close))) struct guards guards = {};
	json_t *object, *devices;
	int result = guards_open(&guards, error);

	result = result ?: give_up_all(&guards, policy, error);
	if (result)
		return result;
	if (!invocation->json) {
		if (!invocation->quiet)
			puts("the list on trial was given up: the former one is in force again");
		return show_modes(invocation, &guards, NULL, error);
	}
	object = answer_new(invocation);
	devices = json_array();
	json_object_set_new(object, "trial_given_up", json_true());
	json_object_set_new(object, "devices", devices);
	result = show_modes(invocation, &guards, devices, error);
	if (!result)
		return answer_print(object, EXIT_DONE, error);
	json_decref(object);
	return result;
}

/* What the kernel has, in place of files that are damaged. */
static int read_around_damage(const struct invocation *invocation, struct rollback *rollback,
			      const struct error *damage, struct error *error)
{
	struct state *old = &rollback->old;
	struct policy_entries loaded = {};
	struct error ignored;
	int result = policy_open(&rollback->policy, error);

	if (result && result != -ENOENT)
		return result;
	notice(invocation, "warning: %s", damage->message);
	old->unreadable = true;
	ports_default(&old->ports);
	state_load_runtime(old, &ignored);
	if (result == -ENOENT)
		return 0;
	result = policy_ports(&rollback->policy, &old->ports, error);
	result = result ?: policy_list(&rollback->policy, &loaded, error);
	for (size_t i = 0; !result && i < loaded.count; i++) {
		const struct entry entry = {
			.prefix = loaded.entries[i].prefix,
			.verdict = loaded.entries[i].verdict,
			.until = loaded.entries[i].until,
		};

		result = entry_list_append(&old->persistent, &entry, error);
	}
	free(loaded.entries);
	return result;
}

static int open_state(const struct invocation *invocation, struct rollback *rollback,
		      struct error *error)
{
	struct error damage;
	int result = change_open(&invocation->context, NULL, &rollback->old, &rollback->policy,
				 &damage);

	if (result != -EBADMSG && result != -EINVAL) {
		if (result)
			*error = damage;
		return result;
	}
	return read_around_damage(invocation, rollback, &damage, error);
}

/* Guards are no part of a version but for a copy, for the case that their file is damaged. */
static int mend_guards(const struct invocation *invocation, bool *mended, struct error *error)
{
	__attribute__((cleanup(guard_wishes_clear))) struct guard_wishes found = {};
	__attribute__((cleanup(memory_clear))) struct memory memory = {};
	int result = guards_file_read(&found, error);

	*mended = result == -EBADMSG;
	if (!*mended)
		return 0;
	result = memory_open(&invocation->context, &memory, error);
	result = result ?: memory_prepare(&memory, error);
	return result ?: memory_commit(&invocation->context, &memory, error);
}

static int answer_mended(const struct invocation *invocation, struct error *error)
{
	json_t *object;

	if (!invocation->json) {
		if (!invocation->quiet)
			puts("the remembered guards are whole again; the policy is as it was");
		return EXIT_DONE;
	}
	object = answer_new(invocation);
	json_object_set_new(object, "guards_mended", json_true());
	return answer_print(object, EXIT_DONE, error);
}

static int change(const struct invocation *invocation, const struct request *request,
		  struct error *error)
{
	__attribute__((cleanup(rollback_clear))) struct rollback rollback = {
		.policy = POLICY_CLOSED,
	};
	struct change_options options = {};
	cleanup_fd int lock = -1;
	bool on_trial, mended;
	int result;

	lock = lock_acquire(error);
	if (lock < 0)
		return lock;
	/* One that is over is cleared up now. */
	on_trial = state_on_trial(NULL) && !state_trial_is_decided();
	result = mend_guards(invocation, &mended, error);
	result = result ?: open_state(invocation, &rollback, error);
	if (!result && !request->number && mended && !rollback.old.unreadable)
		return answer_mended(invocation, error);
	if (!result && !request->number && on_trial)
		return give_up(invocation, &rollback.policy, error);
	options.goes_on = rollback.old.unreadable;
	result = result ?: choose(request, rollback.old.unreadable, &rollback.target, error);
	result = result ?: make_state(&rollback, error);
	result = result ?: compare_states(&rollback, error);
	result = result ?: refuse_what_is_unsafe(request, &rollback, error);
	result = result
			 ?: change_apply(&invocation->context, &rollback.policy, &rollback.old,
					 &rollback.new, &rollback.changed, &options, error);
	if (result)
		return result;
	if (options.goes_on)
		change_keep_version(&invocation->context);
	if (!policy_is_open(&rollback.policy))
		notice_on_file_only(&invocation->context);
	return answer(invocation, &rollback, error);
}

static int read_operands(const struct invocation *invocation, const struct operands *words,
			 struct request *request, struct error *error)
{
	unsigned long number;
	char *end;

	if (words->count > 1 || (request->list && words->count))
		return usage_error(invocation, error, "one version, or --list");
	if (!words->count)
		return 0;
	number = strtoul(words->words[0], &end, 10);
	if (words->words[0][0] < '1' || words->words[0][0] > '9' || *end || number > UINT_MAX)
		return usage_error(invocation, error, "a version is a number");
	request->number = (unsigned int)number;
	return 0;
}

int command_rollback(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	struct request request = {};
	const struct option_spec specs[] = {
		{"--list", .flag = &request.list},
		{"--allow-broad", .flag = &request.allow_broad},
		{"--allow-unguarded", .flag = &request.allow_unguarded},
		{"--allow-shrink", .flag = &request.allow_shrink},
		{"--allow-empty", .flag = &request.allow_empty},
		{"--drop-recent", .flag = &request.drop_recent},
	};
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &words, error);
	result = result ?: read_operands(invocation, &words, &request, error);
	if (result)
		return result;
	return request.list ? list(invocation, error) : change(invocation, &request, error);
}
