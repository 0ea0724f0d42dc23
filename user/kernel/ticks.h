/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's count of timer ticks (jiffies), which the program can read without a call, and its
 * relation to the clocks of people.
 */
#ifndef SIPGUARD_USER_KERNEL_TICKS_H
#define SIPGUARD_USER_KERNEL_TICKS_H

#include <stdint.h>

#include "error.h"

/* What the count was at one moment. */
struct ticks {
	uint64_t count;
	int64_t nanoseconds; /* a tick takes */
	int64_t unix_time;   /* in seconds */
};

/* Asks the kernel by a program of a few instructions, which needs what loading the guard needs. */
int ticks_read(struct ticks *ticks, struct error *error);

/* Seconds of Unix time; 0 (never) stays 0. Time in which the machine slept is not counted. */
int64_t ticks_to_unix(const struct ticks *ticks, uint64_t count);

#endif
