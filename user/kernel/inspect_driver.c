// SPDX-License-Identifier: GPL-2.0-or-later
/* What a driver says of itself: ethtool(8)'s ioctl, and the netdev family of generic netlink. */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/genetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "kernel/inspect.h"
#include "kernel/netlink.h"
#include "text/escape.h"

/* linux/netdev.h, which came with Linux 6.3. */
#define NETDEV_FAMILY	       "netdev"
#define NETDEV_COMMAND_GET     1
#define NETDEV_DEVICE_INDEX    1
#define NETDEV_DEVICE_FEATURES 3

static int ask_ethtool(const char *name, void *command)
{
	cleanup_fd int channel = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_data = command};

	if (channel < 0 || strlen(name) >= sizeof(request.ifr_name))
		return -EINVAL;
	strcpy(request.ifr_name, name);
	return ioctl(channel, SIOCETHTOOL, &request) ? -errno : 0;
}

static void read_driver(struct device_facts *device, const char *name)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};

	if (!ask_ethtool(name, &info))
		text_escape(device->driver, sizeof(device->driver), info.driver,
			    strnlen(info.driver, sizeof(info.driver)));
}

static void read_queues(struct device_facts *device, const char *name)
{
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};

	if (ask_ethtool(name, &channels))
		return;
	device->queues = channels.combined_count + channels.rx_count;
	device->queues_max = channels.max_combined ?: channels.max_rx;
}

/* The names of the kernel's features, in the order of their bits. The caller frees them. */
static struct ethtool_gstrings *feature_names(const char *device)
{
	struct {
		struct ethtool_sset_info info;
		__u32 count;
	} set = {{.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES}};
	struct ethtool_gstrings *names;

	if (ask_ethtool(device, &set) || !set.info.sset_mask)
		return NULL;
	names = calloc(1, sizeof(*names) + (size_t)set.count * ETH_GSTRING_LEN);
	if (!names)
		return NULL;
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_FEATURES;
	names->len = set.count;
	if (ask_ethtool(device, names)) {
		free(names);
		return NULL;
	}
	return names;
}

static void read_feature(struct device_facts *device, const char *name,
			 const struct ethtool_get_features_block *block, __u32 bit)
{
	if (!strncmp(name, "rx-lro", ETH_GSTRING_LEN)) {
		device->lro = block->active & bit;
	} else if (!strncmp(name, "rx-gro-hw", ETH_GSTRING_LEN)) {
		device->gro_hw = block->active & bit;
		device->gro_hw_fixed = !(block->available & bit) || block->never_changed & bit;
	}
}

static void read_offloads(struct device_facts *device, const char *name)
{
	cleanup_free struct ethtool_gstrings *names = feature_names(name);
	cleanup_free struct ethtool_gfeatures *features = NULL;
	__u32 blocks;

	if (!names)
		return;
	blocks = (names->len + 31) / 32;
	features = calloc(1, sizeof(*features) + blocks * sizeof(features->features[0]));
	if (!features)
		return;
	features->cmd = ETHTOOL_GFEATURES;
	features->size = blocks;
	if (ask_ethtool(name, features))
		return;
	for (__u32 i = 0; i < names->len; i++)
		read_feature(device, (const char *)names->data + (size_t)i * ETH_GSTRING_LEN,
			     &features->features[i / 32], 1U << i % 32);
}

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
	read_driver(device, name);
	read_queues(device, name);
	read_offloads(device, name);
	read_xdp(device);
}
