/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program knows CLOCK_BOOTTIME, by which entries expire; people and files know Unix time.
 * Conversions are made at the moment of the call, so a later jump of the wall clock moves nothing
 * in the kernel.
 */
#ifndef SIPGUARD_USER_KERNEL_CLOCK_H
#define SIPGUARD_USER_KERNEL_CLOCK_H

#include <stdint.h>

#include "error.h"

/* Seconds of Unix time. */
int64_t clock_now(void);

/* For intervals. */
int64_t clock_monotonic_milliseconds(void);

/*
 * Seconds of Unix time to nanoseconds of CLOCK_BOOTTIME; 0 (never) stays 0, what lies before boot
 * becomes 1. The clock holds 292 years: what is later becomes its last value.
 */
uint64_t clock_boot_from_unix(int64_t seconds);

/* The inverse; 0 stays 0. */
int64_t clock_unix_from_boot(uint64_t nanoseconds);

/* What a time becomes on its way through the kernel's clock and back. */
int64_t clock_unix_in_kernel(int64_t seconds);

/* What to add to nanoseconds of CLOCK_BOOTTIME to get nanoseconds of Unix time, as of now. */
int64_t clock_unix_ahead_of_boot(void);

/*
 * -ENOTSUP in a time namespace whose CLOCK_BOOTTIME is not the kernel's own, as far as
 * /proc/self/timens_offsets tells: for what is given an end there. The conversions above take the
 * difference into account, for who only reads.
 */
int clock_refuse_namespace(struct error *error);

/* Nanoseconds of the kernel's CLOCK_BOOTTIME. */
int64_t clock_boot(void);

#endif
