/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mode of a device, and changes of it that end by themselves, in the kernel, unless they are
 * confirmed: an operator who cuts himself off cannot type the way back. Pure: the time, of
 * CLOCK_BOOTTIME in nanoseconds, is always an argument.
 */
#ifndef SIPGUARD_USER_POLICY_DEVICE_MODE_H
#define SIPGUARD_USER_POLICY_DEVICE_MODE_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "sipguard/abi.h"

#define DEVICE_MODE_TEXT_SIZE 80

/* How long, in seconds, a change may wait for its confirmation. */
#define CONFIRM_SECONDS_MIN 10
#define CONFIRM_SECONDS_MAX (24 * 60 * 60)

enum confirmation {
	CONFIRMATION_NONE,
	CONFIRMATION_PENDING,
	/* It did not come in time: the mode in force is the one from before. */
	CONFIRMATION_MISSED,
};

struct device_mode {
	enum sg_mode in_force;
	enum confirmation confirmation;
	enum sg_mode reverts_to; /* in_force unless CONFIRMATION_PENDING */
	int64_t seconds_left;	 /* rounded up; 0 unless CONFIRMATION_PENDING */
};

struct device_mode device_mode_of(const struct sg_device *device, uint64_t now);

/* Sets the mode for good. */
void device_mode_set(struct sg_device *device, enum sg_mode mode);

/*
 * Sets the mode for so many seconds: unless it is confirmed until then, the other one follows.
 * Where that is the same there is nothing to confirm.
 */
void device_mode_try(struct sg_device *device, enum sg_mode mode, enum sg_mode otherwise,
		     int64_t seconds, uint64_t now);

/* Whether it drops, or will when nobody confirms. */
bool device_mode_may_drop(const struct device_mode *mode);

/* "enforce, back to monitor in 87 s unless confirmed", "monitor (not confirmed)", "enforce" */
void device_mode_format(const struct device_mode *mode, char text[static DEVICE_MODE_TEXT_SIZE]);

/* "none", "pending", "missed" */
const char *confirmation_name(enum confirmation confirmation);

/* A duration within the limits, in seconds. */
int confirm_parse(const char *text, int64_t *seconds, struct error *error);

#endif
