/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files that the words of lint name. A directory with a sipguard.conf, or such a file, is a
 * declared policy: the configuration and its lists. Any other directory stands for the files in it,
 * at any depth, whose names end as rules, playbooks, scripts and lists do.
 */
#ifndef SIPGUARD_USER_COMMANDS_LINT_PATHS_H
#define SIPGUARD_USER_COMMANDS_LINT_PATHS_H

#include "commands/command.h"

struct lint_path {
	char *path;	     /* owned */
	unsigned int policy; /* as in struct lint_input */
};

/* A zeroed struct is empty. */
struct lint_paths {
	struct lint_path *paths;
	size_t count;
	size_t allocated;
	unsigned int policies;
};

/* EXIT_USAGE when a directory cannot be read or holds no file to judge. */
int lint_paths_expand(const struct operands *words, struct lint_paths *paths, struct error *error);
void lint_paths_clear(struct lint_paths *paths);

bool lint_path_is_policy(const char *path);

#endif
