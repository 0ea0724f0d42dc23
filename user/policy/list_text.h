/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A list in the text that list_file_write() makes, behind comments or nothing: finding and
 * replacing lines without reading all of them. Pure.
 *
 * The text must be what list_file_write() made, so that its lines are sorted: the tool's own files
 * are, and their seal tells.
 */
#ifndef SIPGUARD_USER_POLICY_LIST_TEXT_H
#define SIPGUARD_USER_POLICY_LIST_TEXT_H

#include <stdio.h>

#include "policy/entry.h"

/* Reads the entries of these prefixes, as far as the text has them, into an empty list. */
int list_text_find(const char *name, const char *text, size_t size,
		   const struct entry_list *prefixes, struct entry_list *found,
		   struct error *error);

/*
 * Writes the text with these entries added, or in the places of those of their prefixes. Errors of
 * the stream are left to the caller.
 */
int list_text_write_over(FILE *stream, const char *name, const char *text, size_t size,
			 const struct entry_list *entries, struct error *error);

#endif
