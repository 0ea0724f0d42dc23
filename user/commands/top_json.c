// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/top_json.h"

#include "kernel/clock.h"
#include "policy/names.h"
#include "policy/when.h"

/* Rows of each table. */
#define ROWS 20

static json_t *table_json(const struct traffic *traffic, enum traffic_table table)
{
	struct traffic_row rows[ROWS];
	size_t count = traffic_rows(traffic, table, TRAFFIC_BY_SHARE, rows, ROWS);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:f, s:f, s:f}", "name", rows[i].name,
						"share", rows[i].share, "share_error",
						rows[i].error, "packets_per_second", rows[i].rate));
	return list;
}

int top_print_json(const struct invocation *invocation, const struct traffic *traffic,
		   const struct screen_request *request, struct error *error)
{
	json_t *answer = answer_new(invocation), *rates = json_object(), *tables = json_object();
	char time[WHEN_TEXT_SIZE];

	time_format_full(clock_now(), time);
	for (enum sg_verdict verdict = 0; verdict < SG_VERDICT_COUNT; verdict++)
		json_object_set_new(rates, verdict_name(verdict),
				    json_real(traffic_rate(traffic, verdict)));
	for (enum traffic_table table = 0; table < TRAFFIC_TABLE_COUNT; table++)
		json_object_set_new(tables, traffic_table_name(table), table_json(traffic, table));
	json_object_update_new(answer, json_pack("{s:s, s:s, s:I, s:o, s:I, s:I, s:I, s:o}", "time",
						 time, "guards", request->guards, "entries",
						 (json_int_t)request->entries, "packets_per_second",
						 rates, "dropped_packets",
						 (json_int_t)request->dropped, "sampled_packets",
						 (json_int_t)request->sampled, "lost_samples",
						 (json_int_t)request->lost, "tables", tables));
	return answer_print(answer, 0, error);
}
