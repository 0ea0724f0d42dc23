/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the program itself costs a packet, without a device: BPF_PROG_TEST_RUN.
 *
 * One packet repeated would stay in the caches, so a wrapper gives each run another source; what
 * it costs with the bare XDP_DROP behind it is measured in turn and subtracted.
 */
#ifndef BENCH_MICRO_H
#define BENCH_MICRO_H

#include <stdint.h>

#include "policy/entry.h"
#include "series.h"

enum packets {
	PACKETS_ONE_SOURCE,
	PACKETS_ACTIVE_SOURCES,
	PACKETS_ALL_SOURCES,
	PACKETS_STRANGERS,
	PACKETS_NEIGHBOURS,
	PACKETS_COUNT,
};

struct cost {
	size_t entries;
	uint8_t family;
	struct series nanoseconds[PACKETS_COUNT];
};

/* What the kernel says of the program. */
struct program_size {
	unsigned int verified;		   /* instructions the verifier walked */
	unsigned int translated, compiled; /* bytes */
};

/* Of a guard with just this list. */
int micro_measure(const struct entry_list *list, size_t rounds, struct cost *cost,
		  struct program_size *size, struct error *error);

#endif
