/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Putting a guard on a device: the first one, a newer program without a gap, or in place of
 * another's.
 */
#ifndef SIPGUARD_USER_KERNEL_ATTACH_H
#define SIPGUARD_USER_KERNEL_ATTACH_H

#include "kernel/foreign.h"
#include "kernel/guard.h"

struct attach_request {
	const struct device *device;
	const struct policy *policy;
	const struct sample_maps *samples;
	bool mode_given; /* without it a guard that is there keeps what it has */
	enum attach_mode mode;
	bool monitor;
	enum sg_mode first_mode; /* of a device that is not guarded yet, unless `monitor` is set */
	int64_t confirm; /* seconds until a guard that drops only monitors, unless confirmed */
	bool replace;	 /* throw another XDP program off */
};

/* What a device was before. */
enum attach_outcome {
	ATTACH_FIRST,	 /* not guarded */
	ATTACH_REGAINED, /* a guard whose device had gone: its counters and its mode go on */
	ATTACH_SWAPPED,	 /* guarded: it got this program without a gap */
};

/* attach_result_clear() releases it. */
struct attach_result {
	enum attach_outcome outcome;
	enum attach_mode mode;
	struct device_mode policy_mode;
	struct sg_device former; /* all 0 while nothing was changed */
	struct error fallback;	 /* why ATTACH_AUTO did not get native; empty message otherwise */
	struct foreign replaced; /* the program that was thrown off; program_id 0: none */
};

#define ATTACH_RESULT_CLEAR ((struct attach_result){.replaced.program = -1})

/*
 * Attaches a guard, or swaps the program of the one that is there; its counters and its mode go on.
 * On failure what was there stays in force. EXIT_CONFLICT: another program is there; EXIT_SYSTEM:
 * the driver refused.
 */
int guard_attach(const struct attach_request *request, struct attach_result *result,
		 struct error *error);

/* Makes the device what it was before, but for the newer program of one that was guarded. */
void guard_attach_undo(const struct device *device, const struct attach_result *result);

void attach_result_clear(struct attach_result *result);

#endif
