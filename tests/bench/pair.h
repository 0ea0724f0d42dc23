/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A slice of the flood on the lane under test, between two on the lane of its reference; flood.h
 * tells why.
 */
#ifndef BENCH_PAIR_H
#define BENCH_PAIR_H

#include "flood.h"

/* The lane that others are compared with. */
struct reference {
	const struct lane *lane;
	double pps; /* in the last slice; 0: none since the packets changed */
};

/* What must become of the packets, so that a filter that is not in force cannot win. */
enum fate { FATE_DROPPED, FATE_DELIVERED };

struct subject {
	const char *name;
	const struct lane *lane;
	enum fate fate;
};

struct pair {
	double pps;
	double reference_pps; /* the mean of the slices before and after */
	double lost;	      /* the share that the generator could not hand over */
};

int pair_measure(const struct subject *subject, struct reference *reference, double seconds,
		 struct pair *pair, struct error *error);

#endif
