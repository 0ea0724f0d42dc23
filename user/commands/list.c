// SPDX-License-Identifier: GPL-2.0-or-later
/* list: the entries, what they have done, and where they come from */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "commands/command.h"
#include "engine/safety.h"
#include "kernel/clock.h"
#include "kernel/policy.h"
#include "policy/names.h"
#include "policy/when.h"
#include "store/state.h"

/* An entry of the kernel, together with what only the files know. */
struct row {
	struct policy_entry entry;
	const char *origin;
	const char *file;  /* of one that is declared; the state's; NULL: none */
	const char *label; /* the state's; NULL: none */
	bool loaded;	   /* in the kernel */
};

struct rows {
	struct row *rows;
	size_t count;
};

static const char *origin_of(const struct state *state, const struct prefix *prefix)
{
	if (entry_list_find(&state->runtime, prefix))
		return "runtime";
	if (entry_list_find(&state->persistent, prefix))
		return "command";
	if (entry_list_find(&state->declared, prefix))
		return "declared";
	return "unknown";
}

static void add_row(struct rows *rows, const struct state *state, const struct policy_entry *entry,
		    bool loaded)
{
	const struct entry *kept = state_find(state, &entry->prefix);
	bool declared = kept && kept == entry_list_find(&state->declared, &entry->prefix);

	rows->rows[rows->count++] = (struct row){
		.entry = *entry,
		.origin = origin_of(state, &entry->prefix),
		.file = declared ? file_names_at(&state->files, kept->file) : NULL,
		.label = kept ? kept->label : NULL,
		.loaded = loaded,
	};
	/* The file's is exact; the kernel's goes through another clock. */
	if (kept && kept->until && entry->until)
		rows->rows[rows->count - 1].entry.until = kept->until;
}

static bool contains(const struct policy_entries *list, const struct prefix *prefix)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = prefix_compare(&list->entries[middle].prefix, prefix);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/*
 * What stands in a file and not in the kernel: before the first attach, or expired by the time of
 * the last.
 */
static void add_unloaded(struct rows *rows, const struct state *state,
			 const struct entry_list *list, const struct policy_entries *loaded)
{
	int64_t now = clock_now();

	for (size_t i = 0; i < list->count; i++) {
		const struct entry *entry = &list->entries[i];
		struct policy_entry row = {
			.prefix = entry->prefix,
			.verdict = entry->verdict,
			.until = entry->until,
			.expired = entry->until && entry->until <= now,
		};

		if (contains(loaded, &entry->prefix))
			continue;
		if (state_find(state, &entry->prefix) != entry)
			continue;
		add_row(rows, state, &row, false);
	}
}

static int compare_prefix(const void *left, const void *right)
{
	const struct row *a = left, *b = right;

	return prefix_compare(&a->entry.prefix, &b->entry.prefix);
}

static int compare_hits(const void *left, const void *right)
{
	const struct row *a = left, *b = right;

	if (a->entry.packets != b->entry.packets)
		return a->entry.packets < b->entry.packets ? 1 : -1;
	return compare_prefix(left, right);
}

/* The next to expire first, those that never do last. */
static int compare_expiry(const void *left, const void *right)
{
	const struct row *a = left, *b = right;

	if (a->entry.until == b->entry.until)
		return compare_prefix(left, right);
	if (!a->entry.until || !b->entry.until)
		return a->entry.until ? -1 : 1;
	return a->entry.until < b->entry.until ? -1 : 1;
}

static const struct order {
	const char *name;
	int (*compare)(const void *left, const void *right);
} orders[] = {
	{"prefix", compare_prefix},
	{"hits", compare_hits},
	{"expiry", compare_expiry},
};

static const struct order *find_order(const char *name)
{
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		if (!name || !strcmp(name, orders[i].name))
			return &orders[i];
	}
	return NULL;
}

/* Keeps the entries that no packet has met for so many seconds. */
static void keep_unused(struct rows *rows, int64_t seconds)
{
	int64_t since = clock_now() - seconds;
	size_t kept = 0;

	for (size_t i = 0; i < rows->count; i++) {
		if (!rows->rows[i].entry.last_seen || rows->rows[i].entry.last_seen < since)
			rows->rows[kept++] = rows->rows[i];
	}
	rows->count = kept;
}

static json_t *time_or_null(int64_t seconds)
{
	char text[WHEN_TEXT_SIZE];

	if (!seconds)
		return json_null();
	time_format_full(seconds, text);
	return json_string(text);
}

static int print_json(const struct invocation *invocation, const struct rows *rows,
		      struct error *error)
{
	json_t *answer = answer_new(invocation), *entries = json_array();

	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->rows[i];
		char prefix[PREFIX_TEXT_SIZE];

		prefix_format(&row->entry.prefix, prefix);
		json_array_append_new(
			entries,
			json_pack("{s:s, s:s, s:b, s:I, s:o, s:o, s:b, s:s, s:s?, s:s?}", "prefix",
				  prefix, "verdict", entry_verdict_name(row->entry.verdict),
				  "in_kernel", row->loaded, "packets",
				  (json_int_t)row->entry.packets, "last_seen",
				  time_or_null(row->entry.last_seen), "expires",
				  time_or_null(row->entry.until), "expired", row->entry.expired,
				  "origin", row->origin, "file", row->file, "label", row->label));
	}
	json_object_set_new(answer, "entries", entries);
	return answer_print(answer, EXIT_DONE, error);
}

static void expiry_cell(struct table *table, const struct policy_entry *entry, int64_t now)
{
	char text[WHEN_TEXT_SIZE];

	if (!entry->until) {
		table_cell(table, TABLE_DIM, "never");
	} else if (entry->expired) {
		table_cell(table, TABLE_BAD, "expired");
	} else {
		duration_format(entry->until - now, text);
		table_cell(table, TABLE_WARN, "in %s", text);
	}
}

static void seen_cell(struct table *table, int64_t last_seen, int64_t now)
{
	char text[WHEN_TEXT_SIZE];

	if (!last_seen) {
		table_cell(table, TABLE_DIM, "never");
		return;
	}
	duration_format(now - last_seen, text);
	table_cell(table, TABLE_PLAIN, "%s ago", text);
}

static int print_table(const struct invocation *invocation, const struct rows *rows,
		       struct error *error)
{
	static const char *const headings[] = {"PREFIX",  "VERDICT", ">PACKETS", "LAST SEEN",
					       "EXPIRES", "ORIGIN",  "LABEL"};
	int64_t now = clock_now();
	struct table table;

	table_init(&table, headings, sizeof(headings) / sizeof(headings[0]));
	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->rows[i];
		bool allows = row->entry.verdict == SG_ENTRY_ALLOW;
		char prefix[PREFIX_TEXT_SIZE];

		prefix_format(&row->entry.prefix, prefix);
		table_cell(&table, TABLE_PLAIN, "%s", prefix);
		if (row->loaded)
			table_cell(&table, allows ? TABLE_GOOD : TABLE_BAD, "%s",
				   entry_verdict_name(row->entry.verdict));
		else
			table_cell(&table, TABLE_WARN, "%s (on file only)",
				   entry_verdict_name(row->entry.verdict));
		table_cell(&table, TABLE_PLAIN, "%llu", (unsigned long long)row->entry.packets);
		seen_cell(&table, row->entry.last_seen, now);
		expiry_cell(&table, &row->entry, now);
		table_cell(&table, TABLE_DIM, "%s", row->file ? row->file : row->origin);
		table_cell(&table, TABLE_PLAIN, "%s", row->label ? row->label : "");
	}
	return table_answer(&table, invocation, EXIT_DONE, error);
}

static int collect(const struct state *state, struct rows *rows, struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	struct policy_entries loaded = {};
	int result;

	result = open_policy(&policy, error);
	if (!result)
		result = policy_list(&policy, &loaded, error);
	else if (result == -ENOENT)
		result = 0;
	if (result)
		return result;
	rows->rows = calloc(loaded.count + state->persistent.count + state->runtime.count +
				    state->declared.count + 1,
			    sizeof(*rows->rows));
	if (!rows->rows)
		result = error_system(error, ENOMEM, "cannot list the entries");
	for (size_t i = 0; !result && i < loaded.count; i++)
		add_row(rows, state, &loaded.entries[i], true);
	if (!result) {
		add_unloaded(rows, state, &state->persistent, &loaded);
		add_unloaded(rows, state, &state->runtime, &loaded);
		add_unloaded(rows, state, &state->declared, &loaded);
	}
	free(loaded.entries);
	return result;
}

static void free_rows(struct rows *rows)
{
	free(rows->rows);
}

int command_list(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	__attribute__((cleanup(state_clear))) struct state state = {};
	__attribute__((cleanup(free_rows))) struct rows rows = {};
	const char *unused = NULL, *sort = NULL;
	const struct option_spec specs[] = {
		{"--unused", .value = &unused},
		{"--sort", .value = &sort},
	};
	const struct order *order;
	int64_t seconds = 0;
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &words, error);
	if (result)
		return result;
	if (words.count)
		return usage_error(invocation, error, "list takes no operand");
	order = find_order(sort);
	if (!order)
		return usage_error(invocation, error, "sort by hits, expiry or prefix");
	result = unused ? duration_parse(unused, &seconds, error) : 0;
	result = result ? result : state_load(&state, error);
	result = result ? result : collect(&state, &rows, error);
	if (result)
		return result;
	if (unused)
		keep_unused(&rows, seconds);
	if (rows.count)
		qsort(rows.rows, rows.count, sizeof(*rows.rows), order->compare);
	return invocation->json ? print_json(invocation, &rows, error)
				: print_table(invocation, &rows, error);
}
