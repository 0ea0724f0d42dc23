/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whoever has called a moment ago is not dropped by a change that nobody meant that way.
 *
 * The program remembers some thousand hosts that entries without an end have let in; and each entry
 * counts its packets, and when the last one came. So a host that has been forgotten, or that a
 * temporary entry allows, is protected as long as its own entry is, but not from a longer one that
 * denies it.
 */
#ifndef SIPGUARD_USER_ENGINE_CALLERS_H
#define SIPGUARD_USER_ENGINE_CALLERS_H

#include <stdint.h>

#include "error.h"
#include "kernel/policy.h"
#include "store/state.h"

/*
 * EXIT_UNSAFE when one of these prefixes has an entry that let in a packet within the last so many
 * seconds, nothing in the new state allows it as a whole, and a guard drops. `policy` has what is
 * in force, or is closed; 0 seconds ask for nothing.
 *
 * Where an operator has typed the prefixes, a host among them is meant itself: it is not refused
 * but added to `named`, with the time of its last packet as `until`. NULL: nobody was named.
 */
int refuse_to_drop_callers(const struct policy *policy, const struct state *new,
			   const struct entry_list *prefixes, int64_t seconds,
			   struct entry_list *named, struct error *error);

/* The same whatever the guards do now: for a change after which one drops. */
int refuse_to_forget_callers(const struct policy *policy, const struct state *new,
			     const struct entry_list *prefixes, int64_t seconds,
			     struct error *error);

/* protect_recent of the administrator's configuration file; without one that can be read, 5m. */
int64_t callers_protected_for(void);

#endif
