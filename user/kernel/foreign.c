// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/foreign.h"

#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "cleanup.h"
#include "kernel/privilege.h"
#include "text/escape.h"

static void read_name(int program, char *name, size_t size)
{
	struct bpf_prog_info info = {};
	__u32 length = sizeof(info);

	if (program < 0 || bpf_obj_get_info_by_fd(program, &info, &length))
		snprintf(name, size, "unknown");
	else
		text_escape(name, size, info.name, strnlen(info.name, sizeof(info.name)));
}

int foreign_find(const struct device *device, struct foreign *foreign, struct error *error)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	struct foreign found = {.program = -1};
	int result;

	result = bpf_xdp_query(device->index, 0, &query);
	if (result)
		return privilege_error(error, -result, "cannot ask for XDP programs on %s",
				       device->name);
	if (query.hw_prog_id) {
		found.program_id = query.hw_prog_id;
		found.flags = XDP_FLAGS_HW_MODE;
	} else if (query.drv_prog_id) {
		found.program_id = query.drv_prog_id;
		found.flags = XDP_FLAGS_DRV_MODE;
	} else if (query.skb_prog_id) {
		found.program_id = query.skb_prog_id;
		found.flags = XDP_FLAGS_SKB_MODE;
	}
	if (found.program_id) {
		found.program = bpf_prog_get_fd_by_id(found.program_id);
		read_name(found.program, found.name, sizeof(found.name));
	}
	*foreign = found;
	return 0;
}

void foreign_close(struct foreign *foreign)
{
	close_descriptor(&foreign->program);
	*foreign = (struct foreign){.program = -1};
}

/* The descriptor of the link that holds a program on this device, or -1. */
static int find_link(const struct device *device, uint32_t program_id)
{
	uint32_t id = 0;

	while (!bpf_link_get_next_id(id, &id)) {
		cleanup_fd int link = bpf_link_get_fd_by_id(id);
		struct bpf_link_info info = {};
		__u32 size = sizeof(info);

		if (link < 0 || bpf_obj_get_info_by_fd(link, &info, &size))
			continue;
		if (info.type == BPF_LINK_TYPE_XDP && info.prog_id == program_id &&
		    info.xdp.ifindex == (__u32)device->index)
			return take_descriptor(&link);
	}
	return -1;
}

int foreign_remove(const struct device *device, const struct foreign *foreign, struct error *error)
{
	cleanup_fd int link = -1;
	int result;

	if (foreign->program < 0)
		return privilege_error(error, EPERM,
				       "cannot take hold of the program %u on %s, to put it back "
				       "should anything fail",
				       foreign->program_id, device->name);
	link = find_link(device, foreign->program_id);
	if (link >= 0)
		result = bpf_link_detach(link) ? -errno : 0;
	else
		result = bpf_xdp_detach(device->index, foreign->flags, NULL);
	if (result)
		return privilege_error(error, -result, "cannot detach the program %u (%s) from %s",
				       foreign->program_id, foreign->name, device->name);
	return 0;
}

int foreign_restore(const struct device *device, const struct foreign *foreign)
{
	if (foreign->program < 0)
		return -ENOENT;
	return bpf_xdp_attach(device->index, foreign->program, foreign->flags, NULL);
}
