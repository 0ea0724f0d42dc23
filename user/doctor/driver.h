/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of network drivers and native XDP, for kernels that do not tell (before 6.3), and
 * for conditions that no kernel tells. Pure.
 */
#ifndef SIPGUARD_USER_DOCTOR_DRIVER_H
#define SIPGUARD_USER_DOCTOR_DRIVER_H

#include <stdbool.h>

#include "doctor/facts.h"

struct driver {
	const char *name;
	int mtu_max; /* for frames of one buffer; 0: no limit of its own */
	bool native;
	bool lro_blocks;    /* attaching fails while LRO is on */
	bool gro_hw_blocks; /* attaching fails while hardware GRO is on */
	bool halves_queues; /* every receive queue takes another one for XDP */
};

/* NULL: nothing is known of it. */
const struct driver *driver_find(const char *name);

/*
 * Whether native XDP can work on the device: what the kernel says, or else what is known of the
 * driver. A native program sees Ethernet, so it never does on a device of bare IP packets.
 */
bool driver_is_native(const struct device_facts *device);

#endif
