/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the boot of this machine says about guards and devices. */
#ifndef SIPGUARD_USER_KERNEL_BOOT_H
#define SIPGUARD_USER_KERNEL_BOOT_H

#include <stdbool.h>

#include "kernel/device.h"

/* Whether the kernel's command line has the word sipguard=off: no guard comes back. */
bool boot_is_off(void);

/*
 * Whether the device has the name that it is to have: before udev has looked at it, the name may be
 * given to another one. Where no udev is at work, names do not change.
 */
bool device_is_settled(const struct device *device);

#endif
