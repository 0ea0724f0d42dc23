/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Import and lint against the kernel. See tests/netfilter/README.md for what each fault means.
 */
#ifndef SIPGUARD_TESTS_NETFILTER_JUDGE_H
#define SIPGUARD_TESTS_NETFILTER_JUDGE_H

#include "netfilter/answer.h"
#include "netfilter/draw.h"

/* X(ENUMERATOR, name, what it means) */
#define FAULTS(X) \
	X(WRONG_TRUST, "wrong-trust", "allowed, and the kernel lets none of its packets through") \
	X(SILENT_CONDITION, "silent-condition", \
	  "allowed, though only a condition lets it through or only one keeps it away, unnamed") \
	X(LOST_TRUST, "lost-trust", "it reaches a socket, and is neither allowed nor named") \
	X(FALSE_OPEN, "false-open", "SG001, and no stranger reaches a socket") \
	X(MISSED_OPEN, "missed-open", "a stranger reaches a socket, and no finding says so") \
	X(REFUSED, "refused", "what the tool wrote is no text of its format")

enum fault {
#define FAULT_ENUMERATOR(enumerator, ...) FAULT_##enumerator,
	FAULTS(FAULT_ENUMERATOR)
#undef FAULT_ENUMERATOR
		FAULT_COUNT,
};

const char *fault_name(enum fault fault);
const char *fault_meaning(enum fault fault);

/* The verdict on one rule set. */
struct trial {
	bool is_loaded;
	unsigned int faults;		  /* bits */
	char first[FAULT_COUNT][1024];	  /* the first source or finding of each */
	size_t reached, allowed, sources; /* how many */
};

/* Looks for the faults among `wanted`, or those that come along. */
void judge_rules(struct world *world, const struct rules_text *rules, const struct sources *sources,
		 unsigned int wanted, struct trial *trial);

#define FAULTS_ALL ((1U << FAULT_COUNT) - 1)

/* Leaves out lines as long as the fault remains. */
void judge_shrink(struct world *world, struct rules_text *rules, const struct sources *sources,
		  enum fault fault);

#endif
