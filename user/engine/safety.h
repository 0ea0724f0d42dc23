/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What commands refuse because it would cut off all calls, and other errors that several commands
 * share.
 */
#ifndef SIPGUARD_USER_ENGINE_SAFETY_H
#define SIPGUARD_USER_ENGINE_SAFETY_H

#include "engine/context.h"
#include "error.h"
#include "kernel/device.h"
#include "kernel/policy.h"
#include "policy/entry.h"
#include "store/state.h"

/* Whether a guard drops, or will when nobody confirms. */
int find_dropping_guard(bool *found, struct error *error);

/* EXIT_UNSAFE when no entry of this state allows anybody; 0 otherwise. */
int refuse_empty_list(const struct state *state, struct error *error);

/* The same where `old` allows somebody and a guard drops: only there it is a danger. */
int refuse_to_empty(const struct state *old, const struct state *new, struct error *error);

/*
 * EXIT_UNSAFE when a change of these prefixes leads to a list that allows half the internet, and
 * more of it than before. A few long prefixes, as a command line has them, are not summed up with
 * all the others, because nothing else needs those to be read.
 */
int refuse_broad_list(const struct state *old, const struct state *new,
		      const struct entry_list *prefixes, struct error *error);

/* EXIT_UNSAFE when a list of `old` entries shrinks to less than half. */
int refuse_to_shrink(size_t old, size_t new, struct error *error);

/*
 * -EPROTO where `policy` is closed though a guard is on a device: the pins of the policy are gone,
 * and what is in force cannot be changed. Guards of the `count` devices, which get a new policy,
 * are left out.
 */
int refuse_lost_policy(const struct policy *policy, const struct device *devices, int count,
		       struct error *error);

/* policy_open(), but -EPROTO as above; -ENOENT means that no device is guarded. */
int open_policy(struct policy *policy, struct error *error);

/* Says that a change of the files is in force nowhere yet, and why. */
void notice_on_file_only(const struct context *context);

/* EXIT_ABSENT: no device is guarded, as far as can be seen. */
int not_attached_error(struct error *error);

#endif
