/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changing the policy: files and kernel together, whole or not at all.
 *
 * The new state is written to the disk as drafts, the kernel is changed prefix by prefix, and the
 * drafts take their places. Whatever fails, the prefixes that were changed get back what they had.
 */
#ifndef SIPGUARD_USER_COMMANDS_CHANGE_H
#define SIPGUARD_USER_COMMANDS_CHANGE_H

#include "error.h"
#include "kernel/policy.h"
#include "store/state.h"

/*
 * Opens what is to be changed, under the writer's lock. When no device is guarded there is no
 * policy in the kernel: `policy` stays closed, and a change is one of the files alone.
 */
int change_open(struct state *state, struct policy *policy, struct error *error);

/* Goes from `old` to `new`, which differ in the ports and in entries of the prefixes given. */
int change_apply(const struct policy *policy, const struct state *old, const struct state *new,
		 const struct entry_list *prefixes, struct error *error);

#endif
