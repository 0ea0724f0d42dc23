/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shell scripts that set up a packet filter, read command by command as a POSIX shell would run
 * them (POSIX.1-2017, XCU chapter 2), without running anything. Pure.
 *
 * Quotes, line continuations, comments, here-documents, variables with a constant value and for
 * loops over words are followed. What only a running shell knows (parameters, the output of
 * commands, files) stays in its word as it was written, and the word is marked.
 */
#ifndef SIPGUARD_USER_RULES_FORMATS_SHELL_H
#define SIPGUARD_USER_RULES_FORMATS_SHELL_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

#define SHELL_WORDS_MAX 1024

struct shell_command {
	const char *words[SHELL_WORDS_MAX];
	bool unknown[SHELL_WORDS_MAX]; /* the word holds what only a running shell knows */
	size_t count;
	const char *remark; /* something that the words do not express; NULL: nothing */
	bool uncertain;	    /* it may not run: behind if, while, case or &&, or in a function */
	/* Where it stands in the script, without blanks around it. */
	const char *text;
	size_t length;
};

/* What becomes of a command. */
enum shell_status {
	SHELL_UNKNOWN,	  /* it may succeed or fail */
	SHELL_SUCCEEDS,	  /* what follows && runs */
	SHELL_IS_A_CHECK, /* it asks whether something is so, and what follows || makes it so */
};

/*
 * Called for each command in the order in which they run, once for each turn of a loop. The command
 * lives until the call returns: an enum shell_status, or a negative errno that ends the reading.
 */
typedef int (*shell_visit)(void *context, const struct shell_command *command);

/*
 * -EINVAL when the script is none that a shell could read (a quote that does not end), -E2BIG when
 * its loops come to too many commands. The message tells no place.
 */
int shell_read(const char *script, size_t size, shell_visit visit, void *context,
	       struct error *error);

#endif
