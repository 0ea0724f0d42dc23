/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bench's own XDP programs, and where the packets that they make get their sources from.
 */
#ifndef BENCH_GENERATOR_H
#define BENCH_GENERATOR_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "packet/frame.h"
#include "traffic.h"

/* Loads the programs, with room for so many sources. */
int generator_open(size_t sources_max, struct error *error);

/* Packets come from random public addresses, */
void generator_draw_strangers(uint8_t family);

/* or, in random order, from those that the caller writes to the array this returns. */
struct source *generator_draw_from(uint8_t family, size_t count);

/* Descriptors of the two programs that everything is compared with. */
int generator_bare_drop(void);
int generator_bare_pass(void);

/* From now on packets leave by this device of the senders' namespace. */
void generator_aim(unsigned int device);

/* One packet of this family to the receiver's SIP port, without a source; returns its length. */
size_t generator_frame(uint8_t family, uint8_t frame[static FRAME_SIZE_MAX]);

/* Sends until the process is killed; a positive errno when the kernel does not let it. */
int generator_send(uint8_t family);

/*
 * Nanoseconds for one run of the program on packets from the drawn sources; -1 measures the bare
 * XDP_DROP in its place.
 */
int generator_run(int program, uint8_t family, double *nanoseconds, struct error *error);

/* Binds this process to the processor on which everything is measured. */
void generator_pin(void);

#endif
