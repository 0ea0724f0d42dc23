// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics/json.h"

#include <string.h>

#include "policy/names.h"
#include "text/escape.h"

/* Device names and messages may hold bytes that are no UTF-8. */
static json_t *escaped(const char *text)
{
	char printable[1024];

	text_escape(printable, sizeof(printable), text, strlen(text));
	return json_string(printable);
}

static void add_cell(void *context, enum sg_verdict verdict, enum sg_family family,
		     enum sg_protocol protocol, enum sg_reason reason,
		     const struct sg_counter *counter)
{
	json_t *reasons = json_object_get(context, verdict_name(verdict));
	json_t *packets = json_object_get(reasons, reason_name(reason));
	json_int_t sum = json_integer_value(packets) + (json_int_t)counter->packets;

	(void)family;
	(void)protocol;
	json_object_set_new(reasons, reason_name(reason), json_integer(sum));
}

json_t *changes_json(const struct baseline_changes *changes)
{
	json_t *object = json_object();

	for (int change = 0; change < CHANGE_COUNT; change++) {
		if (changes->what[change][0])
			json_object_set_new(object, baseline_change_name(change),
					    json_string(changes->what[change]));
	}
	return object;
}

static json_t *guard_json(const struct snapshot_guard *guard)
{
	const char *attached = guard->native ? "native" : guard->generic ? "generic" : NULL;
	json_t *packets = json_object();

	for (int verdict = 0; verdict < SG_VERDICT_COUNT; verdict++)
		json_object_set_new(packets, verdict_name(verdict), json_object());
	snapshot_visit_cells(guard, add_cell, packets);
	return json_pack("{s:o, s:s?, s:b, s:o, s:I, s:o}", "device", escaped(guard->device),
			 "attached", attached, "enforcing", guard->enforces, "changed",
			 changes_json(&guard->changes), "samples_lost",
			 (json_int_t)guard->samples_lost, "packets", packets);
}

static json_t *problem_json(enum snapshot_part part, const struct error *problem)
{
	return json_pack("{s:s, s:o, s:o}", "collector", snapshot_part_name(part), "message",
			 escaped(problem->message), "hint", escaped(problem->hint));
}

json_t *snapshot_json(const struct snapshot *snapshot)
{
	json_t *guards = json_array(), *problems = json_array();

	for (size_t i = 0; i < snapshot->guard_count; i++)
		json_array_append_new(guards, guard_json(&snapshot->guards[i]));
	for (int part = 0; part < SNAPSHOT_PART_COUNT; part++) {
		if (snapshot->problems[part].message[0])
			json_array_append_new(problems,
					      problem_json(part, &snapshot->problems[part]));
	}
	return json_pack("{s:I, s:o, s:{s:I, s:I, s:I}, s:{s:b, s:I}, s:o}", "time_ms",
			 (json_int_t)snapshot->taken, "guards", guards, "allowlist", "ipv4",
			 (json_int_t)snapshot->entries4, "ipv6", (json_int_t)snapshot->entries6,
			 "capacity", (json_int_t)snapshot->capacity, "last_apply", "successful",
			 snapshot->last_apply_successful, "success_timestamp",
			 (json_int_t)snapshot->last_apply_success, "problems", problems);
}
