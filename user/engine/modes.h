/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing the mode of several guards at once. */
#ifndef SIPGUARD_USER_ENGINE_MODES_H
#define SIPGUARD_USER_ENGINE_MODES_H

#include <stddef.h>

#include "error.h"
#include "kernel/guard.h"

/* Some of the guards, by their place among all. chosen_guards_clear() releases the arrays. */
struct chosen_guards {
	size_t *places;
	size_t count;
	struct sg_device *former; /* what modes_set() found, in the same order; NULL before */
};

void chosen_guards_clear(struct chosen_guards *chosen);

/*
 * Sets the mode of all that are chosen, or of none; with `confirm` for so many seconds, unless it
 * is confirmed.
 */
int modes_set(const struct guards *guards, struct chosen_guards *chosen, enum sg_mode mode,
	      int64_t confirm, struct error *error);

/* What they had before modes_set(), with what had been to be confirmed: as far as it goes. */
void modes_restore(const struct guards *guards, const struct chosen_guards *chosen);

/* Ends at once what waits for a confirmation, on the guards that go back to this mode. */
int modes_give_up(const struct guards *guards, enum sg_mode former, struct error *error);

#endif
