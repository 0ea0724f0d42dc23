/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a driver says of itself, by ethtool(8)'s ioctl. It takes no capability. */
#ifndef SIPGUARD_USER_KERNEL_ETHTOOL_H
#define SIPGUARD_USER_KERNEL_ETHTOOL_H

#include <stdbool.h>
#include <stddef.h>

/* Copies the driver's own name, escaped; leaves `out` alone where there is none. */
void ethtool_driver(const char *device, char *out, size_t size);

struct ethtool_queues {
	unsigned int used; /* that receive; 0: the driver does not tell */
	unsigned int most;
	bool separate; /* they are set as `rx`, not as `combined` */
};
struct ethtool_queues ethtool_queues(const char *device);

/* Whether the driver merges packets before anybody sees them. */
struct ethtool_merging {
	bool lro;
	bool gro_hw;
	bool gro_hw_fixed; /* and cannot be switched off */
};
struct ethtool_merging ethtool_merging(const char *device);

#endif
