// SPDX-License-Identifier: GPL-2.0-or-later
/* Telling a plan: the lines of a difference, and numbers. */
#include <stdio.h>
#include <string.h>

#include "commands/plan_show.h"
#include "policy/list_diff.h"
#include "policy/list_file.h"
#include "policy/names.h"
#include "policy/ports.h"
#include "text/device_text.h"

/* Where lines go: to standard output, or into an array. */
struct lines {
	json_t *array;
};

static void put_line(const struct lines *lines, char sign, const char *text)
{
	char line[LIST_LINE_SIZE + 4];

	snprintf(line, sizeof(line), "%c %s", sign, text);
	if (lines->array)
		json_array_append_new(lines->array, json_string(line));
	else
		puts(line);
}

static void put_entry(const struct lines *lines, char sign, const struct entry *entry)
{
	char line[LIST_LINE_SIZE];
	size_t length = list_file_line(entry, line);

	line[length - 1] = '\0';
	put_line(lines, sign, line);
}

static void show_entries(const struct plan *plan, const struct lines *lines)
{
	struct list_diff diff = {&plan->before, &plan->after};
	struct list_change change;

	while (list_diff_next(&diff, &change)) {
		if (change.before)
			put_entry(lines, '-', change.before);
		if (change.after)
			put_entry(lines, '+', change.after);
	}
}

/* What is in force does not follow from any file, or is missing in the kernel. */
static void show_strayed(const struct plan *plan, const struct lines *lines)
{
	size_t before = 0, after = 0;

	for (size_t i = 0; plan->strayed && i < plan->edits.count; i++) {
		const struct prefix *prefix = &plan->edits.entries[i].prefix;
		const struct entry *was = entry_list_find_next(&plan->before, &before, prefix);
		const struct entry *is = entry_list_find_next(&plan->after, &after, prefix);
		char text[PREFIX_TEXT_SIZE];

		if (was && is && entry_equal(was, is)) {
			put_entry(lines, '~', is);
		} else if (!was && !is) {
			prefix_format(prefix, text);
			put_line(lines, '-', text);
		}
	}
}

static void show_ports(const struct plan *plan, const struct lines *lines)
{
	const struct sg_ports *sides[] = {&plan->old.ports, &plan->new.ports};

	for (int side = 0; side < 2; side++) {
		for (struct port port = {}; ports_next(sides[side], &port);) {
			char text[PORT_TEXT_SIZE + 8] = "port ";

			if (ports_contain(sides[1 - side], &port))
				continue;
			port_format(&port, text + strlen(text));
			put_line(lines, "-+"[side], text);
		}
	}
}

static const char *switched_device(const struct plan *plan, size_t at)
{
	return plan->guards.guards[plan->switched.places[at]].device;
}

static void show_guards(const struct plan *plan, const struct lines *lines)
{
	char text[DEVICE_TEXT_SIZE + 32];

	for (size_t i = 0; i < plan->switched.count; i++) {
		const char *device = switched_device(plan, i);

		snprintf(text, sizeof(text), "mode of %s: %s", device_text(device).text,
			 mode_name(!plan->mode));
		put_line(lines, '-', text);
		snprintf(text, sizeof(text), "mode of %s: %s", device_text(device).text,
			 mode_name(plan->mode));
		put_line(lines, '+', text);
	}
	for (size_t i = 0; i < plan->attach_count; i++) {
		snprintf(text, sizeof(text), "guard on %s", device_text(plan->attach[i].name).text);
		put_line(lines, '+', text);
	}
	for (size_t i = 0; i < plan->missing_count; i++) {
		snprintf(text, sizeof(text), "guard on %s, when it comes",
			 device_text(plan->missing[i]).text);
		put_line(lines, '~', text);
	}
	if (plan->remembers) {
		snprintf(text, sizeof(text), "after a reboot: guards as declared");
		put_line(lines, '+', text);
	}
}

void plan_show_lines(const struct plan *plan, json_t *answer)
{
	struct lines lines = {answer ? json_array() : NULL};

	show_guards(plan, &lines);
	show_ports(plan, &lines);
	show_entries(plan, &lines);
	show_strayed(plan, &lines);
	if (answer)
		json_object_set_new(answer, "diff", lines.array);
}

struct numbers {
	size_t added, changed, deleted;
};

static struct numbers count_entries(const struct plan *plan)
{
	struct list_diff diff = {&plan->before, &plan->after};
	struct numbers numbers = {};
	struct list_change change;

	while (list_diff_next(&diff, &change)) {
		numbers.added += !change.before;
		numbers.deleted += !change.after;
		numbers.changed += change.before && change.after;
	}
	return numbers;
}

static void print_number(size_t number, const char *what, const char **separator)
{
	if (!number)
		return;
	printf("%s%s %zu", *separator, what, number);
	*separator = ", ";
}

void plan_pack(const struct plan *plan, json_t *answer)
{
	struct numbers numbers = count_entries(plan);
	json_t *entries = json_pack("{s:I, s:I, s:I, s:I}", "added", (json_int_t)numbers.added,
				    "changed", (json_int_t)numbers.changed, "deleted",
				    (json_int_t)numbers.deleted, "strayed",
				    (json_int_t)plan->strayed);
	json_t *attach = json_array(), *switched = json_array(), *missing = json_array();

	for (size_t i = 0; i < plan->attach_count; i++)
		json_array_append_new(attach, json_string(device_text(plan->attach[i].name).text));
	for (size_t i = 0; i < plan->missing_count; i++)
		json_array_append_new(missing, json_string(device_text(plan->missing[i]).text));
	for (size_t i = 0; i < plan->switched.count; i++)
		json_array_append_new(switched,
				      json_string(device_text(switched_device(plan, i)).text));
	json_object_set_new(answer, "in_sync", json_boolean(plan_is_empty(plan)));
	json_object_set_new(answer, "entries", entries);
	json_object_set_new(answer, "ports_changed",
			    json_boolean(!ports_equal(&plan->old.ports, &plan->new.ports)));
	json_object_set_new(answer, "attach", attach);
	json_object_set_new(answer, "mode_changed", switched);
	json_object_set_new(answer, "missing", missing);
	json_object_set_new(answer, "remembered_changed", json_boolean(plan->remembers));
}

void plan_summarise(const struct plan *plan, bool guards)
{
	struct numbers numbers = count_entries(plan);
	const char *separator = "entries: ";

	print_number(numbers.added, "added", &separator);
	print_number(numbers.changed, "changed", &separator);
	print_number(numbers.deleted, "deleted", &separator);
	print_number(plan->strayed, "mended", &separator);
	if (separator[0] == ',')
		puts("");
	if (!ports_equal(&plan->old.ports, &plan->new.ports))
		puts("ports: changed");
	for (size_t i = 0; i < plan->switched.count; i++)
		printf("%s: %s\n", device_text(switched_device(plan, i)).text,
		       mode_name(plan->mode));
	for (size_t i = 0; guards && i < plan->attach_count; i++)
		printf("%s: a new guard\n", device_text(plan->attach[i].name).text);
	if (plan->remembers && !plan->attach_count && !plan->switched.count)
		puts("after a reboot: guards as declared");
	if (plan_is_empty(plan))
		puts("in sync");
}

/* Entries of files that others of the same prefix hide. */
static void remark_hidden(const struct invocation *invocation, const struct state *state)
{
	size_t shown = 0;

	for (size_t i = 0; i < state->declared.count; i++) {
		const struct entry *entry = &state->declared.entries[i];
		const struct entry *found = state_find(state, &entry->prefix);
		bool runtime = entry_list_find(&state->runtime, &entry->prefix) != NULL;
		char text[PREFIX_TEXT_SIZE];

		if (found == entry)
			continue;
		if (shown++ == 10) {
			notice(invocation, "... and others: sipguard list shows them");
			return;
		}
		prefix_format(&entry->prefix, text);
		notice(invocation, "%s of %s is hidden by %s entry", text,
		       file_names_at(&state->files, entry->file),
		       runtime ? "a runtime" : "the command line's");
	}
}

void plan_remark(const struct invocation *invocation, const struct declared_policy *declared,
		 const struct plan *plan)
{
	for (size_t i = 0; i < plan->guards.count; i++) {
		const struct guard *guard = &plan->guards.guards[i];
		const struct config *config = &declared->config;

		if (guard->state != GUARD_ATTACHED)
			continue;
		if (!plan_concerns(declared, guard))
			notice(invocation,
			       "%s is guarded and not declared: sipguard detach %s, or name it",
			       device_text(guard->present).text, device_text(guard->present).text);
		else if (config_declares(config, CONFIG_ATTACH) && config->attach != ATTACH_AUTO &&
			 config->attach != guard->attach_mode)
			notice(invocation,
			       "%s is guarded in %s mode, declared is %s: sipguard attach %s "
			       "--mode %s",
			       device_text(guard->present).text,
			       attach_mode_name(guard->attach_mode),
			       attach_mode_name(config->attach), device_text(guard->present).text,
			       attach_mode_name(config->attach));
	}
	for (size_t i = 0; i < plan->missing_count; i++)
		notice(invocation, "%s is declared and not there: it is guarded when it comes",
		       device_text(plan->missing[i]).text);
	remark_hidden(invocation, &plan->new);
}
