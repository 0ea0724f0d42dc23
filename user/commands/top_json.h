/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A picture of `top` as one object of JSON. */
#ifndef SIPGUARD_USER_COMMANDS_TOP_JSON_H
#define SIPGUARD_USER_COMMANDS_TOP_JSON_H

#include "commands/command.h"
#include "traffic/screen.h"

int top_print_json(const struct invocation *invocation, const struct traffic *traffic,
		   const struct screen_request *request, struct error *error);

#endif
