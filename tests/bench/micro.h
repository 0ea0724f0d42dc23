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

#include "lists.h"
#include "series.h"

struct cost {
	size_t entries;
	uint8_t family;
	struct series nanoseconds[SOURCES_COUNT];
};

/* Of a guard with just this list, which is loaded. */
int micro_measure(const struct allowlist *list, size_t rounds, struct cost *cost,
		  struct error *error);

/* What the kernel says of one variant of the program. */
struct program_size {
	const char *variant;
	unsigned int verified;		   /* instructions the verifier walked */
	unsigned int translated, compiled; /* bytes */
};

#define VARIANT_COUNT 2

int micro_inspect(struct program_size sizes[static VARIANT_COUNT], struct error *error);

#endif
