/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where something stands in a text: what a message about it names. Pure. */
#ifndef SIPGUARD_USER_RULES_MODEL_PLACE_H
#define SIPGUARD_USER_RULES_MODEL_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

/* The largest text that is read as rules. */
#define RULES_SIZE_MAX (64 << 20)

#define PLACE_NAME_SIZE 96

/*
 * Borrows from the text that was read, which must outlive it. Lines and columns count from 1; line
 * 0: nowhere. What has a name of its own, as a rule of nft has its handle, is known by that: the
 * line of a text that a program wrote for programs means nothing to anybody.
 */
struct place {
	char name[PLACE_NAME_SIZE]; /* "inet filter input handle 4"; empty: it has none */
	size_t line;
	size_t column; /* in bytes */
	const char *text;
	size_t length;
};

/* A text, line by line, without line ends. */
struct lines {
	const char *at;
	const char *end;
	size_t number;
};

/* Skips the byte order mark that some editors write. */
struct lines lines_begin(const char *text, size_t size);

/* The next line as a place, from its first character that is no blank to its last. */
bool lines_next(struct lines *lines, struct place *line);

/* -EINVAL with "NAME:LINE:COLUMN: what is wrong: the text", for usage errors in hostile texts. */
int place_error(const char *name, const struct place *place, struct error *error,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

#define PLACE_WORDS_SIZE 128

/* Its name, or "line 12", or of what does not begin a line "line 1, column 390", for a sentence. */
void place_words(const struct place *place, char words[static PLACE_WORDS_SIZE]);

#endif
