// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/coverage.h"

/* The first entry that does not stand before the prefix in the order of lists. */
static size_t lower_bound(const struct entry_list *list, const struct prefix *prefix)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (prefix_compare(&list->entries[middle].prefix, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* How many of these sorted entries, none of which stands before the prefix, lie in it. */
static size_t count_inside(const struct entry *entries, size_t count, const struct prefix *prefix)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (prefix_covers(prefix, &entries[middle].prefix))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_part(struct coverage *coverage, const struct prefix *part, bool allowed)
{
	if (allowed)
		coverage->any_allowed = true;
	else
		coverage->any_not_allowed = true;
	if (allowed && part->family == SG_FAMILY_IPV4)
		coverage->allowed += UINT64_C(1) << (32 - part->length);
}

/* Halves the part until no entry divides it: at most 128 calls deep. */
static void add_up(struct coverage *coverage, const struct entry *entries, size_t count,
		   struct prefix part, bool allowed)
{
	size_t lower;

	if (count && entries->prefix.length == part.length) {
		allowed = entries->verdict == SG_ENTRY_ALLOW;
		entries++;
		count--;
	}
	if (!count) {
		add_part(coverage, &part, allowed);
		return;
	}
	part.length++;
	lower = count_inside(entries, count, &part);
	add_up(coverage, entries, lower, part, allowed);
	part.address[(part.length - 1) / 8] |= (uint8_t)(0x80 >> (part.length - 1) % 8);
	add_up(coverage, entries + lower, count - lower, part, allowed);
}

void coverage_of(const struct entry_list *list, const struct prefix *network,
		 struct coverage *coverage)
{
	size_t first = lower_bound(list, network);

	*coverage = (struct coverage){.inside = list->entries + first};
	coverage->inside_count = count_inside(coverage->inside, list->count - first, network);
	for (int length = network->length - 1; !coverage->around && length >= 0; length--) {
		struct prefix wider = *network;

		wider.length = (uint8_t)length;
		prefix_truncate(&wider);
		coverage->around = entry_list_find(list, &wider);
	}
	add_up(coverage, coverage->inside, coverage->inside_count, *network,
	       coverage->around && coverage->around->verdict == SG_ENTRY_ALLOW);
}
