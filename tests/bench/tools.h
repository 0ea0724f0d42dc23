/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command-line tools that set up devices and rivals. */
#ifndef BENCH_TOOLS_H
#define BENCH_TOOLS_H

#include "error.h"

/* -ENOENT when some are missing; the error names them all, with their packages in Debian. */
int tools_check(struct error *error);

/*
 * Runs a command to its end, in the namespaces of this process; `arguments` ends with NULL. Its
 * standard output is thrown away. A command that takes too long is killed.
 */
int run_tool(const char *const arguments[], struct error *error);

#endif
