/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The policy in force, asked about one source: the program's decision, in user space. */
#ifndef SIPGUARD_USER_ENGINE_STANDING_H
#define SIPGUARD_USER_ENGINE_STANDING_H

#include "kernel/policy.h"
#include "policy/standing.h"
#include "store/state.h"

/*
 * Reads no hit counters, and so is made for many sources. The label is the one that `state` has,
 * and lives as long as it; without a state (NULL) there is none.
 */
void standing_find(const struct policy *policy, const struct state *state,
		   const struct prefix *source, struct standing *standing);

#endif
