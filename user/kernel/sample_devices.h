/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names of guarded devices by what a sample tells of them: the index in their own network
 * namespace, and the mark of the guard.
 */
#ifndef SIPGUARD_USER_KERNEL_SAMPLE_DEVICES_H
#define SIPGUARD_USER_KERNEL_SAMPLE_DEVICES_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sample_device {
	uint32_t index;
	uint32_t map; /* device_maps_id() of the guard */
	bool is_here; /* in this network namespace */
	char name[IF_NAMESIZE];
};

/* sample_devices_clear() releases it. A zeroed one knows no device. */
struct sample_devices {
	struct sample_device *devices;
	size_t count;
	char unknown[IF_NAMESIZE];
};

/* Learns the names that guarded devices have now; those that are gone stay known. */
void sample_devices_learn(struct sample_devices *known);

/*
 * NULL when it is not known, or when several have the same index and mark. A mark of 0, of a
 * program of an earlier release, fits each of the index, and then those of this network namespace
 * go before others.
 */
const char *sample_devices_find(const struct sample_devices *known, uint32_t index, uint8_t mark);

/* "if7"; overwritten by the next call. */
const char *sample_devices_unknown(struct sample_devices *known, uint32_t index);

void sample_devices_clear(struct sample_devices *known);

#endif
