// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/attach.h"

#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <bpf/bpf.h>

#include "cleanup.h"
#include "kernel/device_stack.h"
#include "kernel/foreign.h"
#include "kernel/pins.h"
#include "kernel/privilege.h"
#include "kernel/share.h"
#include "text/device_text.h"

static int conflict_error(const struct device *device, const struct foreign *foreign,
			  struct error *error)
{
	error_set(error, EXIT_CONFLICT, EBUSY, "%s already runs the XDP program %u (%s)",
		  device_text(device->name).text, foreign->program_id, foreign->name);
	error_hint(
		error,
		"if it may go: sipguard attach --replace %s; to look at it: bpftool prog show id %u",
		device_text(device->name).text, foreign->program_id);
	return -EBUSY;
}

/* The kernel's refusals of native mode that have a way out. */
static int refusal_error(const struct device *device, enum attach_mode mode, int number,
			 struct error *error)
{
	if (number == EPERM)
		return privilege_error(error, number, "cannot attach to %s",
				       device_text(device->name).text);
	error_system(error, number, "%s does not take the program in %s mode",
		     device_text(device->name).text, attach_mode_name(mode));
	if (mode == ATTACH_GENERIC)
		return -number;
	if (number == EOPNOTSUPP)
		error_hint(error,
			   "its driver has no native XDP; slower, but on any device: "
			   "sipguard attach --mode generic %s",
			   device_text(device->name).text);
	else
		error_hint(
			error,
			"its driver may limit the MTU (now %d), the queues or offloads: see dmesg; "
			"or sipguard attach --mode generic %s",
			device->mtu, device_text(device->name).text);
	return -number;
}

/* False when no device above is in the way. */
static bool upper_error(const struct device *device, struct error *error)
{
	__attribute__((cleanup(devices_clear))) struct devices devices = {};
	const struct device *upper;
	struct error ignored;

	if (devices_list(&devices, &ignored))
		return false;
	upper = devices_above(&devices, device->index);
	if (!upper)
		return false;
	error_set(error, EXIT_CONFLICT, EEXIST,
		  "%s takes no program while %s, which stands on it, has one", device->name,
		  upper->name);
	error_hint(error, "the lower one first: sipguard detach %s && sipguard attach %s %s",
		   upper->name, device->name, upper->name);
	return true;
}

/* Returns the link's descriptor. */
static int create_link(const struct device *device, const struct program *program,
		       enum attach_mode mode, struct error *error)
{
	LIBBPF_OPTS(bpf_link_create_opts, options,
		    .flags = mode == ATTACH_GENERIC ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE);
	__attribute__((cleanup(foreign_close))) struct foreign foreign = {.program = -1};
	struct error ignored;
	int link, number;

	link = bpf_link_create(program_descriptor(program), device->index, BPF_XDP, &options);
	if (link >= 0)
		return link;
	number = errno;
	if ((number == EBUSY || number == EEXIST) && !foreign_find(device, &foreign, &ignored) &&
	    foreign.program_id)
		return conflict_error(device, &foreign, error);
	if (number == EEXIST && upper_error(device, error))
		return -EEXIST;
	return refusal_error(device, mode, number, error);
}

/* In the requested mode; ATTACH_AUTO falls back, and says in the result why. */
static int create_link_in_mode(const struct attach_request *request, const struct program *program,
			       struct attach_result *result, struct error *error)
{
	enum attach_mode mode = request->mode;
	int link;

	result->mode = mode == ATTACH_AUTO ? ATTACH_NATIVE : mode;
	link = create_link(request->device, program, result->mode, error);
	if (link >= 0 || mode != ATTACH_AUTO || error->status != EXIT_SYSTEM)
		return link;
	result->fallback = *error;
	result->mode = ATTACH_GENERIC;
	return create_link(request->device, program, ATTACH_GENERIC, error);
}

/* Throws the other program off and attaches; `result` keeps it, so that it can be put back. */
static int replace_foreign(const struct attach_request *request, const struct program *program,
			   struct attach_result *result, struct error *error)
{
	__attribute__((cleanup(foreign_close))) struct foreign foreign = {.program = -1};
	int status;

	status = foreign_find(request->device, &foreign, error);
	if (!status && foreign.program_id)
		status = foreign_remove(request->device, &foreign, error);
	if (status)
		return status;
	result->replaced = foreign;
	foreign = (struct foreign){.program = -1};
	return create_link_in_mode(request, program, result, error);
}

static int create_link_or_replace(const struct attach_request *request,
				  const struct program *program, struct attach_result *result,
				  struct error *error)
{
	int link = create_link_in_mode(request, program, result, error);

	if (link < 0 && request->replace && error->status == EXIT_CONFLICT)
		link = replace_foreign(request, program, result, error);
	return link;
}

/* New maps for a device without a guard; what a killed command left of one does not count. */
static int create_maps(const struct attach_request *request, struct device_maps *maps,
		       struct error *error)
{
	enum sg_mode mode = request->monitor ? SG_MODE_MONITOR : request->first_mode;
	const char *name = request->device->name;
	char path[PIN_PATH_SIZE];
	int result;

	result = pin_device_remove(name, error);
	result = result ?: device_maps_create(maps, mode, error);
	if (!result && request->confirm && mode == SG_MODE_ENFORCE)
		result = device_maps_try_mode(maps, mode, SG_MODE_MONITOR, request->confirm, error);
	pin_device_path(path, name, NULL);
	result = result ?: pin_directory_make(path, error);
	pin_device_path(path, name, "device");
	result = result ?: pin_object(maps->device, path, error);
	pin_device_path(path, name, "counters");
	result = result ?: pin_object(maps->counters, path, error);
	pin_device_path(path, name, "samples_lost");
	return result ?: pin_object(maps->samples_lost, path, error);
}

/* The guard's maps, with the mode asked for. What its mode does unconfirmed stays as it is. */
static int keep_maps(const struct attach_request *request, struct device_maps *maps,
		     struct attach_result *result, struct error *error)
{
	struct device_mode mode;
	int status = device_maps_open(maps, request->device->name, error);

	status = status ?: device_maps_settings(maps, &result->former, error);
	status = status ?: device_maps_mode(maps, &mode, error);
	if (status)
		return status;
	if (request->monitor)
		return device_maps_set_mode(maps, SG_MODE_MONITOR, error);
	if (request->confirm && mode.in_force == SG_MODE_ENFORCE)
		return device_maps_try_mode(maps, SG_MODE_ENFORCE, SG_MODE_MONITOR,
					    request->confirm, error);
	if (mode.confirmation == CONFIRMATION_MISSED)
		return device_maps_set_mode(maps, mode.in_force, error);
	return 0;
}

static int pin_link(const struct device *device, int link, struct error *error)
{
	char path[PIN_PATH_SIZE];
	int status;

	pin_device_path(path, device->name, "link");
	/* That of a device of this name that is gone. */
	status = pin_remove(path, error);
	status = status ?: pin_object(link, path, error);
	if (status)
		bpf_link_detach(link);
	return status;
}

/* Loads the program and says in the device's maps that it comes. */
static int load_announced(struct program **program, const struct attach_request *request,
			  const struct device_maps *maps, uint32_t former_id, struct error *error)
{
	uint32_t id;
	int status;

	status = program_load(program, request->policy, maps, request->samples,
			      request->device->link_layer, PROGRAM_GUARDS, error);
	status = status ?: program_id(*program, &id, error);
	return status ?: device_maps_announce(maps, id, former_id, error);
}

static int attach_program(const struct attach_request *request, const struct device_maps *maps,
			  struct attach_result *result, struct error *error)
{
	__attribute__((cleanup(program_close))) struct program *program = NULL;
	cleanup_fd int link = -1;
	int status;

	status = load_announced(&program, request, maps, 0, error);
	if (status)
		return status;
	link = create_link_or_replace(request, program, result, error);
	return link < 0 ? link : pin_link(request->device, link, error);
}

/* One store in the kernel: a packet meets the old program or the new one. */
static int swap_program(const struct attach_request *request, const struct guard *guard,
			const struct device_maps *maps, struct attach_result *result,
			struct error *error)
{
	__attribute__((cleanup(program_close))) struct program *program = NULL;
	int status;

	status = load_announced(&program, request, maps, guard->program_id, error);
	if (status)
		return status;
	if (bpf_link_update(guard->link, program_descriptor(program), NULL))
		return error_system(error, errno, "cannot swap the program on %s",
				    device_text(request->device->name).text);
	result->mode = guard->attach_mode;
	return 0;
}

static int elsewhere_error(const struct device *device, struct error *error)
{
	error_set(error, EXIT_CONFLICT, EBUSY,
		  "the guard of %s went with its device to another network namespace",
		  device_text(device->name).text);
	error_hint(error, "to give that one up: sipguard detach %s, then attach",
		   device_text(device->name).text);
	return -EBUSY;
}

static int other_mode_error(const struct guard *guard, struct error *error)
{
	error_set(error, EXIT_CONFLICT, EBUSY, "%s is guarded in %s mode",
		  device_text(guard->device).text, attach_mode_name(guard->attach_mode));
	error_hint(error, "a change of mode leaves a gap: sipguard detach %s, then attach",
		   device_text(guard->device).text);
	return -EBUSY;
}

/* What the device is now. */
static int look_before(const struct attach_request *request, struct guard *guard,
		       enum attach_outcome *outcome, struct error *error)
{
	int status;

	status = guards_follow_names(error);
	status = status ?: guard_open(guard, request->device->name, error);
	if (status == -ENOENT) {
		*outcome = ATTACH_FIRST;
		return 0;
	}
	if (status)
		return status;
	if (guard->state == GUARD_ELSEWHERE)
		return elsewhere_error(request->device, error);
	*outcome = guard->state == GUARD_GONE ? ATTACH_REGAINED : ATTACH_SWAPPED;
	if (*outcome == ATTACH_SWAPPED && request->mode_given && request->mode != ATTACH_AUTO &&
	    request->mode != guard->attach_mode)
		return other_mode_error(guard, error);
	return 0;
}

static void restore_mode(const struct device *device, const struct sg_device *former)
{
	__attribute__((cleanup(device_maps_close))) struct device_maps maps = DEVICE_MAPS_CLOSED;
	struct error ignored;

	if (!device_maps_open(&maps, device->name, &ignored))
		device_maps_restore_mode(&maps, former, &ignored);
}

/* The guard of a device that had gone is one of a gone device again. */
static void lose_again(const struct device *device)
{
	char path[PIN_PATH_SIZE];
	struct error ignored;
	cleanup_fd int link = -1;

	pin_device_path(path, device->name, "link");
	link = pin_link_open(path, &ignored);
	if (link >= 0)
		bpf_link_detach(link);
}

/* False when a program that was thrown off is lost. */
static bool undo(const struct device *device, const struct attach_result *result)
{
	struct error ignored;

	if (result->outcome == ATTACH_FIRST) {
		if (guard_detach(device->name, &ignored))
			pin_device_remove(device->name, &ignored);
	} else {
		if (result->outcome == ATTACH_REGAINED)
			lose_again(device);
		if (result->former.abi_version)
			restore_mode(device, &result->former);
	}
	return !result->replaced.program_id || !foreign_restore(device, &result->replaced);
}

void guard_attach_undo(const struct device *device, const struct attach_result *result)
{
	undo(device, result);
}

void attach_result_clear(struct attach_result *result)
{
	foreign_close(&result->replaced);
	*result = ATTACH_RESULT_CLEAR;
}

int guard_attach(const struct attach_request *request, struct attach_result *result,
		 struct error *error)
{
	__attribute__((cleanup(attach_result_clear))) struct attach_result done =
		ATTACH_RESULT_CLEAR;
	__attribute__((cleanup(device_maps_close))) struct device_maps maps = DEVICE_MAPS_CLOSED;
	__attribute__((cleanup(guard_close))) struct guard guard = GUARD_CLOSED;
	int status;

	status = look_before(request, &guard, &done.outcome, error);
	if (status)
		return status;
	if (done.outcome == ATTACH_FIRST)
		status = create_maps(request, &maps, error);
	else
		status = keep_maps(request, &maps, &done, error);
	if (!status && done.outcome == ATTACH_SWAPPED)
		status = swap_program(request, &guard, &maps, &done, error);
	else if (!status)
		status = attach_program(request, &maps, &done, error);
	status = status ?: device_maps_mode(&maps, &done.policy_mode, error);
	if (status) {
		if (!undo(request->device, &done))
			error_hint(error,
				   "the program %u (%s) was detached and could not be put back",
				   done.replaced.program_id, done.replaced.name);
		return status;
	}
	pins_share();
	*result = done;
	done = ATTACH_RESULT_CLEAR;
	return 0;
}
