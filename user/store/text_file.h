/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a text file whole, with a limit. */
#ifndef SIPGUARD_USER_STORE_TEXT_FILE_H
#define SIPGUARD_USER_STORE_TEXT_FILE_H

#include <stddef.h>

#include "error.h"

/*
 * Reads a regular file of at most `most` bytes; the caller frees the text, which is terminated.
 * -ENOENT: there is no such file; -EINVAL: it is no regular file; -EFBIG: it is larger.
 */
int text_file_read(const char *path, size_t most, char **text, size_t *size, struct error *error);

#endif
