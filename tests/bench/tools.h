/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command-line tools that set up devices and rivals, and sipguard's own command.
 *
 * `arguments` ends with NULL. A tool runs in the namespaces of this process; its standard output is
 * thrown away. One that takes too long is killed.
 */
#ifndef BENCH_TOOLS_H
#define BENCH_TOOLS_H

#include <stdbool.h>
#include <sys/types.h>

#include "error.h"

/* -ENOENT when some are missing; the error names them all, with their packages in Debian. */
int tools_check(struct error *error);

/*
 * Runs a tool to its end. When it fails, the error has the first line of its standard error, and
 * its exit status is the error's status.
 */
int run_tool(const char *const arguments[], struct error *error);

/* One that runs beside this process; tool_stop() ends and releases it. */
struct tool {
	const char *name;
	pid_t process;
	int errors; /* what it wrote to its standard error */
};

#define TOOL_NONE ((struct tool){NULL, -1, -1})

int tool_start(struct tool *tool, const char *const arguments[], struct error *error);

/* -ECHILD, with an error as above, when it has ended by itself. */
int tool_check(struct tool *tool, struct error *error);

void tool_stop(struct tool *tool);

#endif
