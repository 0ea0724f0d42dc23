/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How `drops` shows what it sees: a line or a JSON object for each packet, or a summary. */
#ifndef SIPGUARD_USER_COMMANDS_DROPS_SHOW_H
#define SIPGUARD_USER_COMMANDS_DROPS_SHOW_H

#include "commands/command.h"
#include "traffic/sighting.h"
#include "traffic/sources.h"

/* What a while came to; samples are those that were shown. */
struct drops_tally {
	double seconds;
	uint64_t packets;
	uint64_t samples;
	uint64_t lost;
};

/* The first line, for people. */
void drops_show_heading(const struct invocation *invocation);

/* With `hint`, how to allow the source stands on a line of its own below. */
int drops_show(const struct invocation *invocation, const struct sighting *sighting, bool hint,
	       struct error *error);

/* How many there were beside those that are shown: on standard error, or an object in JSON. */
int drops_show_tally(const struct invocation *invocation, const struct drops_tally *tally,
		     struct error *error);

int drops_show_summary(const struct invocation *invocation, const struct sources *sources,
		       const struct drops_tally *tally, struct error *error);

#endif
