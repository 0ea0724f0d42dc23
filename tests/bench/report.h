/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was measured, as tables for people and as JSON for a later step. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "micro.h"
#include "trials.h"

/* How many lists a run can have, of each family. */
#define SIZES_MAX 16

struct report {
	int argc;
	char **argv;
	size_t rounds;
	double seconds;
	double covered_share; /* of the flood, by the longest list */
	struct trials trials;
	struct cost costs[2 * SIZES_MAX];
	size_t cost_count;
	struct program_size size;
};

void report_print(const struct report *report);

int report_write_json(const struct report *report, const char *path, struct error *error);

#endif
