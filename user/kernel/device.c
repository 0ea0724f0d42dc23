// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/device.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/netlink.h"
#include "text/escape.h"

/* What IFLA_TUN_TYPE says of a device that carries Ethernet frames. */
#define TUN_TYPE_TAP 2

static void copy_string(char *out, size_t size, const struct nlattr *attribute)
{
	size_t length = mnl_attr_get_payload_len(attribute);

	snprintf(out, size, "%.*s", (int)strnlen(mnl_attr_get_payload(attribute), length),
		 mnl_attr_get_str(attribute));
}

/* The attribute of this type inside another one, or NULL. */
static const struct nlattr *find_nested(const struct nlattr *nest, uint16_t type)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, nest)
	{
		if (mnl_attr_get_type(attribute) == type)
			return attribute;
	}
	return NULL;
}

static bool has_size(const struct nlattr *attribute, size_t size)
{
	return attribute && mnl_attr_get_payload_len(attribute) >= size;
}

/*
 * ipgre_tunnel_init() of net/ipv4/ip_gre.c: frames begin with the outer packet unless the tunnel
 * has one far end, or takes it from each packet's route.
 */
static bool shows_outer_header(const struct nlattr *data)
{
	const struct nlattr *remote = find_nested(data, IFLA_GRE_REMOTE);
	uint32_t address = has_size(remote, 4) ? ntohl(mnl_attr_get_u32(remote)) : 0;

	if (find_nested(data, IFLA_GRE_COLLECT_METADATA))
		return false;
	return !address || address >> 28 == 0xe;
}

static void parse_kind(const struct nlattr *info, struct device_traits *traits)
{
	const struct nlattr *kind = find_nested(info, IFLA_INFO_KIND);
	const struct nlattr *data = find_nested(info, IFLA_INFO_DATA), *value;

	if (kind)
		copy_string(traits->kind, sizeof(traits->kind), kind);
	if (!data)
		return;
	if (!strcmp(traits->kind, "tun")) {
		value = find_nested(data, IFLA_TUN_TYPE);
		traits->taps = has_size(value, 1) && mnl_attr_get_u8(value) == TUN_TYPE_TAP;
	} else if (!strcmp(traits->kind, "ipvlan") || !strcmp(traits->kind, "ipvtap")) {
		value = find_nested(data, IFLA_IPVLAN_MODE);
		traits->inside_ip = has_size(value, 2) &&
				    mnl_attr_get_u16(value) == IPVLAN_MODE_L3S;
	} else if (!strcmp(traits->kind, "gre")) {
		traits->outer_header = shows_outer_header(data);
	}
}

static void parse_address(const struct nlattr *attribute, struct device *device)
{
	size_t length = mnl_attr_get_payload_len(attribute);

	if (length > sizeof(device->address))
		return;
	memcpy(device->address, mnl_attr_get_payload(attribute), length);
	device->address_length = (uint8_t)length;
}

static void parse_counts(const struct nlattr *attribute, struct device *device)
{
	struct rtnl_link_stats64 counts = {};
	size_t size = mnl_attr_get_payload_len(attribute);

	memcpy(&counts, mnl_attr_get_payload(attribute),
	       size < sizeof(counts) ? size : sizeof(counts));
	device->received_packets = counts.rx_packets;
	device->received_bytes = counts.rx_bytes;
}

static uint32_t find_program(const struct nlattr *xdp, uint16_t type)
{
	const struct nlattr *program = find_nested(xdp, type);

	return has_size(program, 4) ? mnl_attr_get_u32(program) : 0;
}

static void parse_attribute(const struct nlattr *attribute, struct device *device)
{
	switch (mnl_attr_get_type(attribute)) {
	case IFLA_IFNAME:
		copy_string(device->name, sizeof(device->name), attribute);
		break;
	case IFLA_MTU:
		device->mtu = (int)mnl_attr_get_u32(attribute);
		break;
	case IFLA_MASTER:
		device->master = (int)mnl_attr_get_u32(attribute);
		break;
	case IFLA_LINK:
		device->lower = (int)mnl_attr_get_u32(attribute);
		break;
	case IFLA_ADDRESS:
		parse_address(attribute, device);
		break;
	case IFLA_STATS64:
		parse_counts(attribute, device);
		break;
	case IFLA_XDP:
		device->native_program = find_program(attribute, IFLA_XDP_DRV_PROG_ID);
		device->generic_program = find_program(attribute, IFLA_XDP_SKB_PROG_ID);
		break;
	case IFLA_LINKINFO:
		parse_kind(attribute, &device->traits);
		break;
	default:
		break;
	}
}

void device_parse(const struct nlmsghdr *message, struct device *device)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
	const struct nlattr *attribute;
	bool lower_elsewhere = false;

	*device = (struct device){.index = link->ifi_index, .flags = link->ifi_flags};
	device->traits.type = link->ifi_type;
	mnl_attr_for_each(attribute, message, sizeof(*link))
	{
		parse_attribute(attribute, device);
		if (mnl_attr_get_type(attribute) == IFLA_LINK_NETNSID)
			lower_elsewhere = true;
	}
	/* An index of another network namespace means another device here. */
	if (lower_elsewhere)
		device->lower = 0;
	device->link_layer = device_kind_judge(&device->traits).link_layer;
}

static int parse_one(const struct nlmsghdr *message, void *data)
{
	device_parse(message, data);
	return MNL_CB_OK;
}

static int no_such_device(const char *name, struct error *error)
{
	char escaped[128];

	text_escape(escaped, sizeof(escaped), name, strlen(name));
	error_set(error, EXIT_ABSENT, ENODEV, "there is no device %s", escaped);
	error_hint(error, "ip -brief link");
	return -ENODEV;
}

/* By its name, or by its index where that is NULL. */
static int read_device(const char *name, int index, struct device *device, struct error *error)
{
	char buffer[NETLINK_REQUEST_SIZE];
	struct nlmsghdr *request = netlink_request(buffer, RTM_GETLINK, 0);
	struct ifinfomsg *link = mnl_nlmsg_put_extra_header(request, sizeof(*link));
	struct device found = {};
	int result;

	link->ifi_index = index;
	if (name)
		mnl_attr_put_strz(request, IFLA_IFNAME, name);
	result = netlink_ask(NETLINK_ROUTE, request, parse_one, &found, "a device", error);
	if (!result && found.index)
		*device = found;
	return result ?: found.index ? 0 : -ENODEV;
}

int device_read(const char *name, struct device *device, struct error *error)
{
	int result = -ENODEV;

	if (*name && strlen(name) < IF_NAMESIZE)
		result = read_device(name, 0, device, error);
	return result == -ENODEV ? no_such_device(name, error) : result;
}

int device_read_at(int index, struct device *device, struct error *error)
{
	return read_device(NULL, index, device, error);
}

static int add_device(const struct nlmsghdr *message, void *data)
{
	struct devices *devices = data;
	struct device *grown = reallocarray(devices->devices, devices->count + 1, sizeof(*grown));

	if (!grown) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	devices->devices = grown;
	device_parse(message, &grown[devices->count++]);
	return MNL_CB_OK;
}

static int dump(struct devices *devices, struct error *error)
{
	char buffer[NETLINK_REQUEST_SIZE];
	struct nlmsghdr *request = netlink_request(buffer, RTM_GETLINK, NLM_F_DUMP);

	mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	return netlink_ask(NETLINK_ROUTE, request, add_device, devices, "the devices", error);
}

int devices_list(struct devices *devices, struct error *error)
{
	struct devices found = {};
	int result = -EINTR;

	/* EINTR is how a dump tells that devices came or went meanwhile. */
	for (int attempt = 0; result == -EINTR && attempt < 5; attempt++) {
		devices_clear(&found);
		result = dump(&found, error);
	}
	if (result)
		devices_clear(&found);
	else
		*devices = found;
	return result;
}

void devices_clear(struct devices *devices)
{
	free(devices->devices);
	*devices = (struct devices){};
}

const struct device *devices_at(const struct devices *devices, int index)
{
	for (size_t i = 0; i < devices->count; i++) {
		if (devices->devices[i].index == index)
			return &devices->devices[i];
	}
	return NULL;
}

const struct device *devices_running(const struct devices *devices, uint32_t program_id)
{
	for (size_t i = 0; program_id && i < devices->count; i++) {
		const struct device *device = &devices->devices[i];

		if (device->native_program == program_id || device->generic_program == program_id)
			return device;
	}
	return NULL;
}

bool device_runs_program(const struct device *device)
{
	return device->native_program || device->generic_program;
}

static bool stands_in(const struct device *other, const struct device *device,
		      enum guard_instead instead)
{
	if (instead == INSTEAD_LOWER)
		return other->index == device->lower;
	return instead == INSTEAD_PORTS && other->master == device->index;
}

/* The command that guards what leads to the device; false when no such device is here. */
static bool name_instead(const struct device *device, enum guard_instead instead,
			 struct error *error)
{
	__attribute__((cleanup(devices_clear))) struct devices all = {};
	char names[sizeof(error->hint) - 32] = "";
	struct error ignored;
	size_t length = 0;

	if (instead == INSTEAD_NONE || devices_list(&all, &ignored))
		return false;
	for (size_t i = 0; i < all.count; i++) {
		const struct device *other = &all.devices[i];
		char escaped[4 * IF_NAMESIZE + 1];

		if (!stands_in(other, device, instead))
			continue;
		text_escape(escaped, sizeof(escaped), other->name, strlen(other->name));
		if (length + strlen(escaped) + 2 <= sizeof(names))
			length += (size_t)sprintf(names + length, " %s", escaped);
	}
	if (length)
		error_hint(error, "sipguard attach%s", names);
	return length;
}

int device_find(const char *name, struct device *device, struct error *error)
{
	char escaped[4 * IF_NAMESIZE + 1];
	struct kind_verdict verdict;
	struct device found;
	int result = device_read(name, &found, error);

	if (result)
		return result;
	verdict = device_kind_judge(&found.traits);
	if (verdict.guardable) {
		*device = found;
		return 0;
	}
	text_escape(escaped, sizeof(escaped), found.name, strlen(found.name));
	error_set(error, EXIT_SYSTEM, EAFNOSUPPORT, "%s %s", escaped, verdict.why);
	if (!name_instead(&found, verdict.instead, error))
		error_hint(error, "%s", verdict.hint);
	return -EAFNOSUPPORT;
}
