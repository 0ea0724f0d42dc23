/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allowlists to measure with, and the addresses to ask them about. The same size always gives the
 * same list.
 */
#ifndef BENCH_LISTS_H
#define BENCH_LISTS_H

#include "policy/entry.h"

struct program;

struct allowlist {
	uint8_t family;
	struct entry_list entries;
	/* sipguard's, with just this list: program_with_list() loads it. */
	struct program *program;
};

/*
 * Fills an empty list with `count` prefixes of one family: 99.9 % hosts, the others /24 to /28 or
 * /48 to /64, no prefix inside another.
 */
int list_generate(struct allowlist *list, uint8_t family, size_t count, struct error *error);

/* The share of all public IPv4 addresses that the list allows. */
double list_covered_share(const struct allowlist *list);

/* Where packets come from. */
enum sources {
	SOURCES_STRANGERS,  /* random public addresses */
	SOURCES_NEIGHBOURS, /* strangers that differ from an allowed one in the last byte only */
	SOURCES_ONE,	    /* one allowed address, */
	SOURCES_ACTIVE,	    /* SOURCES_ACTIVE_MAX of them, */
	SOURCES_ALL,	    /* or as many as the list has entries */
	SOURCES_COUNT,
};

#define SOURCES_ACTIVE_MAX 1000

/* Whether these differ from all the kinds before, which they may not for a short list. */
bool sources_are_worthwhile(enum sources sources, const struct allowlist *list);

/* How many there are; 0: no end of them. */
size_t sources_number(enum sources sources, const struct allowlist *list);

/* From now on the generator draws from these. Strangers need nothing of the list but its family. */
void sources_choose(enum sources sources, const struct allowlist *list);

#endif
