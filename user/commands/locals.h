/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --local: the addresses of the host that rules are for, which lint and import take. */
#ifndef SIPGUARD_USER_COMMANDS_LOCALS_H
#define SIPGUARD_USER_COMMANDS_LOCALS_H

#include <stddef.h>

#include "error.h"
#include "policy/prefix.h"

/* A zeroed struct is empty. */
struct locals {
	struct prefix *addresses; /* owned */
	size_t count;
};

/*
 * "ADDRESS,...": `host` stands for all addresses of this host. EXIT_USAGE for anything else, and
 * when `host` has none: rules about destinations would be judged as if nothing was known.
 */
int locals_parse(const char *words, struct locals *locals, struct error *error);
void locals_clear(struct locals *locals);

#endif
