// SPDX-License-Identifier: GPL-2.0-or-later
#include "report.h"

#include <errno.h>

#include <jansson.h>

#include "machine.h"
#include "sipguard/abi.h"

#define SCHEMA 1

static json_t *series_json(const struct series *series)
{
	json_t *values = json_array();

	for (size_t i = 0; i < series->count; i++)
		json_array_append_new(values, json_real(series->values[i]));
	return values;
}

static json_t *command_json(const struct report *report)
{
	json_t *arguments = json_array();

	for (int i = 0; i < report->argc; i++)
		json_array_append_new(arguments, json_string(report->argv[i]));
	return arguments;
}

static json_t *machine_json(void)
{
	struct machine machine = machine_here();

	return json_pack("{s:s, s:i, s:s, s:s}", "processor", machine.processor, "cores",
			 (int)machine.cores, "kernel", machine.kernel, "device", "veth");
}

/* A trial without a list has null for its entries. */
static json_t *flood_json(const struct trial *trial, enum flood flood)
{
	json_t *entries = trial->list ? json_integer((json_int_t)trial->list->count) : json_null();

	return json_pack("{s:s, s:s, s:o, s:f, s:f, s:o}", "sources",
			 flood == FLOOD_STRANGERS ? "strangers" : "allowed", "filter",
			 trial->contender->name, "entries", entries, "load_seconds",
			 trial->load_seconds, "lost_share", trial->lost, "packets_per_second",
			 series_json(&trial->pps[flood]));
}

static json_t *floods_json(const struct trials *trials)
{
	json_t *floods = json_array();

	for (size_t i = 0; i < trials->count; i++)
		for (unsigned int flood = 0; flood < FLOOD_COUNT; flood++)
			if (trials->trials[i].pps[flood].count)
				json_array_append_new(floods,
						      flood_json(&trials->trials[i], flood));
	return floods;
}

static json_t *costs_json(const struct report *report)
{
	static const char *const names[PACKETS_COUNT] = {
		[PACKETS_ONE_SOURCE] = "one_allowed",  [PACKETS_ACTIVE_SOURCES] = "active_allowed",
		[PACKETS_ALL_SOURCES] = "all_allowed", [PACKETS_STRANGERS] = "strangers",
		[PACKETS_NEIGHBOURS] = "neighbours",
	};
	json_t *costs = json_array();

	for (size_t i = 0; i < report->cost_count; i++) {
		const struct cost *cost = &report->costs[i];

		for (size_t packets = 0; packets < PACKETS_COUNT; packets++)
			json_array_append_new(
				costs,
				json_pack("{s:s, s:s, s:I, s:o}", "sources", names[packets],
					  "family",
					  cost->family == SG_FAMILY_IPV4 ? "ipv4" : "ipv6",
					  "entries", (json_int_t)cost->entries, "nanoseconds",
					  series_json(&cost->nanoseconds[packets])));
	}
	return costs;
}

static json_t *program_json(const struct program_size *size)
{
	return json_pack("{s:i, s:i, s:i}", "verified_instructions", (int)size->verified,
			 "translated_bytes", (int)size->translated, "compiled_bytes",
			 (int)size->compiled);
}

int report_write_json(const struct report *report, const char *path, struct error *error)
{
	json_t *root = json_pack("{s:i, s:o, s:o, s:i, s:f, s:f, s:i, s:o, s:o, s:o}", "schema",
				 SCHEMA, "command", command_json(report), "machine", machine_json(),
				 "rounds", (int)report->rounds, "seconds", report->seconds,
				 "covered_share", report->covered_share, "active_sources",
				 (int)report->trials.active_sources, "floods",
				 floods_json(&report->trials), "costs", costs_json(report),
				 "program", program_json(&report->size));
	int result = root ? json_dump_file(root, path, JSON_INDENT(2)) : -1;

	json_decref(root);
	return result ? error_system(error, errno, "cannot write %s", path) : 0;
}
