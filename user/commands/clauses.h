/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clauses of commands that add entries: for DURATION, until TIME, label TEXT. */
#ifndef SIPGUARD_USER_COMMANDS_CLAUSES_H
#define SIPGUARD_USER_COMMANDS_CLAUSES_H

#include <stdint.h>

#include "commands/command.h"
#include "policy/entry.h"

struct clauses {
	int64_t until;	   /* as in struct entry */
	const char *label; /* the invocation's; NULL: not given */
};

/* Whether the clauses begin with this word. */
bool is_clause(const char *word);

/* Reads the words from `at` on, to the end. */
int clauses_read(const struct invocation *invocation, const struct operands *words, int at,
		 struct clauses *clauses, struct error *error);

/* Gives end and label to an entry that has none of its own. The label stays the invocation's. */
void clauses_apply(const struct clauses *clauses, struct entry *entry);

#endif
