// SPDX-License-Identifier: GPL-2.0-or-later
/* The answer of status: a row or an object for each guard, also missing and of another layout. */
#include "commands/status_show.h"

#include <errno.h>
#include <string.h>

#include "commands/confirmation.h"
#include "engine/guard_changes.h"
#include "kernel/device.h"
#include "metrics/json.h"
#include "policy/names.h"
#include "policy/ports.h"
#include "text/device_text.h"

static const struct guard_wish *remembered_of(const struct overview *overview,
					      const struct guard *guard)
{
	return guard_wishes_find_guarded(&overview->remembered, guard->device)
		       ?: guard_wishes_find_guarded(&overview->remembered, guard->present);
}

/* Remembered, and neither guarded nor renamed. */
static bool is_missing(const struct overview *overview, const struct guard_wish *wish)
{
	for (size_t i = 0; i < overview->guards.count; i++) {
		if (remembered_of(overview, &overview->guards.guards[i]) == wish)
			return false;
	}
	return wish->guarded && !other_guards_find(&overview->others, wish->device);
}

size_t count_missing_guards(const struct overview *overview)
{
	size_t count = 0;

	for (size_t i = 0; i < overview->remembered.count; i++)
		count += is_missing(overview, &overview->remembered.wishes[i]);
	return count;
}

static const char *missing_state(const struct guard_wish *wish)
{
	struct device device;
	struct error ignored;

	return device_find(wish->device, &device, &ignored) == -ENODEV ? "absent" : "unguarded";
}

static const char *from_name(const struct overview *overview, const struct guard_wish *wish)
{
	if (!overview->remembered_known)
		return NULL;
	return wish ? wish_origin_name(wish->from) : "runtime";
}

static json_t *missing_json(const struct overview *overview)
{
	json_t *missing = json_array();

	for (size_t i = 0; i < overview->remembered.count; i++) {
		const struct guard_wish *wish = &overview->remembered.wishes[i];

		if (is_missing(overview, wish))
			json_array_append_new(missing,
					      json_pack("{s:s, s:s, s:s, s:s, s:s}", "device",
							device_text(wish->device).text, "state",
							missing_state(wish), "mode",
							mode_name(wish->mode), "attach_mode",
							attach_mode_name(wish->attach), "from",
							wish_origin_name(wish->from)));
	}
	return missing;
}

static json_t *others_json(const struct overview *overview)
{
	json_t *others = json_array();

	for (size_t i = 0; i < overview->others.count; i++) {
		const struct other_guard *other = &overview->others.guards[i];

		json_array_append_new(
			others,
			json_pack("{s:s, s:o, s:i, s:s?}", "device", other->device, "map_layout",
				  other->layout ? json_integer(other->layout) : json_null(),
				  "program_id", (int)other->program_id, "mode",
				  other->passes ? "monitor" : NULL));
	}
	return others;
}

static json_t *guard_json(const struct overview *overview, size_t i)
{
	const struct guard *guard = &overview->guards.guards[i];
	const struct guard_wish *wish = remembered_of(overview, guard);
	bool attached = guard->state == GUARD_ATTACHED;
	json_t *packets = json_object();

	for (unsigned int verdict = 0; verdict < SG_VERDICT_COUNT; verdict++)
		json_object_set_new(packets, verdict_name(verdict),
				    json_integer((json_int_t)overview->totals[i].packets[verdict]));
	return json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:s, s:o, s:o, s:i, s:o, s:s?, s:s?}",
			 "device", device_text(guard->device).text, "state",
			 guard_state_name(guard->state), "present_name",
			 attached ? device_text(guard->present).text : NULL, "attach_mode",
			 attached ? attach_mode_name(guard->attach_mode) : NULL, "link_layer",
			 attached ? link_layer_name(guard->link_layer) : NULL, "mode",
			 mode_name(overview->modes[i].in_force), "confirmation",
			 confirmation_json(&overview->modes[i]), "changed",
			 changes_json(&overview->changes[i]), "program_id", (int)guard->program_id,
			 "packets", packets, "from", from_name(overview, wish), "after_reboot",
			 wish ? mode_name(wish->mode) : NULL);
}

static json_t *limit_json(uint32_t limit)
{
	return limit ? json_integer(limit) : json_null();
}

/* As confirmation_json() tells it of a mode. */
static json_t *trial_json(const struct policy_trial *trial)
{
	if (trial->state == CONFIRMATION_NONE)
		return json_null();
	return json_pack("{s:s, s:I}", "state", confirmation_name(trial->state), "seconds_left",
			 (json_int_t)trial->seconds_left);
}

int status_print_json(const struct invocation *invocation, const struct overview *overview,
		      int status, struct error *error)
{
	json_t *answer = answer_new(invocation), *devices = json_array(), *ports = json_array();

	for (size_t i = 0; i < overview->guards.count; i++)
		json_array_append_new(devices, guard_json(overview, i));
	for (struct port port = {}; ports_next(&overview->ports, &port);) {
		char text[PORT_TEXT_SIZE];

		port_format(&port, text);
		json_array_append_new(ports, json_string(text));
	}
	json_object_set_new(answer, "devices", devices);
	json_object_set_new(answer, "missing", missing_json(overview));
	json_object_set_new(answer, "other_layouts", others_json(overview));
	json_object_set_new(answer, "ports", ports);
	if (overview->policy_layout) {
		json_object_set_new(answer, "policy_layout", json_integer(overview->policy_layout));
		json_object_set_new(answer, "entries", json_null());
		return answer_print(answer, status, error);
	}
	json_object_set_new(answer, "policy_layout", json_integer(SG_ABI_VERSION));
	json_object_set_new(answer, "entries",
			    json_pack("{s:I, s:I, s:I, s:o, s:I, s:o}", "ipv4",
				      (json_int_t)overview->fill.entries4, "ipv6",
				      (json_int_t)overview->fill.entries6, "capacity",
				      (json_int_t)overview->fill.capacity, "limit",
				      limit_json(overview->fill.limit), "memory_bytes",
				      (json_int_t)overview->fill.memory, "confirmation",
				      trial_json(&overview->trial)));
	return answer_print(answer, status, error);
}

static void state_cell(struct table *table, enum guard_state state,
		       const struct baseline_changes *changes)
{
	if (state != GUARD_ATTACHED)
		table_cell(table, TABLE_BAD, "%s", guard_state_name(state));
	else if (baseline_changed(changes))
		table_cell(table, TABLE_BAD, "changed");
	else
		table_cell(table, TABLE_GOOD, "%s", guard_state_name(state));
}

static const char *after_reboot(const struct overview *overview, const struct guard_wish *wish)
{
	if (!overview->remembered_known)
		return "?";
	return wish ? mode_name(wish->mode) : "not guarded";
}

static void missing_cells(struct table *table, const struct overview *overview, size_t i)
{
	const struct guard_wish *wish = &overview->remembered.wishes[i];

	if (!is_missing(overview, wish))
		return;
	table_cell(table, TABLE_PLAIN, "%s", wish->device);
	table_cell(table, TABLE_BAD, "%s", missing_state(wish));
	table_cell(table, TABLE_PLAIN, "%s", attach_mode_name(wish->attach));
	table_cell(table, TABLE_PLAIN, "-");
	table_cell(table, TABLE_PLAIN, "%s", wish_origin_name(wish->from));
	table_cell(table, TABLE_PLAIN, "%s", after_reboot(overview, wish));
	for (unsigned int verdict = 0; verdict < SG_VERDICT_COUNT; verdict++)
		table_cell(table, TABLE_PLAIN, "-");
}

static void other_cells(struct table *table, const struct overview *overview, size_t i)
{
	const struct other_guard *other = &overview->others.guards[i];
	const struct guard_wish *wish = guard_wishes_find_guarded(&overview->remembered,
								  other->device);

	table_cell(table, TABLE_PLAIN, "%s", other->device);
	if (other->layout && other->layout != SG_ABI_VERSION)
		table_cell(table, TABLE_WARN, "layout %u", other->layout);
	else
		table_cell(table, TABLE_WARN, "other layout");
	table_cell(table, TABLE_PLAIN, "-");
	table_cell(table, TABLE_WARN, "%s", other->passes ? "monitor" : "not known");
	table_cell(table, TABLE_PLAIN, "%s", from_name(overview, wish) ?: "?");
	table_cell(table, TABLE_PLAIN, "%s", after_reboot(overview, wish));
	for (unsigned int verdict = 0; verdict < SG_VERDICT_COUNT; verdict++)
		table_cell(table, TABLE_PLAIN, "-");
}

static void guard_cells(struct table *table, const struct overview *overview, size_t i)
{
	const struct guard *guard = &overview->guards.guards[i];
	bool attached = guard->state == GUARD_ATTACHED;
	bool enforcing = overview->modes[i].in_force == SG_MODE_ENFORCE;
	char mode[DEVICE_MODE_TEXT_SIZE];
	bool renamed = attached && strcmp(guard->present, guard->device) != 0;

	const struct guard_wish *wish = remembered_of(overview, guard);

	device_mode_format(&overview->modes[i], mode);
	table_cell(table, TABLE_PLAIN, "%s%s%s", device_text(guard->device).text,
		   renamed ? " now " : "", renamed ? device_text(guard->present).text : "");
	state_cell(table, guard->state, &overview->changes[i]);
	table_cell(table, TABLE_PLAIN, "%s", attached ? attach_mode_name(guard->attach_mode) : "-");
	table_cell(table, enforcing ? TABLE_GOOD : TABLE_WARN, "%s", mode);
	table_cell(table, TABLE_PLAIN, "%s", from_name(overview, wish) ?: "?");
	table_cell(table, TABLE_PLAIN, "%s", after_reboot(overview, wish));
	for (unsigned int verdict = 0; verdict < SG_VERDICT_COUNT; verdict++)
		table_cell(table, TABLE_PLAIN, "%llu",
			   (unsigned long long)overview->totals[i].packets[verdict]);
}

/* Of the family that has more. */
static double fill_percent(const struct policy_fill *fill)
{
	uint32_t most = fill->entries4 > fill->entries6 ? fill->entries4 : fill->entries6;

	return fill->capacity ? 100.0 * most / fill->capacity : 0;
}

static void print_trial(const struct policy_trial *trial)
{
	if (trial->state == CONFIRMATION_PENDING)
		printf("\nthe former allowlist comes back in %lld s unless this one is confirmed",
		       (long long)trial->seconds_left);
	else if (trial->state == CONFIRMATION_MISSED)
		fputs("\nthis is the former allowlist: the last one was not confirmed", stdout);
}

static void print_policy(const struct overview *overview)
{
	const struct policy_fill *fill = &overview->fill;

	printf("\nallowlist: %u IPv4 and %u IPv6 entries; %.0f %% full, with room for %u of each%s; "
	       "at least %.1f MiB of memory",
	       fill->entries4, fill->entries6, fill_percent(fill), fill->capacity,
	       fill->limit ? " and no more" : " until it grows", (double)fill->memory / (1 << 20));
	print_trial(&overview->trial);
	fputs("\nguarded ports:", stdout);
	for (struct port port = {}; ports_next(&overview->ports, &port);) {
		char text[PORT_TEXT_SIZE];

		port_format(&port, text);
		printf(" %s", text);
	}
	putchar('\n');
}

int status_print_text(const struct invocation *invocation, const struct overview *overview,
		      int status, struct error *error)
{
	static const char *const headings[] = {"DEVICE", "STATE", "XDP",
					       "MODE",	 "FROM",  "AFTER REBOOT",
					       ">PASS",	 ">DROP", ">WOULD DROP"};
	struct table table;

	if (!overview->guards.count && !overview->others.count && !count_missing_guards(overview)) {
		puts("no device is guarded: sipguard attach DEV");
		return status;
	}
	table_init(&table, headings, sizeof(headings) / sizeof(headings[0]));
	for (size_t i = 0; i < overview->guards.count; i++)
		guard_cells(&table, overview, i);
	for (size_t i = 0; i < overview->remembered.count; i++)
		missing_cells(&table, overview, i);
	for (size_t i = 0; i < overview->others.count; i++)
		other_cells(&table, overview, i);
	status = table_answer(&table, invocation, status, error);
	if (status >= 0 && overview->guards.count && !overview->policy_layout)
		print_policy(overview);
	return status;
}
