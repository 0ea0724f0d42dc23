/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that the user names. */
#ifndef SIPGUARD_USER_COMMANDS_INPUT_H
#define SIPGUARD_USER_COMMANDS_INPUT_H

#include <stddef.h>

#include "error.h"

/* What errors about the contents call it: the path, or what - stands for. */
const char *input_name(const char *path);

/*
 * Reads a file whole, or standard input where the path is "-". The caller frees `text`, which is
 * terminated. More than INPUT_SIZE_MAX bytes are refused.
 */
#define INPUT_SIZE_MAX (1UL << 30)
int input_read(const char *path, char **text, size_t *size, struct error *error);

#endif
