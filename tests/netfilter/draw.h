/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random rule sets, and the sources that are to try them. */
#ifndef SIPGUARD_TESTS_NETFILTER_DRAW_H
#define SIPGUARD_TESTS_NETFILTER_DRAW_H

#include "netfilter/expand.h"
#include "netfilter/fragments.h"

/* What this machine's kernel and tools know, found out by trying. */
struct coverage {
	bool has_tool[TOOL_COUNT];
	bool is_known[TOOL_COUNT][256]; /* by fragment */
};

/* Tries all, and prints what is not covered. */
void coverage_find(struct coverage *coverage);

/* The same seed makes the same rules on machines that cover the same. */
void draw_rules(uint64_t seed, const struct coverage *coverage, struct rules_text *rules);

/* Chains of a rule set: those that a hook leads to, then those that jumps lead to. */
#define CHAINS_MAX 8

struct chain_place {
	const char *table;
	const char *chain;
	uint8_t is;    /* what fragments may need of it */
	bool is_plain; /* takes sources and verdicts alone */
};

struct drawing {
	struct pool pool;
	const struct grammar *grammar;
	const bool *is_known; /* NULL: all */
	struct rules_text *rules;
	struct chain_place chains[CHAINS_MAX];
	size_t chain_count;
	unsigned int user_chains;
};

/* Rules of single fragments. False when one does not go with the family, or has no room. */
void samples_begin(enum tool tool, uint8_t family, struct drawing *drawing,
		   struct rules_text *rules);
bool samples_add(struct drawing *drawing, size_t number);

#define SOURCES_MAX 120

/* Hosts inside, at the ends of and beside everything that the rules name; strangers come last. */
struct sources {
	struct prefix hosts[SOURCES_MAX];
	size_t count;
	size_t strangers; /* the first of those whom no rule names but for halves of the internet */
};

void draw_sources(uint64_t seed, const struct rules_text *rules, struct sources *sources);

#endif
