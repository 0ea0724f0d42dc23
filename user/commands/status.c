// SPDX-License-Identifier: GPL-2.0-or-later
/* status: the guards and the policy at a glance */
#include <errno.h>
#include <stdlib.h>

#include "commands/status_show.h"
#include "engine/guard_changes.h"
#include "engine/safety.h"
#include "kernel/device.h"
#include "kernel/guard.h"
#include "kernel/pins.h"
#include "store/guards_file.h"
#include "text/device_text.h"

static void overview_clear(struct overview *overview)
{
	guard_wishes_clear(&overview->remembered);
	guards_close(&overview->guards);
	other_guards_clear(&overview->others);
	free(overview->modes);
	free(overview->totals);
	free(overview->changes);
}

static int read_guards(struct overview *overview, struct error *error)
{
	__attribute__((cleanup(devices_clear))) struct devices devices = {};
	struct guards *guards = &overview->guards;
	int result = devices_list(&devices, error);

	result = result ?: guards_open_known(guards, &overview->others, error);

	if (result)
		return result;
	overview->modes = calloc(guards->count + 1, sizeof(*overview->modes));
	overview->totals = calloc(guards->count + 1, sizeof(*overview->totals));
	overview->changes = calloc(guards->count + 1, sizeof(*overview->changes));
	if (!overview->modes || !overview->totals || !overview->changes)
		return error_system(error, ENOMEM, "cannot read the guards");
	for (size_t i = 0; !result && i < guards->count; i++) {
		struct sg_counter counters[SG_COUNTER_COUNT];
		struct device_maps *maps = &guards->guards[i].maps;

		guard_changes_find(&devices, &guards->guards[i], &overview->changes[i]);
		result = device_maps_mode(maps, &overview->modes[i], error);
		result = result ? result : device_maps_counters(maps, counters, error);
		for (uint32_t index = 0; !result && index < SG_COUNTER_COUNT; index++)
			overview->totals[i]
				.packets[index / (SG_COUNTER_COUNT / SG_VERDICT_COUNT)] +=
				counters[index].packets;
	}
	return result;
}

static int read_policy(struct overview *overview, struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	int result;

	result = open_policy(&policy, error);
	result = result ? result : policy_fill(&policy, &overview->fill, error);
	result = result ? result : policy_trial(&policy, &overview->trial, error);
	result = result ? result : policy_ports(&policy, &overview->ports, error);
	if (result != -EPROTO)
		return result;
	/* The modes are in the maps of the devices, and can be told and changed without it. */
	overview->policy_layout = policy_layout();
	return overview->policy_layout && overview->policy_layout != SG_ABI_VERSION ? 0 : result;
}

static void read_remembered(const struct invocation *invocation, struct overview *overview)
{
	struct error error;
	int result = guards_file_read(&overview->remembered, &error);

	overview->remembered_known = !result || result == -ENOENT;
	if (!overview->remembered_known)
		notice(invocation, "warning: %s; what a reboot brings back is not known",
		       error.message);
}

static void warn_of_changes(const struct invocation *invocation, const char *device,
			    const struct baseline_changes *changes)
{
	for (int change = 0; change < CHANGE_COUNT; change++) {
		if (changes->what[change][0])
			notice(invocation, "warning: %s: %s%s; sipguard doctor %s says more",
			       device, changes->what[change],
			       changes->opens[change] ? ", and packets may pass it unseen" : "",
			       device);
	}
	if (baseline_changed(changes))
		notice(invocation, "sipguard attach %s guards it as it is now", device);
}

static void warn_of_lost_guards(const struct invocation *invocation,
				const struct overview *overview)
{
	for (size_t i = 0; i < overview->guards.count; i++) {
		const struct guard *guard = &overview->guards.guards[i];

		if (guard_was_severed(guard))
			notice(invocation,
			       "warning: the guard was taken off %s, which is NOT guarded: "
			       "sipguard attach %s",
			       device_text(guard->device).text, device_text(guard->device).text);
		else if (guard->state == GUARD_GONE)
			notice(invocation,
			       "warning: the device that %s was is gone; if there is one of that "
			       "name again, it is NOT guarded: sipguard attach %s",
			       device_text(guard->device).text, device_text(guard->device).text);
		else if (guard->state == GUARD_ELSEWHERE)
			notice(invocation,
			       "%s was moved to another network namespace, and is guarded there",
			       device_text(guard->device).text);
		else
			warn_of_changes(invocation, device_text(guard->present).text,
					&overview->changes[i]);
	}
}

static void warn_of_others(const struct invocation *invocation, const struct overview *overview)
{
	if (overview->policy_layout)
		notice(invocation,
		       "warning: the policy in force is one of another version of sipguard (layout "
		       "%u), which goes on: use that one, or sipguard mode monitor; sipguard detach "
		       "--all, then attach",
		       overview->policy_layout);
	for (size_t i = 0; i < overview->others.count; i++)
		notice(invocation,
		       "%s is guarded by another version of sipguard, which goes on: use that one, "
		       "or sipguard mode monitor %s; sipguard detach %s",
		       overview->others.guards[i].device, overview->others.guards[i].device,
		       overview->others.guards[i].device);
}

int command_status(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(overview_clear))) struct overview overview = {};
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	int result, status;

	result = operands_parse(invocation, NULL, 0, &words, error);
	if (result)
		return result;
	if (words.count)
		return usage_error(invocation, error, "status takes no operand");
	result = read_guards(&overview, error);
	if (!result && overview.guards.count)
		result = read_policy(&overview, error);
	if (result)
		return result;
	read_remembered(invocation, &overview);
	warn_of_others(invocation, &overview);
	status = (overview.guards.count || overview.others.count) &&
				 !count_missing_guards(&overview)
			 ? EXIT_DONE
			 : EXIT_ABSENT;
	for (size_t i = 0; i < overview.guards.count; i++) {
		if (overview.guards.guards[i].state == GUARD_GONE)
			status = EXIT_ABSENT;
	}
	if (!overview.guards.count && !overview.others.count && !pin_file_system_found())
		return not_attached_error(error);
	warn_of_lost_guards(invocation, &overview);
	return invocation->json ? status_print_json(invocation, &overview, status, error)
				: status_print_text(invocation, &overview, status, error);
}
