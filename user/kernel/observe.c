// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/observe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "cleanup.h"
#include "kernel/baseline.h"
#include "kernel/clock.h"
#include "kernel/guard.h"
#include "kernel/pins.h"

/*
 * The first of a part's problems is kept: the others tend to be the same. Nobody needs a capability
 * to look, so what is missing is another thing than for a command that writes.
 */
static void note(struct snapshot *snapshot, enum snapshot_part part, const struct error *error)
{
	struct error *problem = &snapshot->problems[part];

	if (problem->message[0])
		return;
	*problem = *error;
	if (problem->status != EXIT_PRIVILEGE)
		return;
	error_set(problem, EXIT_PRIVILEGE, EACCES, "cannot read the pins in %s: %s", pin_root(),
		  strerror(EACCES));
	error_hint(problem, "root may, and the group sipguard once they are shared with it: start "
			    "sipguard-exporter as root, which does that and then gives root up");
}

/* Nothing writes to a pin, so the time is that of the first attach. */
static int read_created(struct snapshot_guard *guard, struct error *error)
{
	char path[PIN_PATH_SIZE];
	struct stat status;

	pin_device_path(path, guard->device, "counters");
	if (stat(path, &status))
		return error_system(error, errno, "cannot look at %s", path);
	guard->created = status.st_mtim.tv_sec * 1000LL + status.st_mtim.tv_nsec / 1000000;
	return 0;
}

static int find_attachment(struct snapshot_guard *guard, const struct device_maps *maps,
			   const struct devices *devices, struct error *error)
{
	const struct device *device;
	struct device_mode mode;
	struct sg_device settings;
	uint32_t program;
	int result = device_maps_settings(maps, &settings, error);

	if (result)
		return result;
	mode = device_mode_of(&settings, (uint64_t)clock_boot());
	guard->enforces = mode.in_force == SG_MODE_ENFORCE;
	guard->confirmation = mode.confirmation;
	program = settings.program_id;
	device = devices_running(devices, program);
	if (!device) {
		program = settings.former_program_id;
		device = devices_running(devices, program);
	}
	if (!device)
		return 0;
	guard->native = device->native_program == program;
	guard->generic = !guard->native;
	return baseline_observe(devices, device, program, maps, &guard->now, error);
}

static int read_guard(struct snapshot_guard *guard, const char *device,
		      const struct devices *devices, struct error *error)
{
	__attribute__((cleanup(device_maps_close))) struct device_maps maps = DEVICE_MAPS_CLOSED;
	struct snapshot_guard read = {};
	int result;

	strncpy(read.device, device, sizeof(read.device) - 1);
	result = device_maps_observe(&maps, device, error);
	result = result ?: find_attachment(&read, &maps, devices, error);
	result = result ?: device_maps_counters(&maps, read.counters, error);
	result = result ?: read_created(&read, error);
	result = result ?: device_maps_samples_lost(&maps, &read.samples_lost, error);
	if (result)
		return result;
	*guard = read;
	return 0;
}

/* What is gone by now was detached since its name was read, unless its link is still there. */
static bool was_detached(const char *device)
{
	char path[PIN_PATH_SIZE];

	pin_device_path(path, device, "link");
	return access(path, F_OK) && errno == ENOENT;
}

static int read_guards(struct snapshot *snapshot, struct error *error)
{
	__attribute__((cleanup(devices_clear))) struct devices devices = {};
	cleanup_free char(*names)[IF_NAMESIZE] = NULL;
	size_t count;
	int result;

	result = guard_names(&names, &count, error);
	/* In this order: a program that was announced before is on its device by now. */
	result = result ?: devices_list(&devices, error);
	if (result)
		return result;
	snapshot->guards = calloc(count + 1, sizeof(*snapshot->guards));
	if (!snapshot->guards)
		return error_system(error, ENOMEM, "cannot read the guards");
	for (size_t i = 0; i < count; i++) {
		struct snapshot_guard *guard = &snapshot->guards[snapshot->guard_count];

		result = read_guard(guard, names[i], &devices, error);
		if (!result)
			snapshot->guard_count++;
		else if (result != -ENOENT || !was_detached(names[i]))
			note(snapshot, SNAPSHOT_GUARDS, error);
	}
	return 0;
}

/* A process that stands in a directory that was removed would see no guard for ever. */
static int check_root(struct error *error)
{
	struct stat status;

	if (stat(pin_root(), &status) || status.st_nlink)
		return 0;
	error_set(error, EXIT_SYSTEM, ENOENT, "the directory of the pins was removed");
	error_hint(error, "start sipguard-exporter again");
	return -ENOENT;
}

static int read_policy(struct snapshot *snapshot, struct error *error)
{
	struct policy_fill fill = {};
	struct policy_trial trial = {};
	int result = policy_observe(&fill, &trial, error);

	if (result == -ENOENT && !snapshot->guard_count)
		result = 0;
	snapshot->list_confirmation = trial.state;
	snapshot->entries4 = fill.entries4;
	snapshot->entries6 = fill.entries6;
	if (fill.limit)
		snapshot->capacity = fill.limit;
	return result;
}

void observe(struct snapshot *snapshot)
{
	struct error error;

	snapshot->taken = clock_monotonic_milliseconds();
	snapshot->capacity = POLICY_CAPACITY_MAX;
	if (check_root(&error) || read_guards(snapshot, &error))
		note(snapshot, SNAPSHOT_GUARDS, &error);
	if (read_policy(snapshot, &error))
		note(snapshot, SNAPSHOT_POLICY, &error);
}
