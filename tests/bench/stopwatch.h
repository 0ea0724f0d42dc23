/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BENCH_STOPWATCH_H
#define BENCH_STOPWATCH_H

#include <time.h>

/* Seconds of CLOCK_MONOTONIC. */
static inline double stopwatch(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static inline void sleep_seconds(double seconds)
{
	time_t whole = (time_t)seconds;
	struct timespec time = {whole, (long)((seconds - (double)whole) * 1e9)};

	nanosleep(&time, NULL);
}

#endif
