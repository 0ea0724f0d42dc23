/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's side of a change of the policy. */
#ifndef SIPGUARD_USER_ENGINE_CHANGE_KERNEL_H
#define SIPGUARD_USER_ENGINE_CHANGE_KERNEL_H

#include "engine/change.h"

/* To make and switch a generation takes as long as to change so many entries in place. */
#define CHANGE_FEW 120

/* What is to be done, and what of it was, so that it can be undone. */
struct kernel_change {
	const struct state *old, *new; /* the caller's */
	uint32_t capacity;	       /* the most entries of a family; 0: as before */
	const struct progress *progress;
	struct kernel_edit *edits;
	size_t edited;
	bool switched;
	bool limited;
	uint32_t former_limit;
};

/*
 * Makes the kernel what `new` says, in entries of these prefixes and in the ports. After a failure,
 * kernel_change_undo() takes back what was done of it. kernel_change_clear() releases the change.
 */
int kernel_change_make(struct policy *policy, struct kernel_change *change,
		       const struct entry_list *prefixes, struct error *error);
void kernel_change_undo(struct policy *policy, struct kernel_change *change);
void kernel_change_clear(struct kernel_change *change);

/*
 * Puts a new generation in force that has what the state says, and nothing else; with `confirm` for
 * so many seconds, unless it is confirmed.
 */
int kernel_replace(struct policy *policy, const struct state *state,
		   const struct progress *progress, int64_t confirm, struct error *error);

#endif
