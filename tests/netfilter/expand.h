/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Placeholders of fragments (fragments.h), filled with addresses that a rule set uses again. */
#ifndef SIPGUARD_TESTS_NETFILTER_EXPAND_H
#define SIPGUARD_TESTS_NETFILTER_EXPAND_H

#include "policy/prefix.h"
#include "random.h"

#define POOL_SIZE 5

struct pool {
	struct random random;
	uint8_t family;	    /* of the rule that is being made */
	struct prefix last; /* host that was drawn */
	struct prefix prefixes[SG_FAMILY_COUNT][POOL_SIZE];
};

/* Draws the prefixes; `family` may be 0. */
void pool_fill(struct pool *pool);

/* Chains that %c can name are numbered from `first` to `last`. */
void expand(struct pool *pool, const char *fragment, unsigned int first, unsigned int last,
	    char *text, size_t size);

/* A random address inside. */
struct prefix host_in(struct random *random, const struct prefix *prefix);

#endif
