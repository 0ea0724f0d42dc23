/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guarded device is now, to be kept or to be compared with what it was. */
#ifndef SIPGUARD_USER_KERNEL_BASELINE_H
#define SIPGUARD_USER_KERNEL_BASELINE_H

#include "kernel/device.h"
#include "kernel/program.h"
#include "policy/baseline.h"

/*
 * Of a device out of `devices`, on which program `program_id` runs in the guard's place. Asks
 * ethtool, which takes no capability, and `maps`, which may be open for reading alone. `devices`
 * were listed before, so that traffic meanwhile never looks unseen by the guard.
 */
int baseline_observe(const struct devices *devices, const struct device *device,
		     uint32_t program_id, const struct device_maps *maps, struct baseline *baseline,
		     struct error *error);

#endif
