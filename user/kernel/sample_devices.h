/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of guarded devices by their index, which is what a sample tells. */
#ifndef SIPGUARD_USER_KERNEL_SAMPLE_DEVICES_H
#define SIPGUARD_USER_KERNEL_SAMPLE_DEVICES_H

#include <net/if.h>
#include <stddef.h>
#include <stdint.h>

struct sample_device {
	uint32_t index;
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

/* NULL when it is not known. */
const char *sample_devices_find(const struct sample_devices *known, uint32_t index);

/* "if7"; overwritten by the next call. */
const char *sample_devices_unknown(struct sample_devices *known, uint32_t index);

void sample_devices_clear(struct sample_devices *known);

#endif
