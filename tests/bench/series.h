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

void series_add(struct series *series, double value);

/* Of a series that is not empty. */
double series_median(const struct series *series);
double series_least(const struct series *series);
double series_most(const struct series *series);
/* Half of the values lie between these two. */
double series_quartile(const struct series *series);
double series_third_quartile(const struct series *series);

/* Quotients within each round; of as many rounds as both have. */
struct series series_ratio(const struct series *dividend, const struct series *divisor);

#endif
