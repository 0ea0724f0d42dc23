/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run came to, by tool, by fault and by fragment, so that one that tests nothing is seen. */
#ifndef SIPGUARD_TESTS_NETFILTER_TALLY_H
#define SIPGUARD_TESTS_NETFILTER_TALLY_H

#include "netfilter/judge.h"

enum { GRAMMAR_IPTABLES, GRAMMAR_NFT, GRAMMAR_COUNT };

struct tally {
	uint64_t loaded[TOOL_COUNT];
	uint64_t refused; /* by the tool */
	uint64_t sources;
	uint64_t reached;
	uint64_t allowed;
	uint64_t faults[FAULT_COUNT];
	uint64_t known[FAULT_COUNT];
	uint64_t shrunk;
	uint64_t shown; /* that are not known */
	/* Rules with a fragment, and those of sets in which some sources came through, others not.
	 */
	uint64_t with[GRAMMAR_COUNT][256];
	uint64_t decided[GRAMMAR_COUNT][256];
};

void tally_add(struct tally *tally, const struct rules_text *rules, const struct trial *trial);
void tally_sum(struct tally *tally, const struct tally *more);

/* Faults that are not known. */
uint64_t tally_unknown(const struct tally *tally);

/* Prints all. The exit status of the run. */
int tally_print(const struct tally *tally, const struct coverage *coverage, double seconds);

#endif
