/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs between two lists of entries, prefix by prefix in their order. Pure.
 *
 *	struct list_diff diff = {&old, &new};
 *	struct list_change change;
 *
 *	while (list_diff_next(&diff, &change))
 *		...
 */
#ifndef SIPGUARD_USER_POLICY_LIST_DIFF_H
#define SIPGUARD_USER_POLICY_LIST_DIFF_H

#include <stdbool.h>

#include "policy/entry.h"

struct list_diff {
	const struct entry_list *old, *new;
	size_t old_at, new_at;
};

/* Entries of one prefix; NULL on the side that has none. They stay the lists'. */
struct list_change {
	const struct entry *before, *after;
};

bool list_diff_next(struct list_diff *diff, struct list_change *change);

#endif
