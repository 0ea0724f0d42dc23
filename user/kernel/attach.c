// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/attach.h"

#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <bpf/bpf.h>

#include "cleanup.h"
#include "kernel/foreign.h"
#include "kernel/pins.h"
#include "kernel/privilege.h"

static int conflict_error(const struct device *device, const struct foreign *foreign,
			  struct error *error)
{
	error_set(error, EXIT_CONFLICT, EBUSY, "%s already runs the XDP program %u (%s)",
		  device->name, foreign->program_id, foreign->name);
	error_hint(
		error,
		"if it may go: sipguard attach --replace %s; to look at it: bpftool prog show id %u",
		device->name, foreign->program_id);
	return -EBUSY;
}

/* The kernel's refusals of native mode that have a way out. */
static int refusal_error(const struct device *device, enum attach_mode mode, int number,
			 struct error *error)
{
	if (number == EPERM)
		return privilege_error(error, number, "cannot attach to %s", device->name);
	error_system(error, number, "%s does not take the program in %s mode", device->name,
		     attach_mode_name(mode));
	if (mode == ATTACH_GENERIC)
		return -number;
	if (number == EOPNOTSUPP)
		error_hint(error,
			   "its driver has no native XDP; slower, but on any device: "
			   "sipguard attach --mode generic %s",
			   device->name);
	else
		error_hint(
			error,
			"its driver may limit the MTU (now %d), the queues or offloads: see dmesg; "
			"or sipguard attach --mode generic %s",
			device->mtu, device->name);
	return -number;
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
	return refusal_error(device, mode, number, error);
}

/* In the requested mode; ATTACH_AUTO falls back, and says in the result why. */
static int create_link_in_mode(const struct attach_request *request, const struct program *program,
			       struct attach_result *result, struct error *error)
{
	enum attach_mode mode = request->mode_given ? request->mode : ATTACH_NATIVE;
	int link;

	result->mode = mode == ATTACH_AUTO ? ATTACH_NATIVE : mode;
	link = create_link(request->device, program, result->mode, error);
	if (link >= 0 || mode != ATTACH_AUTO || error->status != EXIT_SYSTEM)
		return link;
	result->fallback = *error;
	result->mode = ATTACH_GENERIC;
	return create_link(request->device, program, ATTACH_GENERIC, error);
}

/* Throws the other program off and attaches; puts it back when that fails. */
static int replace_foreign(const struct attach_request *request, const struct program *program,
			   struct attach_result *result, struct error *error)
{
	__attribute__((cleanup(foreign_close))) struct foreign foreign = {.program = -1};
	int link;

	link = foreign_find(request->device, &foreign, error);
	if (!link && foreign.program_id)
		link = foreign_remove(request->device, &foreign, error);
	if (link < 0)
		return link;
	link = create_link_in_mode(request, program, result, error);
	if (link >= 0)
		result->replaced_program = foreign.program_id;
	else if (foreign.program_id && foreign_restore(request->device, &foreign))
		error_hint(error, "the program %u (%s) was detached and could not be put back",
			   foreign.program_id, foreign.name);
	return link;
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

/*
 * Opens the maps that an earlier guard of this name left, so that its counters and its mode go on,
 * or pins new ones.
 */
static int open_or_create_maps(const struct attach_request *request, struct device_maps *maps,
			       struct error *error)
{
	enum sg_mode mode = request->monitor ? SG_MODE_MONITOR : SG_MODE_ENFORCE;
	const char *name = request->device->name;
	char path[PIN_PATH_SIZE];
	int result;

	result = device_maps_open(maps, name, error);
	if (!result && request->monitor)
		return device_maps_set_mode(maps, mode, error);
	if (!result)
		return 0;
	if (result != -ENOENT)
		return result;

	result = device_maps_create(maps, mode, error);
	pin_device_path(path, name, NULL);
	result = result ?: pin_directory_make(path, error);
	pin_device_path(path, name, "device");
	result = result ?: pin_remove(path, error);
	result = result ?: pin_object(maps->device, path, error);
	pin_device_path(path, name, "counters");
	result = result ?: pin_remove(path, error);
	return result ?: pin_object(maps->counters, path, error);
}

static int attach_link(const struct attach_request *request, struct attach_result *result,
		       struct error *error)
{
	__attribute__((cleanup(device_maps_close))) struct device_maps maps = DEVICE_MAPS_CLOSED;
	__attribute__((cleanup(program_close))) struct program *program = NULL;
	cleanup_fd int link = -1;
	char path[PIN_PATH_SIZE];
	int status;

	status = open_or_create_maps(request, &maps, error);
	if (!status)
		status = program_load(&program, request->policy, &maps, request->device->link_layer,
				      error);
	if (status)
		return status;
	link = create_link_or_replace(request, program, result, error);
	if (link < 0)
		return link;
	/* Of a device of this name that is gone. */
	pin_device_path(path, request->device->name, "link");
	status = pin_remove(path, error);
	return status ?: pin_object(link, path, error);
}

static int attach_new(const struct attach_request *request, bool keep_counters,
		      struct attach_result *result, struct error *error)
{
	int status = attach_link(request, result, error);
	struct error ignored;

	if (status && !keep_counters)
		pin_device_remove(request->device->name, &ignored);
	return status;
}

/* One store in the kernel: a packet meets the old program or the new one. */
static int swap_program(const struct attach_request *request, const struct guard *guard,
			struct attach_result *result, struct error *error)
{
	__attribute__((cleanup(program_close))) struct program *program = NULL;
	int status;

	if (request->mode_given && request->mode != ATTACH_AUTO &&
	    request->mode != guard->attach_mode) {
		error_set(error, EXIT_CONFLICT, EBUSY, "%s is guarded in %s mode",
			  request->device->name, attach_mode_name(guard->attach_mode));
		error_hint(error, "a change of mode leaves a gap: sipguard detach %s, then attach",
			   request->device->name);
		return -EBUSY;
	}
	status = program_load(&program, request->policy, &guard->maps, request->device->link_layer,
			      error);
	if (status)
		return status;
	if (bpf_link_update(guard->link, program_descriptor(program), NULL))
		return error_system(error, errno, "cannot swap the program on %s",
				    request->device->name);
	result->swapped = true;
	result->mode = guard->attach_mode;
	if (request->monitor)
		return device_maps_set_mode(&guard->maps, SG_MODE_MONITOR, error);
	return 0;
}

static int elsewhere_error(const struct device *device, struct error *error)
{
	error_set(error, EXIT_CONFLICT, EBUSY,
		  "the guard of %s went with its device to another network namespace",
		  device->name);
	error_hint(error, "to give that one up: sipguard detach %s, then attach", device->name);
	return -EBUSY;
}

int guard_attach(const struct attach_request *request, struct attach_result *result,
		 struct error *error)
{
	__attribute__((cleanup(guard_close))) struct guard guard = GUARD_CLOSED;
	struct attach_result done = {};
	int status;

	status = guards_follow_names(error);
	if (status)
		return status;
	status = guard_open(&guard, request->device->name, error);
	if (!status && guard.state == GUARD_ATTACHED)
		status = swap_program(request, &guard, &done, error);
	else if (!status && guard.state == GUARD_ELSEWHERE)
		status = elsewhere_error(request->device, error);
	else if (!status || status == -ENOENT)
		status = attach_new(request, !status, &done, error);
	if (!status)
		*result = done;
	return status;
}
