/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One of the places for readers of samples. Whoever has it holds a lock on its directory, which
 * ends with the process; so a place whose lock is free is free, whatever its maps say.
 */
#ifndef SIPGUARD_USER_KERNEL_SAMPLE_PLACE_H
#define SIPGUARD_USER_KERNEL_SAMPLE_PLACE_H

#include <stdint.h>

#include "error.h"
#include "kernel/sample_maps.h"

struct sample_place {
	uint32_t number;
	int lock;
	struct sg_sample_readers *readers; /* the map of this name, in memory */
};

#define SAMPLE_PLACE_NONE ((struct sample_place){0, -1, NULL})

/*
 * Takes a free place, and clears away what dead readers left in any. -EBUSY (EXIT_CONFLICT) when
 * all are taken: the error names the processes that have them.
 */
int sample_place_take(struct sample_place *place, const struct sample_maps *maps,
		      struct error *error);

/* The one that belongs to the place. */
struct sg_sample_request *sample_place_request(const struct sample_place *place);

/* Says that the reader is there, also after the program took it for dead. */
void sample_place_activate(const struct sample_place *place);

void sample_place_leave(struct sample_place *place, const struct sample_maps *maps);

#endif
