/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The last minutes of a rate, one value a second. Pure. */
#ifndef SIPGUARD_USER_TRAFFIC_HISTORY_H
#define SIPGUARD_USER_TRAFFIC_HISTORY_H

#include <stddef.h>

#define HISTORY_LENGTH 240

/* Zeroed, it is empty. */
struct history {
	double values[HISTORY_LENGTH];
	size_t count;
	size_t next;
};

/* The oldest value makes room. */
void history_add(struct history *history, double value);

/* The value `ago` steps before the last; 0 before the first. */
double history_value(const struct history *history, size_t ago);

/* The highest of the last `count` values. */
double history_peak(const struct history *history, size_t count);

#endif
