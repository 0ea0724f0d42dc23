/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing the mode of several guards at once. */
#ifndef SIPGUARD_USER_COMMANDS_MODES_H
#define SIPGUARD_USER_COMMANDS_MODES_H

#include <stddef.h>

#include "error.h"
#include "kernel/guard.h"

/* Some of the guards, by their place among all. */
struct chosen_guards {
	size_t *places;
	size_t count;
};

/*
 * Sets the mode of all that are chosen, or of none; with `confirm` for so many seconds, unless it
 * is confirmed.
 */
int modes_set(const struct guards *guards, const struct chosen_guards *chosen, enum sg_mode mode,
	      int64_t confirm, struct error *error);

#endif
