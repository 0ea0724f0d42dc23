/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files for other programs to read, which find the old text or the new one, never a part. */
#ifndef SIPGUARD_USER_STORE_REPLACE_FILE_H
#define SIPGUARD_USER_STORE_REPLACE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "error.h"

/*
 * Writes the text to a file beside `path`, whose name is `path` with a suffix, and puts it in the
 * place of `path` by rename(2). On failure `path` is as it was and nothing is left beside it.
 */
int replace_file(const char *path, const char *text, size_t size, mode_t mode, struct error *error);

/*
 * The same where there must be no such file yet: EXIT_UNSAFE and -EEXIST when there is one, even
 * when it appears at the last moment.
 */
int create_file(const char *path, const char *text, size_t size, mode_t mode, struct error *error);

/*
 * Whether one of the two could work, for those who have something long to do before: the path is
 * free, or with `replace` that of a regular file, and its folder can be written to.
 */
int check_file_target(const char *path, bool replace, struct error *error);

#endif
