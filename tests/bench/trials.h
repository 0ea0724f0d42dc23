/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets through a veth pair: every contender with every list, each on a lane of its own, with
 * every kind of packets that it is to meet.
 */
#ifndef BENCH_TRIALS_H
#define BENCH_TRIALS_H

#include "contenders.h"
#include "lane.h"
#include "series.h"
#include "sipguard/abi.h"

/* How many lists a run can have, of each family. */
#define SIZES_MAX 8

/* Of each size one IPv4 list and one IPv6 list. */
struct lists {
	struct allowlist lists[2 * SIZES_MAX];
	size_t count;
};

struct trial {
	const struct contender *contender;
	uint8_t family;
	struct allowlist *list; /* NULL: it has none */
	struct lane lane;
	char left_out[256]; /* why it is not measured; empty: it is */
};

/* A trial with one kind of packets. */
struct measurement {
	const struct trial *trial;
	enum sources sources;
	/* Whose allowed addresses or neighbours; of strangers it gives the family alone. */
	const struct allowlist *list;
	struct series pps; /* packets that the receiver took in */
	/* Of the same packets: where all are dropped at once, or where no filter is. */
	struct series reference_pps;
	struct series ratio;
	double lost; /* the largest share that the generator could not hand over */
};

struct trials {
	struct trial *trials;
	size_t count;
	struct measurement *measurements;
	size_t measurement_count;
	/* By enum sg_family, and whether the reference delivers. */
	struct lane references[SG_FAMILY_COUNT][2];
};

/* The lists stay the caller's and must outlive the trials. */
int trials_set_up(struct trials *trials, struct lists *lists, struct error *error);

/* Measures everything once more, each slice for so long. */
int trials_measure(struct trials *trials, double seconds, struct error *error);

/*
 * What was measured of a contender with so many IPv4 entries, strangers or allowed sources; NULL
 * when it was not.
 */
const struct measurement *trials_find(const struct trials *trials, enum contender_id id,
				      enum sources sources, size_t entries);

#endif
