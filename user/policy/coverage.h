/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much of a network a list allows. Pure. */
#ifndef SIPGUARD_USER_POLICY_COVERAGE_H
#define SIPGUARD_USER_POLICY_COVERAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/entry.h"

struct coverage {
	/* The longest entry that is shorter than the network and covers it; the list's, or NULL. */
	const struct entry *around;
	/* The entries inside, the network's own included: the list's, in its order. */
	const struct entry *inside;
	size_t inside_count;
	bool any_allowed;     /* at least one address is */
	bool any_not_allowed; /* at least one address is not */
	uint64_t allowed;     /* addresses of IPv4; 0 for IPv6 */
};

/*
 * The list holds what is in force, so each of its entries counts. Points into the list, and is
 * valid as long as that does not change.
 */
void coverage_of(const struct entry_list *list, const struct prefix *network,
		 struct coverage *coverage);

#endif
