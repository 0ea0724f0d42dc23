/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was measured, as tables for people, as JSON for a later step, and as a picture. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "commands.h"
#include "micro.h"
#include "observers.h"
#include "trials.h"

struct report {
	int argc;
	char **argv;
	size_t rounds;
	double seconds;	      /* of each slice */
	double covered_share; /* of the strangers, by the longest list */
	struct lists lists;
	struct trials trials;
	struct observer observers[OBSERVER_COUNT];
	struct command commands[COMMAND_COUNT];
	struct cost costs[2 * SIZES_MAX];
	size_t cost_count;
	struct program_size sizes[VARIANT_COUNT];
};

void report_print(const struct report *report);

/* Its parts. */
void report_print_goals(const struct report *report);
void report_print_floods(const struct report *report);

/* The command line, as a string the caller frees; NULL when memory ran out. */
char *report_command(const struct report *report);

int report_write_json(const struct report *report, const char *path, struct error *error);
int report_draw(const struct report *report, const char *path, struct error *error);

#endif
