/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that walk through rules share. */
#ifndef SIPGUARD_USER_RULES_WALK_WALK_INTERNAL_H
#define SIPGUARD_USER_RULES_WALK_WALK_INTERNAL_H

#include "rules/walk/walk.h"

/* Ports of a rule that are guarded; a rule about other ports alone changes nothing. */
uint64_t walk_rule_ports(const struct walk *walk, const struct rule *rule);

/* Names every list of sources that rules about guarded ports ask, and cuts. */
int walk_collect(struct walk *walk, struct error *error);

/* Which devices the rules tell apart, and the bits of those that a list of names is about. */
void walk_collect_devices(struct walk *walk);
uint32_t walk_devices(const struct walk *walk, const char *names, bool *is_known);
uint32_t walk_all_devices(const struct walk *walk);

/* Classes, ports and devices, each with each. */
struct term {
	const struct runs *runs; /* `owned`, or the whole context */
	struct runs owned;
	uint64_t ports;
	uint32_t devices;
};

/* The cells and ports in which a rule matches: those of any term. */
struct extent {
	struct term *terms;
	size_t count;
	size_t allocated;
	uint8_t families;
	uint16_t unknown; /* conditions, beside those that the rule names */
	bool has_sources; /* lists restrict it */
};

/* Of the classes in `context`. An empty extent matches nothing. */
int extent_of(const struct walk *walk, const struct rule *rule, const struct runs *context,
	      struct extent *extent, struct error *error);
void extent_clear(struct extent *extent);

#endif
