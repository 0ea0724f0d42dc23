/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults that are known: counted, and shown by the count, but no reason to fail. */
#ifndef SIPGUARD_TESTS_NETFILTER_KNOWN_H
#define SIPGUARD_TESTS_NETFILTER_KNOWN_H

#include "netfilter/judge.h"

#define KNOWN_MAX 64

/* Lines "FAULT :: TEXT :: why": a fault whose smallest rule set holds the text; "*" is in all. */
struct known {
	struct {
		enum fault fault;
		char text[96];
	} faults[KNOWN_MAX];
	size_t count;
};

/* NULL: none is known. Ends the program when a line is not understood. */
void known_read(const char *path, struct known *known);
/* Whether all of the kind are known, whatever the rules. */
bool known_is_whole(const struct known *known, enum fault fault);
bool known_has(const struct known *known, enum fault fault, const struct rules_text *rules);

#endif
