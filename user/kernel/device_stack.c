// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/device_stack.h"

#include <string.h>

static bool stands_on(const struct device *upper, const struct device *lower)
{
	if (lower->master == upper->index)
		return true;
	return upper->lower == lower->index &&
	       (device_kind_shares_frames(&upper->traits) || !strcmp(upper->traits.kind, "macsec"));
}

static unsigned int height_of(const struct devices *devices, const struct device *device,
			      unsigned int depth)
{
	unsigned int height = 0;

	if (depth == DEVICE_HEIGHT_MAX)
		return 0;
	for (size_t i = 0; i < devices->count; i++) {
		const struct device *lower = &devices->devices[i];
		unsigned int own;

		if (!stands_on(device, lower))
			continue;
		own = 1 + height_of(devices, lower, depth + 1);
		height = own > height ? own : height;
	}
	return height;
}

unsigned int devices_height(const struct devices *devices, int index)
{
	const struct device *device = devices_at(devices, index);

	return device ? height_of(devices, device, 0) : 0;
}

const struct device *devices_above(const struct devices *devices, int index)
{
	const struct device *device = devices_at(devices, index);

	for (size_t i = 0; device && i < devices->count; i++) {
		const struct device *upper = &devices->devices[i];

		if (device_runs_program(upper) && stands_on(upper, device))
			return upper;
	}
	return NULL;
}
