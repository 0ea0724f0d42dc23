/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices that stand on others: bridges, bonds and VRFs on their ports, VLANs and macvlans on one
 * device. The kernel gives no program to a device while one that stands on it has one
 * (dev_xdp_attach() of net/core/dev.c), so those below are guarded first.
 */
#ifndef SIPGUARD_USER_KERNEL_DEVICE_STACK_H
#define SIPGUARD_USER_KERNEL_DEVICE_STACK_H

#include "kernel/device.h"

#define DEVICE_HEIGHT_MAX 8

/* How many devices there are below this one, one below the other: 0 to DEVICE_HEIGHT_MAX. */
unsigned int devices_height(const struct devices *devices, int index);

/* A device with a program that stands on this one; NULL: there is none. */
const struct device *devices_above(const struct devices *devices, int index);

#endif
