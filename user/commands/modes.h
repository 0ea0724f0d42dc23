/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing the mode of several guards at once. */
#ifndef SIPGUARD_USER_COMMANDS_MODES_H
#define SIPGUARD_USER_COMMANDS_MODES_H

#include "error.h"
#include "kernel/guard.h"

/*
 * Sets the mode of all of them, or of none; with `confirm` for so many seconds, unless it is
 * confirmed.
 */
int modes_set(const struct guard *const *guards, size_t count, enum sg_mode mode, int64_t confirm,
	      struct error *error);

#endif
