/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The maps of samples/, which the guards and the readers of samples share. They are pinned with
 * the policy, and go with the last guard.
 */
#ifndef SIPGUARD_USER_KERNEL_SAMPLE_MAPS_H
#define SIPGUARD_USER_KERNEL_SAMPLE_MAPS_H

#include "error.h"
#include "sipguard/abi.h"

/* It owns its descriptors. */
struct sample_maps {
	int readers;
	int taken;
	int rings;
};

#define SAMPLE_MAPS_CLOSED ((struct sample_maps){-1, -1, -1})

/* New maps, not pinned, that nobody reads. */
int sample_maps_create(struct sample_maps *maps, struct error *error);

/*
 * Those that are pinned. -ENOENT when there are none, -EPROTO when another version made them.
 */
int sample_maps_open(struct sample_maps *maps, struct error *error);

/* Those that are pinned, or new ones in their place. */
int sample_maps_open_or_pin(struct sample_maps *maps, struct error *error);

/* Removes the pins; what is not there is no error. */
int sample_maps_unpin(struct error *error);

void sample_maps_close(struct sample_maps *maps);

#endif
