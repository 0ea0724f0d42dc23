// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/driver.h"

#include <stddef.h>
#include <string.h>

/*
 * From the functions that the drivers have as ndo_bpf: ena_xdp_allowed(), i40e_xdp_setup(),
 * igb_xdp_setup(), ixgbe_xdp_setup(), mlx4_xdp_set(), mlx5e_xdp_allowed(), netvsc_xdp_set(), as of
 * Linux 6.1. An MTU is what remains of the buffer behind headers, headroom and tail.
 */
static const struct driver drivers[] = {
	{"bnxt_en", .native = true},
	{"e1000", .native = false},
	{"e1000e", .native = false},
	{"ena", .native = true, .mtu_max = 3498, .halves_queues = true},
	{"hv_netvsc", .native = true, .mtu_max = 3506, .lro_blocks = true},
	{"i40e", .native = true, .mtu_max = 3046},
	{"ice", .native = true, .mtu_max = 3046},
	{"igb", .native = true, .mtu_max = 3046},
	{"ixgbe", .native = true, .mtu_max = 3050},
	{"mlx4_en", .native = true, .mtu_max = 3498},
	{"mlx5_core", .native = true, .lro_blocks = true, .gro_hw_blocks = true},
	{"r8169", .native = false},
	{"tg3", .native = false},
	{"veth", .native = true},
	{"virtio_net", .native = true},
};

const struct driver *driver_find(const char *name)
{
	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++) {
		if (!strcmp(drivers[i].name, name))
			return &drivers[i];
	}
	return NULL;
}

bool driver_is_native(const struct device_facts *device)
{
	const struct driver *driver = driver_find(device->driver);

	if (device_kind_judge(&device->traits).link_layer != SG_LINK_ETHERNET)
		return false;
	if (device->features_known)
		return device->features & XDP_FEATURE_BASIC;
	return driver && driver->native;
}
