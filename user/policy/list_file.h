/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text form of a list of entries, as administrators write it and as the tool keeps it. Pure.
 *
 *	PREFIX [deny] [until 2027-01-31T18:00Z] [# label]
 *
 * One entry a line; blank lines and lines that start with # are free. A prefix may stand once in a
 * file.
 */
#ifndef SIPGUARD_USER_POLICY_LIST_FILE_H
#define SIPGUARD_USER_POLICY_LIST_FILE_H

#include <stdio.h>

#include "policy/entry.h"
#include "policy/when.h"

/* Holds any entry as a line: its newline and the terminator included. */
#define LIST_LINE_SIZE (PREFIX_TEXT_SIZE + 12 + WHEN_TEXT_SIZE + 3 + LABEL_BYTES_MAX + 2)

/*
 * Reads `size` bytes of hostile text into an empty list. The first bad line fails the whole with
 * -EINVAL and an error of the form "NAME:LINE:COLUMN: what is wrong: the text"; `name` is only for
 * that.
 */
int list_file_parse(const char *name, const char *text, size_t size, struct entry_list *list,
		    struct error *error);

/* Writes the line of an entry, and returns its length. */
size_t list_file_line(const struct entry *entry, char line[static LIST_LINE_SIZE]);

/* The number of the line on which the prefix stands, or 0. */
size_t list_file_find(const char *text, size_t size, const struct prefix *prefix);

/*
 * Writes a list that list_file_parse() reads back as it is. Errors of the stream are left to the
 * caller.
 */
void list_file_write(FILE *stream, const struct entry_list *list);

#endif
