// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/clock.h"

#include <time.h>

#define NANOSECONDS 1000000000LL

static int64_t read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NANOSECONDS + now.tv_nsec;
}

int64_t clock_now(void)
{
	return read_clock(CLOCK_REALTIME) / NANOSECONDS;
}

int64_t clock_monotonic_milliseconds(void)
{
	return read_clock(CLOCK_MONOTONIC) / (NANOSECONDS / 1000);
}

uint64_t clock_boot_from_unix(int64_t seconds)
{
	__int128 then = (__int128)seconds * NANOSECONDS - clock_unix_ahead_of_boot();

	if (seconds == 0)
		return 0;
	if (then > INT64_MAX)
		return INT64_MAX;
	return then > 0 ? (uint64_t)then : 1;
}

int64_t clock_unix_in_kernel(int64_t seconds)
{
	return clock_unix_from_boot(clock_boot_from_unix(seconds));
}

/* Rounded, because the two clocks are read one after the other. */
int64_t clock_unix_from_boot(uint64_t nanoseconds)
{
	int64_t ahead, then;

	if (nanoseconds == 0)
		return 0;
	ahead = (int64_t)nanoseconds - read_clock(CLOCK_BOOTTIME) + NANOSECONDS / 2;
	if (__builtin_add_overflow(read_clock(CLOCK_REALTIME), ahead, &then))
		return INT64_MAX / NANOSECONDS;
	return then / NANOSECONDS;
}

int64_t clock_unix_ahead_of_boot(void)
{
	return read_clock(CLOCK_REALTIME) - read_clock(CLOCK_BOOTTIME);
}

int64_t clock_boot(void)
{
	return read_clock(CLOCK_BOOTTIME);
}
