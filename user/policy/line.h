/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where in a text something stands: what errors about files that people write have in common. Pure.
 */
#ifndef SIPGUARD_USER_POLICY_LINE_H
#define SIPGUARD_USER_POLICY_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

struct line {
	const char *name; /* of the file */
	size_t number;	  /* from 1 */
	const char *start;
	const char *end; /* without the line end */
	const char *at;	 /* how far it was read */
};

/* A text, line by line. */
struct line_reader {
	const char *name;
	const char *at;
	const char *end;
	size_t number;
};

/* Skips the byte order mark that some editors write. */
struct line_reader line_reader_begin(const char *name, const char *text, size_t size);

/* Line ends are \n or \r\n. False at the end of the text. */
bool line_next(struct line_reader *reader, struct line *line);

/*
 * Puts "NAME:LINE:COLUMN: " before and ": the line" behind the message of an error that stands at
 * `at`, and returns -EINVAL.
 */
int line_locate(const struct line *line, const char *at, struct error *error);

/* The same for a message of its own. */
int line_error(const struct line *line, const char *at, struct error *error, const char *what);

#endif
