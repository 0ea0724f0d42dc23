// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/guard_changes.h"

#include <errno.h>

#include "kernel/baseline.h"
#include "store/baseline_file.h"
#include "text/device_text.h"

static int observe_guard(const struct devices *devices, const struct guard *guard,
			 struct baseline *baseline, struct error *error)
{
	const struct device *device = devices_at(devices, (int)guard->index);

	if (guard->state != GUARD_ATTACHED || !device)
		return error_set(error, EXIT_ABSENT, ENODEV, "the device of %s is not here",
				 device_text(guard->device).text);
	return baseline_observe(devices, device, guard->program_id, &guard->maps, baseline, error);
}

static int begin(const struct devices *devices, const char *device, struct error *error)
{
	__attribute__((cleanup(guard_close))) struct guard guard = GUARD_CLOSED;
	struct baseline baseline;
	int result;

	result = guard_open(&guard, device, error);
	result = result ?: observe_guard(devices, &guard, &baseline, error);
	return result ?: baseline_file_write(device, &baseline, error);
}

void guard_changes_begin(const struct context *context, const struct device *guarded, int count)
{
	__attribute__((cleanup(devices_clear))) struct devices devices = {};
	struct error error;
	int result = devices_list(&devices, &error);

	for (int i = 0; !result && i < count; i++)
		result = begin(&devices, guarded[i].name, &error);
	if (result)
		context_notice(context, "warning: changes of the devices will not be noticed: %s",
			       error.message);
}

void guard_changes_find(const struct devices *devices, const struct guard *guard,
			struct baseline_changes *changes)
{
	struct baseline now;
	struct error ignored;

	*changes = (struct baseline_changes){};
	if (!observe_guard(devices, guard, &now, &ignored))
		baseline_file_compare(guard->device, &now, changes);
}

bool guard_was_severed(const struct guard *guard)
{
	struct baseline then;
	struct device device;
	struct error ignored;

	return guard->state == GUARD_GONE && !baseline_file_read(guard->device, &then, &ignored) &&
	       !device_read(guard->device, &device, &ignored) && device.index == then.index;
}
