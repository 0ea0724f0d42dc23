/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making a list shorter without changing what any address gets, now or later. Pure.
 *
 * An entry goes when the next shorter one that covers it has the same verdict and the same end. Two
 * halves of a prefix with the same verdict and the same end become that prefix, when it has no
 * entry of its own. Entries of different ends are never joined.
 *
 * Labels do not keep entries apart: what two halves become keeps the label that both have, or has
 * none, and the label of an entry that goes is lost.
 */
#ifndef SIPGUARD_USER_POLICY_AGGREGATE_H
#define SIPGUARD_USER_POLICY_AGGREGATE_H

#include "policy/entry.h"

/*
 * `others` are entries that stand in another list and decide together with these, those of the same
 * prefix before them. On failure the list stays as it is.
 */
int aggregate(struct entry_list *list, const struct entry_list *others, struct error *error);

#endif
