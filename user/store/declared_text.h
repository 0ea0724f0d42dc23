/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was applied last, as the tool keeps it: the entries of each file behind a line with its
 * name.
 *
 *	# file trunks.list
 *	203.0.113.7/32 # the trunk
 *
 * The text must be what declared_text_write() made: the seal of its file tells.
 */
#ifndef SIPGUARD_USER_STORE_DECLARED_TEXT_H
#define SIPGUARD_USER_STORE_DECLARED_TEXT_H

#include <stdio.h>

#include "policy/entry.h"
#include "store/file_names.h"

/*
 * Reads the entries, or of them only those of these prefixes where `prefixes` is not NULL. `name`
 * is for errors.
 */
int declared_text_parse(const char *name, const char *text, size_t size,
			const struct entry_list *prefixes, struct entry_list *entries,
			struct file_names *files, struct error *error);

/* Errors of the stream are left to the caller. */
void declared_text_write(FILE *stream, const struct entry_list *entries,
			 const struct file_names *files);

#endif
