/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a reader of samples holds its rate, and still sees what is rare. Pure: time is an argument.
 *
 * Two things together. The shifts thin out what is common, so that samples are spread evenly over a
 * flood, and the rate is shared among the reasons: one that needs less than its share gets what it
 * needs. The credit is a token bucket, filled at the rate and holding one second of it, which is
 * what keeps the rate before a flood is known.
 */
#ifndef SIPGUARD_USER_CAPTURE_PACE_H
#define SIPGUARD_USER_CAPTURE_PACE_H

#include <stdint.h>

#include "sipguard/abi.h"

struct pace {
	double rate; /* samples a second */
	double tokens;
	/* Of each reason: packets a second, and seconds since the last candidates. */
	double demand[SG_SAMPLE_REASONS];
	double idle[SG_SAMPLE_REASONS];
	/* What the program is to be told now. */
	uint8_t shift[SG_SAMPLE_REASONS];
	uint32_t credit; /* of each CPU until the next step */
};

/* What happened since the last step. */
struct pace_step {
	double seconds;
	uint64_t packets[SG_SAMPLE_REASONS]; /* that candidates stood for */
	uint64_t samples;
	unsigned int cpus; /* that had candidates */
};

struct pace pace_begin(uint32_t rate);
void pace_step(struct pace *pace, const struct pace_step *step);

#endif
