/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network devices of this network namespace. */
#ifndef SIPGUARD_USER_KERNEL_DEVICE_H
#define SIPGUARD_USER_KERNEL_DEVICE_H

#include <net/if.h>
#include <stdint.h>

#include "error.h"
#include "sipguard/abi.h"

struct device {
	char name[IF_NAMESIZE];
	int index;
	int mtu;
	enum sg_link_layer link_layer;
};

/*
 * -ENODEV (EXIT_ABSENT) when there is none, -EAFNOSUPPORT when its link layer is not one the
 * program parses.
 */
int device_find(const char *name, struct device *device, struct error *error);

/* Of a hardware type, ARPHRD_*: 0, or -EAFNOSUPPORT when the program cannot parse its frames. */
int device_link_layer(unsigned short type, enum sg_link_layer *link_layer);

#endif
