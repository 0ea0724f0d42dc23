// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/device_mode.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "policy/names.h"
#include "policy/when.h"

#define NANOSECONDS 1000000000ULL

struct device_mode device_mode_of(const struct sg_device *device, uint64_t now)
{
	struct device_mode mode = {.in_force = sg_mode_in_force(device, now)};
	uint64_t left;

	mode.reverts_to = mode.in_force;
	if (!device->revert_at)
		return mode;
	if (now >= device->revert_at) {
		mode.confirmation = CONFIRMATION_MISSED;
		return mode;
	}
	left = device->revert_at - now;
	mode.confirmation = CONFIRMATION_PENDING;
	mode.reverts_to = device->revert_mode;
	mode.seconds_left = (int64_t)(left / NANOSECONDS + (left % NANOSECONDS != 0));
	return mode;
}

void device_mode_set(struct sg_device *device, enum sg_mode mode)
{
	device->mode = mode;
	device->revert_mode = mode;
	device->revert_at = 0;
}

void device_mode_try(struct sg_device *device, enum sg_mode mode, enum sg_mode otherwise,
		     int64_t seconds, uint64_t now)
{
	device_mode_set(device, mode);
	if (mode == otherwise)
		return;
	device->revert_mode = otherwise;
	device->revert_at = now + (uint64_t)seconds * NANOSECONDS;
}

bool device_mode_may_drop(const struct device_mode *mode)
{
	return mode->in_force == SG_MODE_ENFORCE || mode->reverts_to == SG_MODE_ENFORCE;
}

void device_mode_format(const struct device_mode *mode, char text[static DEVICE_MODE_TEXT_SIZE])
{
	const char *name = mode_name(mode->in_force);

	if (mode->confirmation == CONFIRMATION_PENDING)
		snprintf(text, DEVICE_MODE_TEXT_SIZE,
			 "%s, back to %s in %" PRId64 " s unless confirmed", name,
			 mode_name(mode->reverts_to), mode->seconds_left);
	else if (mode->confirmation == CONFIRMATION_MISSED)
		snprintf(text, DEVICE_MODE_TEXT_SIZE, "%s (not confirmed)", name);
	else
		snprintf(text, DEVICE_MODE_TEXT_SIZE, "%s", name);
}

const char *confirmation_name(enum confirmation confirmation)
{
	static const char *const names[] = {
		[CONFIRMATION_NONE] = "none",
		[CONFIRMATION_PENDING] = "pending",
		[CONFIRMATION_MISSED] = "missed",
	};

	return names[confirmation];
}

int confirm_parse(const char *text, int64_t *seconds, struct error *error)
{
	int64_t parsed;
	int result = duration_parse(text, &parsed, error);

	if (result)
		return result;
	if (parsed < CONFIRM_SECONDS_MIN || parsed > CONFIRM_SECONDS_MAX) {
		error_set(error, EXIT_USAGE, ERANGE,
			  "a confirmation is waited for between 10 seconds and a day");
		error_hint(error, "--confirm 2m");
		return -ERANGE;
	}
	*seconds = parsed;
	return 0;
}
