// SPDX-License-Identifier: GPL-2.0-or-later
#include "report.h"

#include <errno.h>

#include <jansson.h>

#include "goals.h"
#include "machine.h"
#include "sipguard/abi.h"

#define SCHEMA 2

static const char *const sources_names[SOURCES_COUNT] = {
	[SOURCES_STRANGERS] = "strangers", [SOURCES_NEIGHBOURS] = "neighbours",
	[SOURCES_ONE] = "one_allowed",	   [SOURCES_ACTIVE] = "active_allowed",
	[SOURCES_ALL] = "all_allowed",
};

static const char *family_name(uint8_t family)
{
	return family == SG_FAMILY_IPV4 ? "ipv4" : "ipv6";
}

static json_t *series_json(const struct series *series)
{
	json_t *values = json_array();

	for (size_t i = 0; i < series->count; i++)
		json_array_append_new(values, json_real(series->values[i]));
	return values;
}

/* null for an empty text. */
static json_t *reason_json(const char *left_out)
{
	return left_out[0] ? json_string(left_out) : json_null();
}

static json_t *command_line_json(const struct report *report)
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
static json_t *entries_json(const struct trial *trial)
{
	return trial->list ? json_integer((json_int_t)trial->list->entries.count) : json_null();
}

static json_t *measurement_json(const struct measurement *measurement)
{
	const struct trial *trial = measurement->trial;
	size_t active = sources_number(measurement->sources, measurement->list);

	return json_pack("{s:s, s:s, s:s, s:o, s:I, s:f, s:o, s:o}", "filter",
			 trial->contender->name, "family", family_name(trial->family), "sources",
			 sources_names[measurement->sources], "entries", entries_json(trial),
			 "source_count", (json_int_t)active, "lost_share", measurement->lost,
			 "packets_per_second", series_json(&measurement->pps),
			 "reference_packets_per_second", series_json(&measurement->reference_pps));
}

static json_t *floods_json(const struct trials *trials)
{
	json_t *floods = json_array();

	for (size_t i = 0; i < trials->measurement_count; i++)
		json_array_append_new(floods, measurement_json(&trials->measurements[i]));
	return floods;
}

static json_t *left_out_json(const struct trials *trials)
{
	json_t *all = json_array();

	for (size_t i = 0; i < trials->count; i++) {
		const struct trial *trial = &trials->trials[i];

		if (trial->left_out[0])
			json_array_append_new(all, json_pack("{s:s, s:o, s:s}", "filter",
							     trial->contender->name, "entries",
							     entries_json(trial), "reason",
							     trial->left_out));
	}
	return all;
}

static json_t *observers_json(const struct report *report)
{
	json_t *observers = json_array();

	for (size_t i = 0; i < OBSERVER_COUNT; i++) {
		const struct observer *observer = &report->observers[i];

		json_array_append_new(
			observers, json_pack("{s:s, s:o, s:o, s:o}", "observer", observer->name,
					     "ratio_without", series_json(&observer->ratio_without),
					     "ratio_with", series_json(&observer->ratio),
					     "nanoseconds", series_json(&observer->nanoseconds)));
	}
	return observers;
}

static json_t *commands_json(const struct report *report)
{
	json_t *commands = json_array();

	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		const struct command *command = &report->commands[i];

		json_array_append_new(commands,
				      json_pack("{s:s, s:I, s:o, s:o}", "command", command->name,
						"entries", (json_int_t)command->entries, "seconds",
						series_json(&command->seconds), "left_out",
						reason_json(command->left_out)));
	}
	return commands;
}

static json_t *goals_json(const struct report *report)
{
	json_t *all = json_array();

	for (size_t i = 0; i < goal_count; i++) {
		struct series values = goal_values(&goals[i], report);
		json_t *met = json_null();

		if (values.count)
			met = json_boolean(goal_is_met(&goals[i], series_median(&values)));
		json_array_append_new(
			all, json_pack("{s:s, s:I, s:f, s:o, s:o}", "target", goals[i].what,
				       "entries", (json_int_t)goals[i].entries, "bound",
				       goals[i].bound, "values", series_json(&values), "met", met));
	}
	return all;
}

static json_t *costs_json(const struct report *report)
{
	json_t *costs = json_array();

	for (size_t i = 0; i < report->cost_count * SOURCES_COUNT; i++) {
		const struct cost *cost = &report->costs[i / SOURCES_COUNT];
		const struct series *nanoseconds = &cost->nanoseconds[i % SOURCES_COUNT];

		if (nanoseconds->count)
			json_array_append_new(costs,
					      json_pack("{s:s, s:s, s:I, s:o}", "sources",
							sources_names[i % SOURCES_COUNT], "family",
							family_name(cost->family), "entries",
							(json_int_t)cost->entries, "nanoseconds",
							series_json(nanoseconds)));
	}
	return costs;
}

static json_t *programs_json(const struct report *report)
{
	json_t *programs = json_array();

	for (size_t i = 0; i < VARIANT_COUNT; i++) {
		const struct program_size *size = &report->sizes[i];

		json_array_append_new(programs,
				      json_pack("{s:s, s:i, s:i, s:i}", "variant", size->variant,
						"verified_instructions", (int)size->verified,
						"translated_bytes", (int)size->translated,
						"compiled_bytes", (int)size->compiled));
	}
	return programs;
}

int report_write_json(const struct report *report, const char *path, struct error *error)
{
	json_t *root = json_pack("{s:i, s:o, s:o, s:i, s:f, s:f}", "schema", SCHEMA, "command",
				 command_line_json(report), "machine", machine_json(), "rounds",
				 (int)report->rounds, "slice_seconds", report->seconds,
				 "covered_share", report->covered_share);
	int result;

	json_object_set_new(root, "targets", goals_json(report));
	json_object_set_new(root, "floods", floods_json(&report->trials));
	json_object_set_new(root, "left_out", left_out_json(&report->trials));
	json_object_set_new(root, "observers", observers_json(report));
	json_object_set_new(root, "commands", commands_json(report));
	json_object_set_new(root, "costs", costs_json(report));
	json_object_set_new(root, "programs", programs_json(report));
	result = root ? json_dump_file(root, path, JSON_INDENT(2)) : -1;
	json_decref(root);
	return result ? error_system(error, errno, "cannot write %s", path) : 0;
}
