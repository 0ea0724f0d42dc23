/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One writer at a time, by flock(2) on RUN/lock; readers take no lock. */
#ifndef SIPGUARD_USER_STORE_LOCK_H
#define SIPGUARD_USER_STORE_LOCK_H

#include <stdbool.h>

#include "error.h"

/*
 * Waits a few seconds for another writer, then fails with -EBUSY (EXIT_CONFLICT) and names it.
 * Returns a descriptor; closing it, or the end of the process, releases the lock.
 */
int lock_acquire(struct error *error);
/* Whether this process had the lock at any time: then it is one that changes something. */
bool lock_was_held(void);

/* The same with another patience. */
int lock_acquire_within(int seconds, struct error *error);

#endif
