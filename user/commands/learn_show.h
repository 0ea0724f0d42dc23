/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How `learn` shows whom it saw: a table for people, or JSON. */
#ifndef SIPGUARD_USER_COMMANDS_LEARN_SHOW_H
#define SIPGUARD_USER_COMMANDS_LEARN_SHOW_H

#include "commands/command.h"
#include "kernel/samples.h"
#include "traffic/talkers.h"

struct learned {
	struct talker *talkers; /* owned, in the order in which they are shown */
	size_t count;
	/* Seconds of Unix time between which they were seen. */
	int64_t began;
	int64_t ended;
	struct sample_tally tally;
};

int learn_show(const struct invocation *invocation, const struct learned *learned,
	       struct error *error);

#endif
