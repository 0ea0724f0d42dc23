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
 * Goes from `old` to `new`, where only entries of the prefixes given differ. `policy` is closed
 * when no guard is attached; then the files alone change.
 */
int change_apply(const struct policy *policy, const struct state *old, const struct state *new,
		 const struct entry_list *prefixes, struct error *error);

#endif
