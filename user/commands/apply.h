/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps of an apply: the files are read and compared with what is in force (plan.h), what would
 * do harm is refused, and the rest is carried out, whole or not at all.
 */
#ifndef SIPGUARD_USER_COMMANDS_APPLY_H
#define SIPGUARD_USER_COMMANDS_APPLY_H

#include "commands/command.h"
#include "commands/memory.h"
#include "commands/plan.h"

struct apply_request {
	const char *file;
	bool check;
	bool diff;
	const char *confirm_word;
	int64_t confirm; /* seconds; 0: nothing is to be confirmed */
	bool allow_broad;
	bool allow_unguarded;
	bool allow_shrink;
	bool allow_empty;
	bool drop_recent;
};

/* What an apply holds on its way. */
struct apply {
	struct declared_policy declared;
	struct policy policy;
	struct plan plan;
	struct memory memory; /* closed where nothing is to be changed */
};

/*
 * Why it must not be done as it stands: EXIT_UNSAFE and the flag that overrides, EXIT_CONFLICT
 * while a list waits for its confirmation. 0: nothing speaks against it.
 */
int apply_refuse(const struct apply_request *request, const struct apply *apply,
		 struct error *error);

/*
 * Makes what is in force what the plan says, and tells of new guards: as lines, or as objects in
 * `attached` where that is not NULL. The caller holds the writers' lock.
 */
int apply_carry_out(const struct invocation *invocation, const struct apply_request *request,
		    struct apply *apply, json_t *attached, struct error *error);

#endif
