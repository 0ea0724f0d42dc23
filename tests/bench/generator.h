/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bench's own XDP programs, and where the packets that they make get their sources from.
 */
#ifndef BENCH_GENERATOR_H
#define BENCH_GENERATOR_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "traffic.h"
#include "world.h"

/* Loads the programs, with room for so many sources. */
int generator_open(size_t sources_max, struct error *error);

/* Packets come from random public addresses, */
void generator_draw_strangers(uint8_t family);

/* or, in random order, from those that the caller writes to the array this returns. */
struct source *generator_draw_from(uint8_t family, size_t count);

/* Descriptors of the two programs that everything is compared with. */
int generator_bare_drop(void);
int generator_bare_pass(void);

/* The lane's device counted these since it was made. */
struct sample {
	double seconds; /* when: CLOCK_MONOTONIC */
	uint64_t received;
	uint64_t to_socket; /* of those, as far as UDP, whether or not the socket had room */
	uint64_t lost;	    /* sent, but the receiver's ring was full */
};

/*
 * Floods the lane and stores what happened within `seconds`. The process is in the receiver's
 * namespace afterwards.
 */
int generator_flood(const struct lane *lane, double seconds, struct sample *measured,
		    struct error *error);

/*
 * Nanoseconds for one run of the program on packets from the drawn sources; -1 measures the bare
 * XDP_DROP in its place.
 */
int generator_run(int program, uint8_t family, double *nanoseconds, struct error *error);

/* Binds this process to the processor on which everything is measured. */
void generator_pin(void);

#endif
