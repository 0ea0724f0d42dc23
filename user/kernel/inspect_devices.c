// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices, addresses and routes, of rtnetlink(7). */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "doctor/array.h"
#include "kernel/device.h"
#include "kernel/foreign.h"
#include "kernel/inspect.h"
#include "kernel/netlink.h"
#include "text/escape.h"

static int read_link(const struct nlmsghdr *message, void *data)
{
	struct facts *facts = data;
	struct device_facts *device = array_add(facts->devices, facts->device_count);
	struct device link;

	if (!device) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	device_parse(message, &link);
	text_escape(device->name, sizeof(device->name), link.name, strlen(link.name));
	device->index = link.index;
	device->mtu = link.mtu;
	device->up = link.flags & IFF_UP;
	device->loopback = link.flags & IFF_LOOPBACK;
	device->traits = link.traits;
	device->master = link.master;
	device->lower = link.lower;
	inspect_driver(device, link.name);
	inspect_device_decapsulation(device, link.name);
	return MNL_CB_OK;
}

static struct device_facts *device_at(struct facts *facts, uint32_t index)
{
	return (struct device_facts *)facts_device_at(facts, (int)index);
}

/* IFA_LOCAL is the host's own address where IFA_ADDRESS is that of the far end. */
static int read_address(const struct nlmsghdr *message, void *data)
{
	const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);
	struct device_facts *device = device_at(data, header->ifa_index);
	const struct nlattr *attribute, *own = NULL;
	struct prefix *address;

	if (!device || header->ifa_scope >= RT_SCOPE_LINK)
		return MNL_CB_OK;
	mnl_attr_for_each(attribute, message, sizeof(*header))
	{
		if (mnl_attr_get_type(attribute) == IFA_LOCAL ||
		    (mnl_attr_get_type(attribute) == IFA_ADDRESS && !own))
			own = attribute;
	}
	if (!own || mnl_attr_get_payload_len(own) > sizeof(address->address))
		return MNL_CB_OK;
	address = array_add(device->addresses, device->address_count);
	if (!address)
		return MNL_CB_OK;
	address->family = header->ifa_family == AF_INET ? SG_FAMILY_IPV4 : SG_FAMILY_IPV6;
	address->length = header->ifa_prefixlen;
	memcpy(address->address, mnl_attr_get_payload(own), mnl_attr_get_payload_len(own));
	return MNL_CB_OK;
}

static void mark_default(struct facts *facts, uint32_t index)
{
	struct device_facts *device = device_at(facts, index);

	if (device)
		device->default_route = true;
}

static void mark_hops(struct facts *facts, const struct nlattr *hops)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(hops);
	int left = mnl_attr_get_payload_len(hops);

	while (left >= (int)sizeof(*hop) && hop->rtnh_len >= sizeof(*hop) &&
	       hop->rtnh_len <= left) {
		mark_default(facts, (uint32_t)hop->rtnh_ifindex);
		if (RTNH_ALIGN(hop->rtnh_len) >= left)
			break;
		left -= RTNH_ALIGN(hop->rtnh_len);
		hop = RTNH_NEXT(hop);
	}
}

static int read_route(const struct nlmsghdr *message, void *data)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(message);
	const struct nlattr *attribute;

	if (route->rtm_dst_len || route->rtm_table != RT_TABLE_MAIN ||
	    route->rtm_type != RTN_UNICAST)
		return MNL_CB_OK;
	mnl_attr_for_each(attribute, message, sizeof(*route))
	{
		if (mnl_attr_get_type(attribute) == RTA_OIF)
			mark_default(data, mnl_attr_get_u32(attribute));
		else if (mnl_attr_get_type(attribute) == RTA_MULTIPATH)
			mark_hops(data, attribute);
	}
	return MNL_CB_OK;
}

/* Every family header of rtnetlink begins with the family, and 0 asks for all. */
static int dump(struct facts *facts, uint16_t type, size_t header, mnl_cb_t callback,
		const char *what, struct error *error)
{
	char buffer[NETLINK_REQUEST_SIZE];
	struct nlmsghdr *request = netlink_request(buffer, type, NLM_F_DUMP);

	mnl_nlmsg_put_extra_header(request, header);
	return netlink_ask(NETLINK_ROUTE, request, callback, facts, what, error);
}

/* The kernel names the program where it lets us; the number stands in the message of the link. */
static void read_program(struct device_facts *device)
{
	__attribute__((cleanup(foreign_close))) struct foreign foreign = {.program = -1};
	const struct device named = {.index = device->index};
	struct error ignored;

	if (foreign_find(&named, &foreign, &ignored))
		return;
	device->program_id = foreign.program_id;
	snprintf(device->program_name, sizeof(device->program_name), "%s", foreign.name);
}

int inspect_devices(struct facts *facts, struct error *error)
{
	int result;

	result = dump(facts, RTM_GETLINK, sizeof(struct ifinfomsg), read_link, "the devices",
		      error);
	result = result
			 ?: dump(facts, RTM_GETADDR, sizeof(struct ifaddrmsg), read_address,
				 "the addresses", error);
	result = result
			 ?: dump(facts, RTM_GETROUTE, sizeof(struct rtmsg), read_route,
				 "the routes", error);
	for (size_t i = 0; !result && i < facts->device_count; i++)
		read_program(&facts->devices[i]);
	return result;
}
