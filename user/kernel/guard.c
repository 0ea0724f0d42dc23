// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/guard.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "cleanup.h"
#include "kernel/pins.h"
#include "kernel/privilege.h"
#include "text/escape.h"

const char *guard_state_name(enum guard_state state)
{
	static const char *const names[] = {
		[GUARD_ATTACHED] = "attached",
		[GUARD_GONE] = "gone",
		[GUARD_ELSEWHERE] = "elsewhere",
	};

	return names[state];
}

/* Whether the device with this index here runs this program, and how. */
static bool runs_program(int index, uint32_t program_id, enum attach_mode *mode)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);

	if (bpf_xdp_query(index, 0, &query))
		return false;
	*mode = query.drv_prog_id == program_id ? ATTACH_NATIVE : ATTACH_GENERIC;
	return query.drv_prog_id == program_id || query.skb_prog_id == program_id;
}

static int read_link(const struct guard *guard, struct bpf_link_info *info, struct error *error)
{
	__u32 size = sizeof(*info);

	*info = (struct bpf_link_info){};
	if (bpf_obj_get_info_by_fd(guard->link, info, &size) || info->type != BPF_LINK_TYPE_XDP)
		return error_set(error, EXIT_SYSTEM, EPROTO, "what is pinned for %s is no guard",
				 guard->device);
	return 0;
}

/*
 * An index is only meaningful in the network namespace of its device. That the device with this
 * index here runs the link's program tells whether it is the same device. The program may be
 * swapped between the two questions, so they are asked again before the answer is no.
 */
static int find_state(struct guard *guard, struct error *error)
{
	struct bpf_link_info info;
	struct device device;
	struct error ignored;
	bool here = false;

	for (int attempt = 0; !here && attempt < 3; attempt++) {
		int result = read_link(guard, &info, error);

		if (result)
			return result;
		guard->program_id = info.prog_id;
		guard->index = info.xdp.ifindex;
		guard->state = info.xdp.ifindex ? GUARD_ELSEWHERE : GUARD_GONE;
		if (!info.xdp.ifindex)
			return 0;
		here = runs_program((int)info.xdp.ifindex, info.prog_id, &guard->attach_mode);
	}
	if (!here || !if_indextoname(info.xdp.ifindex, guard->present) ||
	    device_read(guard->present, &device, &ignored))
		return 0;
	guard->link_layer = device.link_layer;
	guard->state = GUARD_ATTACHED;
	return 0;
}

static int no_guard_error(const char *device, struct error *error)
{
	char escaped[4 * IF_NAMESIZE];

	text_escape(escaped, sizeof(escaped), device, strlen(device));
	error_set(error, EXIT_ABSENT, ENOENT, "there is no guard on %s", escaped);
	error_hint(error, "sipguard status shows the guards there are");
	return -ENOENT;
}

/* Not to be taken for a device without a guard. */
static int lost_maps_error(const char *device, struct error *error)
{
	char escaped[4 * IF_NAMESIZE];

	text_escape(escaped, sizeof(escaped), device, strlen(device));
	error_set(error, EXIT_SYSTEM, EPROTO, "the guard on %s has lost the pins of its maps",
		  escaped);
	error_hint(error, "sipguard detach %s, then attach", escaped);
	return -EPROTO;
}

int guard_open(struct guard *guard, const char *device, struct error *error)
{
	__attribute__((cleanup(guard_close))) struct guard opened = GUARD_CLOSED;
	char path[PIN_PATH_SIZE];
	int result;

	pin_device_path(path, device, "link");
	opened.link = pin_link_open(path, error);
	if (opened.link == -ENOENT)
		return no_guard_error(device, error);
	if (opened.link < 0)
		return opened.link;
	strncpy(opened.device, device, sizeof(opened.device) - 1);
	result = find_state(&opened, error);
	result = result ?: device_maps_open(&opened.maps, device, error);
	if (result == -ENOENT)
		return lost_maps_error(device, error);
	if (result)
		return result;
	*guard = opened;
	opened = GUARD_CLOSED;
	return 0;
}

void guard_close(struct guard *guard)
{
	close_descriptor(&guard->link);
	device_maps_close(&guard->maps);
	*guard = GUARD_CLOSED;
}

/* A directory without a link is what a killed command left: no guard. */
static int is_guard(const struct dirent *directory)
{
	char device[IF_NAMESIZE], path[PIN_PATH_SIZE];

	if (!pin_device_name(directory->d_name, device))
		return 0;
	pin_device_path(path, device, "link");
	return access(path, F_OK) == 0;
}

static int is_left_over(const struct dirent *directory)
{
	char device[IF_NAMESIZE];

	return pin_device_name(directory->d_name, device) && !is_guard(directory);
}

/* The devices of those directories that the filter takes, sorted. The caller frees them. */
static int list_devices(int (*filter)(const struct dirent *directory), char (**names)[IF_NAMESIZE],
			size_t *count, struct error *error)
{
	char path[PIN_PATH_SIZE], (*found)[IF_NAMESIZE];
	struct dirent **directories = NULL;
	int entries;

	pin_device_path(path, NULL, NULL);
	entries = scandir(path, &directories, filter, alphasort);
	if (entries < 0 && errno != ENOENT)
		return privilege_error(error, errno, "cannot list the guards in %s", path);
	if (entries < 0)
		entries = 0;
	found = calloc((size_t)entries + 1, sizeof(*found));
	for (int i = 0; i < entries; i++) {
		if (found)
			pin_device_name(directories[i]->d_name, found[i]);
		free(directories[i]);
	}
	free(directories);
	if (!found)
		return error_system(error, ENOMEM, "cannot list the guards");
	*names = found;
	*count = (size_t)entries;
	return 0;
}

int guard_names(char (**names)[IF_NAMESIZE], size_t *count, struct error *error)
{
	return list_devices(is_guard, names, count, error);
}

int guards_open(struct guards *guards, struct error *error)
{
	__attribute__((cleanup(guards_close))) struct guards opened = {};
	cleanup_free char(*names)[IF_NAMESIZE] = NULL;
	size_t count;
	int result;

	result = guard_names(&names, &count, error);
	if (result)
		return result;
	opened.guards = calloc(count + 1, sizeof(*opened.guards));
	if (!opened.guards)
		return error_system(error, ENOMEM, "cannot list the guards");
	for (size_t i = 0; i < count; i++) {
		result = guard_open(&opened.guards[opened.count], names[i], error);
		/* Detached since the names were read: a reader takes no lock. */
		if (result == -ENOENT)
			continue;
		if (result)
			return result;
		opened.count++;
	}
	*guards = opened;
	opened = (struct guards){};
	return 0;
}

void guards_close(struct guards *guards)
{
	for (size_t i = 0; i < guards->count; i++)
		guard_close(&guards->guards[i]);
	free(guards->guards);
	*guards = (struct guards){};
}

const struct guard *guards_find(const struct guards *guards, const char *device)
{
	for (size_t i = 0; i < guards->count; i++) {
		const struct guard *guard = &guards->guards[i];
		bool attached = guard->state == GUARD_ATTACHED;

		if (!strcmp(attached ? guard->present : guard->device, device))
			return guard;
	}
	return NULL;
}

/* Where another guard holds the name, because names were exchanged, the two change places. */
static int follow_name(const struct guard *guard, struct error *error)
{
	__attribute__((cleanup(guard_close))) struct guard holder = GUARD_CLOSED;
	char from[PIN_PATH_SIZE], to[PIN_PATH_SIZE];
	unsigned int flags = 0;
	int result;

	result = guard_open(&holder, guard->present, error);
	if (!result && holder.state != GUARD_GONE)
		flags = RENAME_EXCHANGE;
	else if (!result || result == -ENOENT)
		result = pin_device_remove(guard->present, error);
	if (result)
		return result;
	pin_device_path(from, guard->device, NULL);
	pin_device_path(to, guard->present, NULL);
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, flags))
		return error_system(error, errno, "cannot rename %s to %s", from, to);
	return 0;
}

static const struct guard *first_renamed(const struct guards *guards)
{
	for (size_t i = 0; i < guards->count; i++) {
		const struct guard *guard = &guards->guards[i];

		if (guard->state == GUARD_ATTACHED && strcmp(guard->device, guard->present) != 0)
			return guard;
	}
	return NULL;
}

int guards_follow_names(struct error *error)
{
	while (true) {
		__attribute__((cleanup(guards_close))) struct guards guards = {};
		const struct guard *renamed;
		int result = guards_open(&guards, error);

		if (result)
			return result;
		renamed = first_renamed(&guards);
		if (!renamed)
			return 0;
		result = follow_name(renamed, error);
		if (result)
			return result;
	}
}

/* Removes a directory that may still be in use by other guards. */
static int remove_directory(const char *path, struct error *error)
{
	if (rmdir(path) && errno != ENOENT && errno != ENOTEMPTY)
		return error_system(error, errno, "cannot remove %s", path);
	return 0;
}

static int remove_policy_when_unused(struct error *error)
{
	cleanup_free char(*left)[IF_NAMESIZE] = NULL;
	char path[PIN_PATH_SIZE];
	struct error ignored;
	size_t count;
	int result;

	result = guard_names(&left, &count, error);
	if (result || count)
		return result;
	pin_device_path(path, NULL, NULL);
	result = remove_directory(path, error);
	/* A device of which there is something that is not known may need what is not known. */
	if (result || !access(path, F_OK))
		return result;
	/* What makes them count goes first; what another version has pinned goes behind it. */
	policy_unpin(&ignored);
	sample_maps_unpin(&ignored);
	pin_policy_path(path, NULL);
	result = pin_directory_clear(path, error);
	pin_samples_path(path, NULL);
	return result ?: pin_directory_clear(path, error);
}

int guard_sweep(struct error *error)
{
	cleanup_free char(*devices)[IF_NAMESIZE] = NULL;
	size_t count;
	int result;

	result = list_devices(is_left_over, &devices, &count, error);
	for (size_t i = 0; !result && i < count; i++)
		result = pin_device_remove(devices[i], error);
	return result ?: remove_policy_when_unused(error);
}

int guard_detach(const char *device, struct error *error)
{
	cleanup_fd int link = -1;
	char path[PIN_PATH_SIZE];
	int result;

	pin_device_path(path, device, "link");
	link = pin_link_open(path, error);
	if (link == -ENOENT)
		return no_guard_error(device, error);
	if (link < 0)
		return link;
	/*
	 * The pin comes first, so that a command that is killed here leaves no guard of a device
	 * that is not guarded: without its pin the link goes with this process at the latest.
	 */
	result = pin_remove(path, error);
	if (result)
		return result;
	bpf_link_detach(link);
	pin_device_path(path, device, NULL);
	result = pin_directory_clear(path, error);
	return result ?: guard_sweep(error);
}

bool guard_program_tag(const struct guard *guard, unsigned char tag[static 8])
{
	cleanup_fd int program = bpf_prog_get_fd_by_id(guard->program_id);
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	if (program < 0 || bpf_obj_get_info_by_fd(program, &info, &size))
		return false;
	memcpy(tag, info.tag, sizeof(info.tag));
	return true;
}
