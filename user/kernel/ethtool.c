// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/ethtool.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "text/escape.h"

static int ask_ethtool(const char *name, void *command)
{
	cleanup_fd int channel = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_data = command};

	if (channel < 0 || strlen(name) >= sizeof(request.ifr_name))
		return -EINVAL;
	strcpy(request.ifr_name, name);
	return ioctl(channel, SIOCETHTOOL, &request) ? -errno : 0;
}

void ethtool_driver(const char *device, char *out, size_t size)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};

	if (!ask_ethtool(device, &info))
		text_escape(out, size, info.driver, strnlen(info.driver, sizeof(info.driver)));
}

struct ethtool_queues ethtool_queues(const char *device)
{
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};

	if (ask_ethtool(device, &channels))
		return (struct ethtool_queues){};
	return (struct ethtool_queues){
		.used = channels.combined_count + channels.rx_count,
		.most = channels.max_combined ?: channels.max_rx,
		.separate = !channels.max_combined,
	};
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

static void read_feature(struct ethtool_merging *merging, const char *name,
			 const struct ethtool_get_features_block *block, __u32 bit)
{
	if (!strncmp(name, "rx-lro", ETH_GSTRING_LEN)) {
		merging->lro = block->active & bit;
	} else if (!strncmp(name, "rx-gro-hw", ETH_GSTRING_LEN)) {
		merging->gro_hw = block->active & bit;
		merging->gro_hw_fixed = !(block->available & bit) || block->never_changed & bit;
	}
}

struct ethtool_merging ethtool_merging(const char *device)
{
	cleanup_free struct ethtool_gstrings *names = feature_names(device);
	cleanup_free struct ethtool_gfeatures *features = NULL;
	struct ethtool_merging merging = {};
	__u32 blocks;

	if (!names)
		return merging;
	blocks = (names->len + 31) / 32;
	features = calloc(1, sizeof(*features) + blocks * sizeof(features->features[0]));
	if (!features)
		return merging;
	features->cmd = ETHTOOL_GFEATURES;
	features->size = blocks;
	if (ask_ethtool(device, features))
		return merging;
	for (__u32 i = 0; i < names->len; i++)
		read_feature(&merging, (const char *)names->data + (size_t)i * ETH_GSTRING_LEN,
			     &features->features[i / 32], 1U << i % 32);
	return merging;
}
