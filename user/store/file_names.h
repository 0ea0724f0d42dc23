/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names of the files in which declared entries stand: `file` of an entry is the number of its
 * name here. Names are escaped, because they go to terminals and into lines of text. A zeroed
 * struct has none.
 */
#ifndef SIPGUARD_USER_STORE_FILE_NAMES_H
#define SIPGUARD_USER_STORE_FILE_NAMES_H

#include <stddef.h>

#include "error.h"

struct file_names {
	char **names;
	size_t count;
};

/* Adds a copy of a name that is escaped already. */
int file_names_add(struct file_names *files, const char *name, struct error *error);

/* Adds the last part of a path, escaped. */
int file_names_add_path(struct file_names *files, const char *path, struct error *error);

int file_names_copy(const struct file_names *from, struct file_names *to, struct error *error);
void file_names_clear(struct file_names *files);

/* "?" for a number that there is not. */
const char *file_names_at(const struct file_names *files, size_t number);

#endif
