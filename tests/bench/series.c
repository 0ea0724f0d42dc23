// SPDX-License-Identifier: GPL-2.0-or-later
#include "series.h"

#include <stdlib.h>

void series_add(struct series *series, double value)
{
	if (series->count < ROUNDS_MAX)
		series->values[series->count++] = value;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static struct series sorted(const struct series *series)
{
	struct series copy = *series;

	qsort(copy.values, copy.count, sizeof(copy.values[0]), compare);
	return copy;
}

/* The value below which this share of the values lies, between two of them where need be. */
static double quantile(const struct series *series, double share)
{
	struct series copy = sorted(series);
	double position = share * (double)(copy.count - 1);
	size_t below = (size_t)position;
	size_t above = below + 1 < copy.count ? below + 1 : below;

	return copy.values[below] +
	       (position - (double)below) * (copy.values[above] - copy.values[below]);
}

double series_median(const struct series *series)
{
	return quantile(series, 0.5);
}

double series_least(const struct series *series)
{
	return quantile(series, 0);
}

double series_most(const struct series *series)
{
	return quantile(series, 1);
}

double series_quartile(const struct series *series)
{
	return quantile(series, 0.25);
}

double series_third_quartile(const struct series *series)
{
	return quantile(series, 0.75);
}

struct series series_ratio(const struct series *dividend, const struct series *divisor)
{
	struct series ratios = {};

	for (size_t i = 0; i < dividend->count && i < divisor->count; i++)
		series_add(&ratios, dividend->values[i] / divisor->values[i]);
	return ratios;
}
