/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Progress as one line on a terminal, of whatever takes longer than half a second. */
#ifndef SIPGUARD_USER_COMMANDS_PROGRESS_LINE_H
#define SIPGUARD_USER_COMMANDS_PROGRESS_LINE_H

#include <stdint.h>

#include "commands/command.h"
#include "progress.h"

/*
 * Shows nothing unless standard error is a terminal, and neither with --quiet nor with --json.
 * progress_end() takes the line away; it belongs before anything else is printed.
 */
struct progress_line {
	struct progress progress;
	uint64_t began; /* nanoseconds of CLOCK_MONOTONIC */
	uint64_t drawn; /* the same; 0: there is no line */
	const char *what;
};

void progress_line_init(struct progress_line *line, const struct invocation *invocation);

#endif
