/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `check` asks of an address and of a network alike. */
#ifndef SIPGUARD_USER_COMMANDS_CHECK_H
#define SIPGUARD_USER_COMMANDS_CHECK_H

#include <stdbool.h>

#include "commands/command.h"
#include "policy/ports.h"
#include "policy/prefix.h"
#include "store/state.h"

/* Whether every guard only counts; false when there is none. */
int check_monitored(bool *monitored, struct error *error);

/* Says on standard error that the answer comes from the files, as nothing is guarded. */
void check_warn_unguarded(const struct invocation *invocation);

/* The answer for a network: how much of it is allowed, and by which entries. */
int check_network(const struct invocation *invocation, const struct prefix *network,
		  const struct port *port, const struct state *state, struct error *error);

#endif
