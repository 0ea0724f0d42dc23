/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How commands tell what guarding_attach() has done. */
#ifndef SIPGUARD_USER_COMMANDS_GUARDING_SHOW_H
#define SIPGUARD_USER_COMMANDS_GUARDING_SHOW_H

#include "commands/command.h"
#include "engine/guarding.h"

/* A line for each device, or an object for each in `attached` where that is not NULL. */
void guarding_show(const struct invocation *invocation, const struct device *devices,
		   const struct attach_results *results, json_t *attached);

#endif
