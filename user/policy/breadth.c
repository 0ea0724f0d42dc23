// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/breadth.h"

#include <math.h>

#include "sipguard/abi.h"

/* The entries that cover the one in hand, the shortest first. */
struct covers {
	const struct entry *entries[129];
	size_t count;
};

static bool is_allowed(const struct covers *covers)
{
	return covers->count && covers->entries[covers->count - 1]->verdict == SG_ENTRY_ALLOW;
}

/* In the order of a list, what covers an entry stands before it. */
double breadth_of(const struct entry_list *list, uint8_t family)
{
	struct covers covers = {};
	double share = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct entry *entry = &list->entries[i];
		bool allows = entry->verdict == SG_ENTRY_ALLOW;

		if (entry->prefix.family != family)
			continue;
		while (covers.count &&
		       !prefix_covers(&covers.entries[covers.count - 1]->prefix, &entry->prefix))
			covers.count--;
		if (allows != is_allowed(&covers))
			share += ldexp(allows ? 1 : -1, -entry->prefix.length);
		covers.entries[covers.count++] = entry;
	}
	return share;
}

double breadth_half(uint8_t family)
{
	return family == SG_FAMILY_IPV4 ? 0.5 : 0.0625;
}
