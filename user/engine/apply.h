/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps of an apply: the files are read and compared with what is in force (plan.h), what would
 * do harm is refused, and the rest is carried out, whole or not at all.
 */
#ifndef SIPGUARD_USER_ENGINE_APPLY_H
#define SIPGUARD_USER_ENGINE_APPLY_H

#include "engine/context.h"
#include "engine/guarding.h"
#include "engine/memory.h"
#include "engine/plan.h"

struct apply_request {
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
	struct attach_results attached;
};

/*
 * Why it must not be done as it stands: EXIT_UNSAFE and the flag that overrides, EXIT_CONFLICT
 * while a list waits for its confirmation. 0: nothing speaks against it.
 */
int apply_refuse(const struct apply_request *request, const struct apply *apply,
		 struct error *error);

/*
 * Makes what is in force what the plan says. The caller holds the writers' lock; what became of
 * new guards is in `attached`, in the order of plan.attach.
 */
int apply_carry_out(const struct context *context, const struct apply_request *request,
		    struct apply *apply, struct error *error);

void apply_clear(struct apply *apply);

#endif
