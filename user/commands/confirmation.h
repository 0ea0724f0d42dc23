/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How commands tell that a mode waits for its confirmation. */
#ifndef SIPGUARD_USER_COMMANDS_CONFIRMATION_H
#define SIPGUARD_USER_COMMANDS_CONFIRMATION_H

#include "commands/command.h"
#include "policy/device_mode.h"

/* null where nothing is to be confirmed, or an object. */
json_t *confirmation_json(const struct device_mode *mode);

/* One device and its mode, as a line or, where `devices` is not NULL, as an object in it. */
void confirmation_show(const struct invocation *invocation, const char *device,
		       const struct device_mode *mode, json_t *devices);

#endif
