// SPDX-License-Identifier: GPL-2.0-or-later
/* What doctor asks of drivers: ethtool(8)'s ioctl, and the netdev family of generic netlink. */
#include <linux/genetlink.h>

#include "kernel/ethtool.h"
#include "kernel/inspect.h"
#include "kernel/netlink.h"

/* linux/netdev.h, which came with Linux 6.3. */
#define NETDEV_FAMILY	       "netdev"
#define NETDEV_COMMAND_GET     1
#define NETDEV_DEVICE_INDEX    1
#define NETDEV_DEVICE_FEATURES 3

static int read_family(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attribute;
	uint16_t *family = data;

	mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID)
			*family = mnl_attr_get_u16(attribute);
	}
	return MNL_CB_OK;
}

static struct nlmsghdr *generic_request(void *buffer, uint16_t family, uint8_t command)
{
	struct nlmsghdr *request = netlink_request(buffer, family, 0);
	struct genlmsghdr *header = mnl_nlmsg_put_extra_header(request, sizeof(*header));

	header->cmd = command;
	header->version = 1;
	return request;
}

static int find_family(uint16_t *family)
{
	char buffer[NETLINK_REQUEST_SIZE];
	struct nlmsghdr *request = generic_request(buffer, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	struct error ignored;

	mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, NETDEV_FAMILY);
	return netlink_ask(NETLINK_GENERIC, request, read_family, family, NETDEV_FAMILY, &ignored);
}

static int read_features(const struct nlmsghdr *message, void *data)
{
	struct device_facts *device = data;
	const struct nlattr *attribute;

	mnl_attr_for_each(attribute, message, sizeof(struct genlmsghdr))
	{
		if (mnl_attr_get_type(attribute) != NETDEV_DEVICE_FEATURES)
			continue;
		device->features = mnl_attr_get_u64(attribute);
		device->features_known = true;
	}
	return MNL_CB_OK;
}

static void read_xdp(struct device_facts *device)
{
	char buffer[NETLINK_REQUEST_SIZE];
	struct nlmsghdr *request;
	struct error ignored;
	uint16_t family = 0;

	if (find_family(&family) || !family)
		return;
	request = generic_request(buffer, family, NETDEV_COMMAND_GET);
	mnl_attr_put_u32(request, NETDEV_DEVICE_INDEX, (uint32_t)device->index);
	netlink_ask(NETLINK_GENERIC, request, read_features, device, NETDEV_FAMILY, &ignored);
}

void inspect_driver(struct device_facts *device, const char *name)
{
	const struct ethtool_queues queues = ethtool_queues(name);
	const struct ethtool_merging merging = ethtool_merging(name);

	ethtool_driver(name, device->driver, sizeof(device->driver));
	device->queues = queues.used;
	device->queues_max = queues.most;
	device->queues_separate = queues.separate;
	device->lro = merging.lro;
	device->gro_hw = merging.gro_hw;
	device->gro_hw_fixed = merging.gro_hw_fixed;
	read_xdp(device);
}
