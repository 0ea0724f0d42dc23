/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lies between the declared policy and what is in force: made before anything is changed, and
 * shown by diff.
 */
#ifndef SIPGUARD_USER_ENGINE_PLAN_H
#define SIPGUARD_USER_ENGINE_PLAN_H

#include "engine/context.h"
#include "engine/modes.h"
#include "kernel/device.h"
#include "kernel/guard.h"
#include "kernel/policy.h"
#include "policy/guard_wish.h"
#include "store/declared.h"
#include "store/state.h"

struct plan {
	struct state old, new;
	/* What is in force, and what is to be. */
	struct entry_list before, after;
	struct entry_list edits; /* prefixes to be changed in the kernel */
	/*
	 * How many entries differ between the two, and how many differ from what the kernel has
	 * though nothing was declared anew.
	 */
	size_t different, strayed;
	struct guards guards;
	struct device *attach; /* declared, and not guarded */
	size_t attach_count;
	char (*missing)[IF_NAMESIZE]; /* declared, and not there: they are guarded when they come */
	size_t missing_count;
	/* What is to be remembered, and for how many devices that is something else than now. */
	struct guard_wishes wishes;
	size_t remembers;
	struct chosen_guards switched; /* whose mode is to become `mode` */
	bool mode_declared;
	enum sg_mode mode;
};

/*
 * Opens the guards and compares. `policy` may be closed. `plan` holds the old state, and what is
 * left of it is empty.
 */
int plan_make(const struct declared_policy *declared, const struct policy *policy,
	      const struct guard_wishes *remembered, struct plan *plan, struct error *error);
void plan_clear(struct plan *plan);

/* Nothing in force would become another. */
bool plan_is_empty(const struct plan *plan);

/* Whether this guard is one that the declared policy is about. */
bool plan_concerns(const struct declared_policy *declared, const struct guard *guard);

#endif
