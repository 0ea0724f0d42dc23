/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Putting guards on devices: what attach and apply have in common. */
#ifndef SIPGUARD_USER_ENGINE_GUARDING_H
#define SIPGUARD_USER_ENGINE_GUARDING_H

#include "engine/context.h"
#include "kernel/attach.h"
#include "policy/guard_wish.h"
#include "store/state.h"

/*
 * Opens the policy in the kernel and the state that belongs to it. A policy without a guard is what
 * a command that was killed has left. Where there is none yet, runtime entries are left over from
 * one that is no more: `state` is without them, and their file goes when guarding_attach() has
 * succeeded. Where the pins of a policy are gone though devices are guarded, it is made anew, if
 * all of them are among the `count` devices that are to be guarded.
 */
int guarding_open(const struct context *context, const struct device *devices, int count,
		  struct policy *policy, struct state *state, struct error *error);

/* What is to be guarded, and how. Its pointers are the caller's. */
struct guarding {
	struct policy *policy; /* made of the state where it is closed */
	const struct state *state;
	uint32_t capacity; /* of a policy that is made; 0: with room to grow */
	const struct device *devices;
	const struct guard_wish *wishes; /* of each device: how, where its guard is the first */
	int count;
	/* What is the same for all devices; the rest is filled in. */
	struct attach_request request;
};

/*
 * As guarding_open(), where devices must not stay open because a file is damaged: the newest whole
 * version of the policy counts then, or else none does, and `degraded` tells. All of it is said
 * aloud. A policy that is in the kernel goes on, where that suffices; otherwise the damage is an
 * error.
 */
enum degradation {
	DEGRADED_NOT,
	DEGRADED_KERNEL, /* what the kernel has stays, and the state is not known */
	DEGRADED_FORMER, /* an earlier version of the policy takes its place */
	DEGRADED_EMPTY,	 /* no version is whole: there are no entries, and guards are to monitor */
};
int guarding_open_at_boot(const struct context *context, const struct guarding *guarding,
			  struct state *state, bool runs_suffices, enum degradation *degraded,
			  struct error *error);

/* A zeroed struct is empty; attach_results_clear() releases it. */
struct attach_results {
	struct attach_result *results;
	int count;
};

void attach_results_clear(struct attach_results *results);

/*
 * Guards all devices, or none. The caller holds the writers' lock, and clears what became of each
 * device, in their order.
 */
int guarding_attach(const struct context *context, struct guarding *guarding,
		    struct attach_results *attached, struct error *error);

#endif
