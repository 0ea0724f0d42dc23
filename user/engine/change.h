/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changing the policy: files and kernel together, whole or not at all.
 *
 * The new state is written to the disk as drafts, the kernel is changed, and the drafts take their
 * places. Whatever fails, the kernel gets back what it had. A command that is killed on the way
 * leaves its drafts, and the next change starts with taking the kernel back to what the files say.
 *
 * The calling sequence, all of it under lock_acquire():
 *
 *	change_open()		state and policy of now, after what a killed command left was ended
 *	state_copy(), edits	the state that is wanted; plan.h makes it of the declared policy
 *	safety.h, callers.h	refusals, before anything is changed
 *	change_apply()		committed, or, with `confirm`, on trial
 *	change_confirm()	or change_give_up(), or the time ends it: of what is on trial
 *
 * The states and the policy belong to the caller throughout, which clears and closes them.
 */
#ifndef SIPGUARD_USER_ENGINE_CHANGE_H
#define SIPGUARD_USER_ENGINE_CHANGE_H

#include "engine/context.h"
#include "error.h"
#include "kernel/policy.h"
#include "store/state.h"

/*
 * Opens what is to be changed, under the writer's lock. When no device is guarded there is no
 * policy in the kernel: `policy` stays closed, and a change is one of the files alone.
 *
 * `prefixes` are those to which entries will be put, where nothing else is to be changed: when they
 * are few, the state is loaded in part. NULL loads all of it.
 */
int change_open(const struct context *context, const struct entry_list *prefixes,
		struct state *state, struct policy *policy, struct error *error);

/* The same, all of it, for who makes a policy where its pins are gone though a device is guarded.
 */
int change_open_anew(const struct context *context, struct state *state, struct policy *policy,
		     struct error *error);

/* Completes or undoes what a command that was killed has left, as change_open() does. */
int change_complete(const struct context *context, struct error *error);

/* How a change is to get into the kernel. */
struct change_options {
	/* The most entries of a family from now on; 0: as before. */
	uint32_t capacity;
	/*
	 * Seconds after which the former entries are in force again, in the kernel and in the
	 * files, unless change_confirm() is called before; 0: nothing is to be confirmed. Nothing
	 * can be changed meanwhile, and the ports are not part of it.
	 */
	int64_t confirm;
	/*
	 * It is a part of something larger that has to succeed before it is a version: then
	 * change_keep_found() comes before all of it, and change_keep_version() behind.
	 */
	bool goes_on;
	bool goes_back; /* it takes back one that has failed, and so is not refused */
};

/*
 * Goes from `old` to `new`, which differ in the ports and in entries of the prefixes given. A few
 * prefixes are changed one by one; for many, and for those that find no room, a new generation
 * takes the place of the one in force. `options` may be NULL. What the files were and what they
 * become are kept as versions, under the cause of the context.
 */
int change_apply(const struct context *context, struct policy *policy, const struct state *old,
		 const struct state *new, const struct entry_list *prefixes,
		 const struct change_options *options, struct error *error);

/* Keeps what the files are before a change, where no version has it. */
void change_keep_found(const struct context *context);

/* Keeps what the files are now, under the cause of the context, unless on trial. */
void change_keep_version(const struct context *context);

/*
 * Confirms what change_apply() has put on trial, if there is time left. `policy` is open; the
 * caller holds the writers' lock.
 */
int change_confirm(const struct context *context, struct policy *policy, bool *confirmed,
		   struct error *error);

/* Ends a trial before its time, without a confirmation. */
int change_give_up(struct policy *policy, struct error *error);

#endif
