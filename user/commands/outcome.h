/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a change makes of entries, told the same way by all commands that change them. */
#ifndef SIPGUARD_USER_COMMANDS_OUTCOME_H
#define SIPGUARD_USER_COMMANDS_OUTCOME_H

#include "commands/command.h"
#include "policy/entry.h"
#include "store/state.h"

enum outcome {
	OUTCOME_ADDED,
	OUTCOME_CHANGED,
	OUTCOME_DELETED,
	OUTCOME_UNCHANGED,
	OUTCOME_COUNT,
};

struct outcomes {
	size_t counts[OUTCOME_COUNT];
};

/*
 * Counts what becomes of these prefixes between two states, and makes a list of those to which
 * anything happens. `changed` may be NULL.
 */
int outcomes_count(const struct state *old, const struct state *new,
		   const struct entry_list *prefixes, struct outcomes *outcomes,
		   struct entry_list *changed, struct error *error);

/* A line for each prefix, or an object for each in `entries` where that is not NULL. */
void outcomes_print(const struct state *old, const struct state *new,
		    const struct entry_list *prefixes, json_t *entries);

/* Prints "added 3, unchanged 1": what there is none of is left out. */
void outcomes_summarise(const struct outcomes *outcomes);

/* The same as the members of an object. */
void outcomes_pack(const struct outcomes *outcomes, json_t *object);

#endif
