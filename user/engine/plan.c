// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/clock.h"
#include "policy/list_diff.h"
#include "policy/ports.h"

/* Ends that lie closer together are the same: the kernel's goes through another clock. */
#define CLOCK_TOLERANCE 5

static int declare_entries(const struct declared_policy *declared, struct plan *plan,
			   struct error *error)
{
	__attribute__((cleanup(file_names_clear))) struct file_names files = {};
	__attribute__((cleanup(entry_list_clear))) struct entry_list entries = {};
	int result = entry_list_copy(&declared->entries, &entries, error);

	for (size_t i = 0; !result && i < declared->list_count; i++) {
		const struct entry_list *list = &declared->lists[i].entries;
		size_t at = 0;

		result = file_names_add_path(&files, declared->lists[i].path, error);
		for (size_t j = 0; j < list->count; j++)
			entry_list_find_next(&entries, &at, &list->entries[j].prefix)->file =
				(uint16_t)i;
	}
	result = result ?: state_declare(&plan->old, &entries, &files, &plan->new, error);
	if (!result && config_declares(&declared->config, CONFIG_PORTS))
		plan->new.ports = declared->config.ports;
	return result;
}

static int note_edit(struct plan *plan, const struct prefix *prefix, struct error *error)
{
	return entry_list_append(&plan->edits, &(struct entry){.prefix = *prefix}, error);
}

static int compare_entries(struct plan *plan, struct error *error)
{
	struct list_diff diff = {&plan->before, &plan->after};
	struct list_change change;
	int result = state_in_force(&plan->old, clock_now(), &plan->before, error);

	result = result ?: state_in_force(&plan->new, clock_now(), &plan->after, error);
	while (!result && list_diff_next(&diff, &change)) {
		plan->different++;
		result = note_edit(plan, &(change.before ?: change.after)->prefix, error);
	}
	return result;
}

/* As entries without labels, and without those that have expired. */
static int read_kernel(const struct policy *policy, struct entry_list *entries, struct error *error)
{
	struct policy_entries loaded = {};
	int result = policy_list(policy, &loaded, error);

	for (size_t i = 0; !result && i < loaded.count; i++) {
		const struct policy_entry *entry = &loaded.entries[i];
		struct entry copy = {
			.prefix = entry->prefix,
			.verdict = entry->verdict,
			.until = entry->until,
		};

		if (!entry->expired)
			result = entry_list_append(entries, &copy, error);
	}
	free(loaded.entries);
	return result;
}

static bool is_the_same(const struct list_change *change)
{
	const struct entry *kernel = change->before, *wanted = change->after;

	if (!kernel || !wanted || kernel->verdict != wanted->verdict)
		return false;
	return kernel->until && wanted->until
		       ? llabs(kernel->until - clock_unix_in_kernel(wanted->until)) <=
				 CLOCK_TOLERANCE
		       : kernel->until == wanted->until;
}

/*
 * The kernel may have what the state does not say: an entry that hid a declared one and expired,
 * for example, leaves nothing.
 */
static int compare_kernel(const struct policy *policy, struct plan *plan, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list kernel = {};
	struct list_diff diff = {&kernel, &plan->after};
	struct list_change change;
	size_t noted = plan->edits.count;
	int result = read_kernel(policy, &kernel, error);

	while (!result && list_diff_next(&diff, &change)) {
		if (!is_the_same(&change))
			result = note_edit(plan, &(change.before ?: change.after)->prefix, error);
	}
	if (result)
		return result;
	entry_list_sort(&plan->edits);
	plan->strayed = plan->edits.count - noted;
	return 0;
}

static bool is_declared(const struct config *config, const char *device)
{
	for (size_t i = 0; i < config->device_count; i++) {
		if (!strcmp(config->devices[i], device))
			return true;
	}
	return false;
}

bool plan_concerns(const struct declared_policy *declared, const struct guard *guard)
{
	const struct config *config = &declared->config;

	return !config_declares(config, CONFIG_DEVICES) || is_declared(config, guard->present);
}

/* A device that is not there holds nothing else up. */
static int compare_device(const char *name, struct plan *plan, struct error *error)
{
	const struct guard *guard = guards_find(&plan->guards, name);
	int result;

	if (guard && guard->state == GUARD_ATTACHED)
		return 0;
	result = device_find(name, &plan->attach[plan->attach_count], error);
	if (!result)
		plan->attach_count++;
	else if (result == -ENODEV)
		strcpy(plan->missing[plan->missing_count++], name);
	else
		return result;
	return 0;
}

/* All devices are looked at before anything is changed. */
static int compare_devices(const struct config *config, struct plan *plan, struct error *error)
{
	int result = 0;

	plan->attach = calloc(config->device_count + 1, sizeof(*plan->attach));
	plan->missing = calloc(config->device_count + 1, sizeof(*plan->missing));
	if (!plan->attach || !plan->missing)
		return error_system(error, ENOMEM, "cannot compare the devices");
	for (size_t i = 0; !result && i < config->device_count; i++)
		result = compare_device(config->devices[i], plan, error);
	return result;
}

static int compare_modes(const struct declared_policy *declared, struct plan *plan,
			 struct error *error)
{
	plan->mode_declared = config_declares(&declared->config, CONFIG_MODE);
	plan->mode = declared->config.mode;
	plan->switched.places = calloc(plan->guards.count + 1, sizeof(*plan->switched.places));
	if (!plan->switched.places)
		return error_system(error, ENOMEM, "cannot compare the modes");
	for (size_t i = 0; plan->mode_declared && i < plan->guards.count; i++) {
		const struct guard *guard = &plan->guards.guards[i];
		struct device_mode mode;
		int result = device_maps_mode(&guard->maps, &mode, error);

		if (result)
			return result;
		/* One that waits for its confirmation is not there to stay. */
		if ((mode.in_force != plan->mode || mode.reverts_to != plan->mode) &&
		    plan_concerns(declared, guard))
			plan->switched.places[plan->switched.count++] = i;
	}
	return 0;
}

/* The name under which a device is guarded, which is the one that is remembered. */
static const char *guarded_name(const struct plan *plan, const char *device)
{
	const struct guard *guard = guards_find(&plan->guards, device);

	return guard ? guard->device : device;
}

/* What a declared device is to be, whatever was typed. */
static int wish_for(const struct config *config, const char *device,
		    const struct guard_wishes *remembered, struct plan *plan, struct error *error)
{
	const struct guard *guard = guards_find(&plan->guards, device);
	const struct guard_wish *found;
	struct guard_wish wish = {.guarded = true, .from = WISH_DECLARED};
	struct device_mode mode = {.reverts_to = SG_MODE_ENFORCE};
	struct error ignored;

	strcpy(wish.device, guarded_name(plan, device));
	found = guard_wishes_find_guarded(remembered, wish.device);
	if (guard)
		device_maps_mode(&guard->maps, &mode, &ignored);
	wish.mode = found ? found->mode : mode.reverts_to;
	if (plan->mode_declared)
		wish.mode = plan->mode;
	wish.attach = found ? found->attach : ATTACH_NATIVE;
	if (config_declares(config, CONFIG_ATTACH))
		wish.attach = config->attach;
	plan->remembers += !found || found->mode != wish.mode;
	return guard_wishes_put(&plan->wishes, &wish, error);
}

/* That a device was detached by hand matters as long as it is declared. */
static void forget_undeclared(const struct config *config, struct guard_wishes *wishes)
{
	for (size_t i = wishes->count; i-- > 0;) {
		const struct guard_wish *wish = &wishes->wishes[i];
		char device[IF_NAMESIZE];

		strcpy(device, wish->device);
		if (!wish->guarded && config_declares(config, CONFIG_DEVICES) &&
		    !is_declared(config, device))
			guard_wishes_remove(wishes, device);
	}
}

/* Devices that are not named keep what is remembered, but for a mode that is declared for all. */
static int compare_remembered(const struct declared_policy *declared,
			      const struct guard_wishes *remembered, struct plan *plan,
			      struct error *error)
{
	const struct config *config = &declared->config;
	bool all = !config_declares(config, CONFIG_DEVICES) && plan->mode_declared;
	int result = guard_wishes_copy(remembered, &plan->wishes, error);

	forget_undeclared(config, &plan->wishes);
	for (size_t i = 0; !result && i < plan->wishes.count; i++) {
		struct guard_wish *wish = &plan->wishes.wishes[i];

		if (!all || !wish->guarded || wish->mode == plan->mode)
			continue;
		wish->mode = plan->mode;
		wish->from = WISH_DECLARED;
		plan->remembers++;
	}
	for (size_t i = 0; !result && i < config->device_count; i++)
		result = wish_for(config, config->devices[i], remembered, plan, error);
	return result;
}

int plan_make(const struct declared_policy *declared, const struct policy *policy,
	      const struct guard_wishes *remembered, struct plan *plan, struct error *error)
{
	int result = declare_entries(declared, plan, error);

	result = result ?: compare_entries(plan, error);
	if (!result && policy_is_open(policy))
		result = compare_kernel(policy, plan, error);
	result = result ?: guards_open(&plan->guards, error);
	result = result ?: compare_devices(&declared->config, plan, error);
	result = result ?: compare_modes(declared, plan, error);
	return result ?: compare_remembered(declared, remembered, plan, error);
}

void plan_clear(struct plan *plan)
{
	state_clear(&plan->old);
	state_clear(&plan->new);
	entry_list_clear(&plan->before);
	entry_list_clear(&plan->after);
	entry_list_clear(&plan->edits);
	guards_close(&plan->guards);
	free(plan->attach);
	free(plan->missing);
	guard_wishes_clear(&plan->wishes);
	chosen_guards_clear(&plan->switched);
}

bool plan_is_empty(const struct plan *plan)
{
	return !plan->different && !plan->strayed && !plan->attach_count && !plan->switched.count &&
	       !plan->remembers && ports_equal(&plan->old.ports, &plan->new.ports);
}
