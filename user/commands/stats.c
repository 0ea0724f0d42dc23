// SPDX-License-Identifier: GPL-2.0-or-later
/* stats: the counters of each guard */
#include <errno.h>

#include "commands/command.h"
#include "engine/safety.h"
#include "kernel/guard.h"
#include "policy/names.h"
#include "text/device_text.h"

/* A cell of the counters, taken apart again. */
struct cell {
	unsigned int verdict;
	unsigned int family;
	unsigned int protocol;
	unsigned int reason;
};

static struct cell cell_at(uint32_t index)
{
	struct cell cell;

	cell.reason = index % SG_REASON_COUNT;
	index /= SG_REASON_COUNT;
	cell.protocol = index % SG_PROTOCOL_COUNT;
	index /= SG_PROTOCOL_COUNT;
	cell.family = index % SG_FAMILY_COUNT;
	cell.verdict = index / SG_FAMILY_COUNT;
	return cell;
}

static void json_row(json_t *rows, const char *device, const struct cell *cell,
		     const struct sg_counter *counter)
{
	json_array_append_new(
		rows,
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I}", "device", device_text(device).text,
			  "family", family_name(cell->family), "protocol",
			  protocol_name(cell->protocol), "verdict", verdict_name(cell->verdict),
			  "reason", reason_name(cell->reason), "packets",
			  (json_int_t)counter->packets, "bytes", (json_int_t)counter->bytes));
}

static void table_row(struct table *table, const char *device, const struct cell *cell,
		      const struct sg_counter *counter)
{
	enum table_style style = cell->verdict == SG_VERDICT_PASS   ? TABLE_GOOD
				 : cell->verdict == SG_VERDICT_DROP ? TABLE_BAD
								    : TABLE_WARN;

	table_cell(table, TABLE_PLAIN, "%s", device_text(device).text);
	table_cell(table, TABLE_PLAIN, "%s", family_name(cell->family));
	table_cell(table, TABLE_PLAIN, "%s", protocol_name(cell->protocol));
	table_cell(table, style, "%s", verdict_name(cell->verdict));
	table_cell(table, TABLE_PLAIN, "%s", reason_name(cell->reason));
	table_cell(table, TABLE_PLAIN, "%llu", (unsigned long long)counter->packets);
	table_cell(table, TABLE_PLAIN, "%llu", (unsigned long long)counter->bytes);
}

/* Adds the cells that counted something to the table or to the rows, whichever there is. */
static int add_guard(const struct guard *guard, struct table *table, json_t *rows,
		     struct error *error)
{
	struct sg_counter counters[SG_COUNTER_COUNT];
	int result = device_maps_counters(&guard->maps, counters, error);

	if (result)
		return result;
	for (uint32_t index = 0; index < SG_COUNTER_COUNT; index++) {
		struct cell cell = cell_at(index);

		if (!counters[index].packets)
			continue;
		if (rows)
			json_row(rows, guard->device, &cell, &counters[index]);
		else
			table_row(table, guard->device, &cell, &counters[index]);
	}
	return 0;
}

int command_stats(const struct invocation *invocation, struct error *error)
{
	static const char *const headings[] = {"DEVICE", "FAMILY",   "PROTOCOL", "VERDICT",
					       "REASON", ">PACKETS", ">BYTES"};
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	__attribute__((cleanup(guards_close))) struct guards guards = {};
	json_t *answer, *rows = NULL;
	struct table table;
	int result;

	result = operands_parse(invocation, NULL, 0, &words, error);
	if (result)
		return result;
	if (words.count)
		return usage_error(invocation, error, "stats takes no operand");
	result = guards_open(&guards, error);
	if (result)
		return result;
	if (!guards.count)
		return not_attached_error(error);
	if (invocation->json)
		rows = json_array();
	table_init(&table, headings, sizeof(headings) / sizeof(headings[0]));
	for (size_t i = 0; !result && i < guards.count; i++)
		result = add_guard(&guards.guards[i], &table, rows, error);
	if (!rows && !result)
		return table_answer(&table, invocation, EXIT_DONE, error);
	table_clear(&table);
	if (result) {
		json_decref(rows);
		return result;
	}
	answer = answer_new(invocation);
	json_object_set_new(answer, "counters", rows);
	return answer_print(answer, EXIT_DONE, error);
}
