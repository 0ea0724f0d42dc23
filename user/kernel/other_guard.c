// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/other_guard.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "cleanup.h"
#include "kernel/pins.h"
#include "kernel/privilege.h"

#define PASS_NAME "sipguard_pass"

/* The first word of a device's map and of the policy's settings is the layout's version in all. */
static uint32_t read_layout(const char *path)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info), zero = 0;
	cleanup_free uint32_t *value = NULL;
	cleanup_fd int map = bpf_obj_get(path);

	if (map < 0 || bpf_obj_get_info_by_fd(map, &info, &size) ||
	    info.type != BPF_MAP_TYPE_ARRAY || info.value_size < sizeof(*value))
		return 0;
	value = calloc(1, info.value_size + 8);
	return value && !bpf_map_lookup_elem(map, &zero, value) ? *value : 0;
}

uint32_t device_layout(const char *device)
{
	char path[PIN_PATH_SIZE];

	pin_device_path(path, device, "device");
	return read_layout(path);
}

uint32_t policy_layout(void)
{
	char path[PIN_PATH_SIZE];

	pin_policy_path(path, "settings");
	return read_layout(path);
}

static bool is_pass(uint32_t id)
{
	cleanup_fd int program = bpf_prog_get_fd_by_id(id);
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	return program >= 0 && !bpf_obj_get_info_by_fd(program, &info, &size) &&
	       !strcmp(info.name, PASS_NAME);
}

static void look(const char *device, struct other_guard *guard)
{
	struct bpf_link_info info = {};
	__u32 size = sizeof(info);
	char path[PIN_PATH_SIZE];
	cleanup_fd int link = -1;

	*guard = (struct other_guard){};
	strncpy(guard->device, device, sizeof(guard->device) - 1);
	guard->layout = device_layout(device);
	pin_device_path(path, device, "link");
	link = bpf_obj_get(path);
	if (link < 0 || bpf_obj_get_info_by_fd(link, &info, &size))
		return;
	guard->program_id = info.prog_id;
	guard->passes = is_pass(info.prog_id);
}

/* What cannot be opened goes among the others. */
static int open_one(const char *device, struct guards *guards, struct other_guards *others,
		    struct error *error)
{
	int result = guard_open(&guards->guards[guards->count], device, error);

	if (!result)
		guards->count++;
	else if (result == -EPROTO)
		look(device, &others->guards[others->count++]);
	/* Detached since the names were read: a reader takes no lock. */
	else if (result != -ENOENT)
		return result;
	return 0;
}

int guards_open_known(struct guards *guards, struct other_guards *others, struct error *error)
{
	__attribute__((cleanup(guards_close))) struct guards opened = {};
	__attribute__((cleanup(other_guards_clear))) struct other_guards unknown = {};
	cleanup_free char(*names)[IF_NAMESIZE] = NULL;
	size_t count;
	int result = guard_names(&names, &count, error);

	if (result)
		return result;
	opened.guards = calloc(count + 1, sizeof(*opened.guards));
	unknown.guards = calloc(count + 1, sizeof(*unknown.guards));
	if (!opened.guards || !unknown.guards)
		return error_system(error, ENOMEM, "cannot list the guards");
	for (size_t i = 0; !result && i < count; i++)
		result = open_one(names[i], &opened, &unknown, error);
	if (result)
		return result;
	*guards = opened;
	*others = unknown;
	opened = (struct guards){};
	unknown = (struct other_guards){};
	return 0;
}

void other_guards_clear(struct other_guards *others)
{
	free(others->guards);
	*others = (struct other_guards){};
}

const struct other_guard *other_guards_find(const struct other_guards *others, const char *device)
{
	for (size_t i = 0; i < others->count; i++) {
		if (!strcmp(others->guards[i].device, device))
			return &others->guards[i];
	}
	return NULL;
}

int other_guard_pass(const struct other_guard *guard, struct error *error)
{
	static const struct bpf_insn pass[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_XDP,
		    .prog_flags = BPF_F_XDP_HAS_FRAGS);
	cleanup_fd int program = -1, link = -1;
	char path[PIN_PATH_SIZE];

	pin_device_path(path, guard->device, "link");
	link = pin_link_open(path, error);
	if (link < 0)
		return link;
	program = bpf_prog_load(BPF_PROG_TYPE_XDP, PASS_NAME, "GPL", pass,
				sizeof(pass) / sizeof(pass[0]), &options);
	if (program < 0)
		return privilege_error(error, errno, "the kernel refused a program that passes");
	if (bpf_link_update(link, program, NULL))
		return error_system(error, errno, "cannot swap the program on %s", guard->device);
	return 0;
}
