// SPDX-License-Identifier: GPL-2.0-or-later
#include "series.h"

#include <stdlib.h>

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

double series_median(const struct series *series)
{
	struct series copy = sorted(series);

	return (copy.values[(copy.count - 1) / 2] + copy.values[copy.count / 2]) / 2;
}

double series_least(const struct series *series)
{
	return sorted(series).values[0];
}

double series_most(const struct series *series)
{
	return sorted(series).values[series->count - 1];
}

double series_ratio(const struct series *dividend, const struct series *divisor)
{
	struct series ratios = {.count = dividend->count};

	for (size_t i = 0; i < ratios.count; i++)
		ratios.values[i] = dividend->values[i] / divisor->values[i];
	return series_median(&ratios);
}
