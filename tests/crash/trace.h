/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a command under ptrace(2) and stops it before and behind each of its system calls, to look
 * around or to kill it there.
 */
#ifndef SIPGUARD_TESTS_CRASH_TRACE_H
#define SIPGUARD_TESTS_CRASH_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "command.h"

/* A stop: the system call has not begun, or it has ended. */
struct stop {
	size_t number; /* of the system call, counted from 0: the execve */
	bool behind;
	/* The name of a call that can change something outside of the process; NULL: it cannot. */
	const char *changes;
};

/* Called at each stop, while the command stands still. False: it is killed here. */
typedef bool stop_visitor(void *context, const struct stop *stop);

/*
 * Runs the command, whose output goes to the file. Returns its exit status, 128 + the number of the
 * signal that ended it, or a negative errno.
 */
int trace_run(const struct command *command, const char *output, stop_visitor *visit,
	      void *context);

#endif
