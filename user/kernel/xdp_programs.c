// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/xdp_programs.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

#include "kernel/netlink.h"

/* linux/rtnetlink.h of 5.19 and later has it. */
#ifndef RTEXT_FILTER_SKIP_STATS
#define RTEXT_FILTER_SKIP_STATS (1 << 3)
#endif

static int add(struct xdp_programs *programs, uint32_t id, bool generic)
{
	struct xdp_program *grown;

	grown = reallocarray(programs->programs, programs->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	programs->programs = grown;
	grown[programs->count++] = (struct xdp_program){id, generic};
	return 0;
}

static int read_program(const struct nlattr *attribute, void *programs)
{
	uint16_t type = mnl_attr_get_type(attribute);

	if (type != IFLA_XDP_DRV_PROG_ID && type != IFLA_XDP_SKB_PROG_ID)
		return MNL_CB_OK;
	if (mnl_attr_validate(attribute, MNL_TYPE_U32) < 0 ||
	    add(programs, mnl_attr_get_u32(attribute), type == IFLA_XDP_SKB_PROG_ID))
		return MNL_CB_ERROR;
	return MNL_CB_OK;
}

static int read_attribute(const struct nlattr *attribute, void *programs)
{
	if (mnl_attr_get_type(attribute) != IFLA_XDP)
		return MNL_CB_OK;
	return mnl_attr_parse_nested(attribute, read_program, programs);
}

static int read_device(const struct nlmsghdr *message, void *programs)
{
	return mnl_attr_parse(message, sizeof(struct ifinfomsg), read_attribute, programs);
}

static int dump(struct xdp_programs *programs, struct error *error)
{
	_Alignas(struct nlmsghdr) char buffer[NETLINK_REQUEST_SIZE];
	struct nlmsghdr *request = netlink_request(buffer, RTM_GETLINK, NLM_F_DUMP);

	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	mnl_attr_put_u32(request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return netlink_ask(NETLINK_ROUTE, request, read_device, programs, "the devices", error);
}

int xdp_programs_list(struct xdp_programs *programs, struct error *error)
{
	struct xdp_programs found = {};
	int result = -EINTR;

	/* EINTR is how a dump tells that devices came or went meanwhile. */
	for (int attempt = 0; result == -EINTR && attempt < 5; attempt++) {
		xdp_programs_clear(&found);
		result = dump(&found, error);
	}
	if (result && result != -EINTR) {
		xdp_programs_clear(&found);
		return result;
	}
	*programs = found;
	return 0;
}

void xdp_programs_clear(struct xdp_programs *programs)
{
	free(programs->programs);
	*programs = (struct xdp_programs){};
}

const struct xdp_program *xdp_programs_find(const struct xdp_programs *programs, uint32_t id)
{
	for (size_t i = 0; i < programs->count; i++) {
		if (programs->programs[i].id == id)
			return &programs->programs[i];
	}
	return NULL;
}
