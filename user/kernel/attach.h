/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Putting a guard on a device: the first one, a newer program without a gap, or in place of
 * another's.
 */
#ifndef SIPGUARD_USER_KERNEL_ATTACH_H
#define SIPGUARD_USER_KERNEL_ATTACH_H

#include "kernel/guard.h"

struct attach_request {
	const struct device *device;
	const struct policy *policy;
	bool mode_given; /* without it: ATTACH_NATIVE, or what the guard has already */
	enum attach_mode mode;
	bool monitor;
	bool replace; /* throw another XDP program off */
};

struct attach_result {
	bool swapped; /* the device was guarded already, and got this program without a gap */
	enum attach_mode mode;
	struct error fallback;	   /* why ATTACH_AUTO did not get native; empty message otherwise */
	uint32_t replaced_program; /* id of the program that was thrown off; 0: none */
};

/*
 * Attaches a guard, or swaps the program of the one that is there; its counters and its mode go on.
 * On failure what was there stays in force. EXIT_CONFLICT: another program is there; EXIT_SYSTEM:
 * the driver refused.
 */
int guard_attach(const struct attach_request *request, struct attach_result *result,
		 struct error *error);

#endif
