/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets through a veth pair: every contender with every list, each on a lane of its own, so that
 * the rounds can take turns without setting anything up again.
 */
#ifndef BENCH_TRIALS_H
#define BENCH_TRIALS_H

#include "contenders.h"
#include "series.h"
#include "world.h"

/* What the sources of allowed packets are drawn from, or fewer when a list is shorter. */
#define ACTIVE_SOURCES_MAX 1000

struct trial {
	const struct contender *contender;
	const struct entry_list *list; /* NULL: it has none */
	bool left_out;		       /* it takes fewer entries than the list has */
	struct lane lane;
	double load_seconds;		/* from the file to the filter in force */
	struct series pps[FLOOD_COUNT]; /* packets that the receiver took in */
	double lost; /* the largest share that the generator could not hand over */
};

struct trials {
	struct trial *trials;
	size_t count;
	const struct entry_list *lists;
	size_t active_sources;
};

/* The lists stay the caller's and must outlive the trials. */
int trials_set_up(struct trials *trials, const struct entry_list *lists, size_t count,
		  struct error *error);

/* Measures each trial once more. */
int trials_measure(struct trials *trials, double seconds, struct error *error);

/* The trial of a contender with that list; without a list of its own, its only one. */
const struct trial *trials_find(const struct trials *trials, enum contender_id id,
				const struct entry_list *list);

#endif
