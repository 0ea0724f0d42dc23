/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One number measured several times: a value for each round. */
#ifndef BENCH_SERIES_H
#define BENCH_SERIES_H

#include <stddef.h>

#define ROUNDS_MAX 99

struct series {
	double values[ROUNDS_MAX];
	size_t count;
};

double series_median(const struct series *series);
double series_least(const struct series *series);
double series_most(const struct series *series);

/* The median over the rounds of the quotient within a round, since machines drift. */
double series_ratio(const struct series *dividend, const struct series *divisor);

#endif
