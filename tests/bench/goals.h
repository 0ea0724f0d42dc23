/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the project asks of itself, and how much of it was reached. */
#ifndef BENCH_GOALS_H
#define BENCH_GOALS_H

#include <stdbool.h>

#include "report.h"

enum goal_kind {
	GOAL_SHARE,	  /* of the reference's packets a second, by sipguard in native mode */
	GOAL_LEAD,	  /* how many times as many packets a second as a rival's */
	GOAL_NANOSECONDS, /* that an observer adds to a packet */
	GOAL_SECONDS,	  /* that a command takes */
	GOAL_FASTER,	  /* how many times as fast as another command */
};

struct goal {
	const char *what;
	size_t entries; /* 0: any */
	enum goal_kind kind;
	/* enum sources, contender_id, observer_id or command_id */
	unsigned int of;
	/* Of GOAL_FASTER: the command that is compared with it. */
	unsigned int than;
	double bound; /* at least; of nanoseconds and seconds: at most */
};

extern const struct goal goals[];
extern const size_t goal_count;

/* The values that decide, of each round; empty when it was not measured. */
struct series goal_values(const struct goal *goal, const struct report *report);

bool goal_is_met(const struct goal *goal, double value);

#endif
