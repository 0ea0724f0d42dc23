/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that the user names. */
#ifndef SIPGUARD_USER_COMMANDS_INPUT_H
#define SIPGUARD_USER_COMMANDS_INPUT_H

#include <stddef.h>

#include "error.h"

/* What errors about the contents call it: the path, escaped, or what - stands for. */
#define INPUT_NAME_SIZE 256
void input_name(const char *path, char name[static INPUT_NAME_SIZE]);

/*
 * Reads a file whole, or standard input where the path is "-". The caller frees `text`, which is
 * terminated. More than INPUT_SIZE_MAX bytes are refused.
 */
#define INPUT_SIZE_MAX (1UL << 30)
int input_read(const char *path, char **text, size_t *size, struct error *error);

#endif
