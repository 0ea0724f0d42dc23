/* SPDX-License-Identifier: GPL-2.0-or-later */
/* On whose behalf the engine works: all that it knows of its caller. */
#ifndef SIPGUARD_USER_ENGINE_CONTEXT_H
#define SIPGUARD_USER_ENGINE_CONTEXT_H

#include "progress.h"
#include "store/state.h"

struct context {
	char cause[STATE_CAUSE_SIZE]; /* under which a version is kept: printable words */
	/* Takes what is neither an answer nor an error; NULL: nobody listens. */
	void (*notice)(const struct context *context, const char *text);
	const struct progress *progress; /* NULL: nobody watches */
};

/* Bytes of files and of the network may be in it: whoever prints a notice escapes it. */
void context_notice(const struct context *context, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
