// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/aggregate.h"

#include <string.h>

#include "sipguard/abi.h"

/* Stands for an entry of another list: like no other, so that it is neither joined nor left out. */
#define OTHER UINT8_MAX

/*
 * A list is worked through in its order, in which a prefix comes before all that it covers. What is
 * kept so far is sorted.
 */
struct aggregation {
	struct entry *kept;
	size_t count;
	/* The places in `kept` of those that cover the latest, the longest last; and its own. */
	size_t covering[130];
	size_t depth;
};

static bool decide_alike(const struct entry *left, const struct entry *right)
{
	return left->verdict == right->verdict && left->until == right->until &&
	       left->verdict != OTHER;
}

static struct entry *longest_covering(struct aggregation *state, const struct prefix *prefix)
{
	while (state->depth) {
		struct entry *entry = &state->kept[state->covering[state->depth - 1]];

		if (prefix_covers(&entry->prefix, prefix))
			return entry;
		state->depth--;
	}
	return NULL;
}

static uint8_t *last_bit(struct prefix *prefix, uint8_t *mask)
{
	unsigned int bit = prefix->length - 1U;

	*mask = (uint8_t)(0x80 >> bit % 8);
	return &prefix->address[bit / 8];
}

/* The other half, when the prefix is the upper half of a shorter one. */
static bool lower_half(const struct prefix *prefix, struct prefix *lower)
{
	uint8_t mask, *byte;

	*lower = *prefix;
	if (!prefix->length)
		return false;
	byte = last_bit(lower, &mask);
	if (!(*byte & mask))
		return false;
	*byte ^= mask;
	return true;
}

static bool has_same_label(const struct entry *left, const struct entry *right)
{
	return left->label == right->label ||
	       (left->label && right->label && !strcmp(left->label, right->label));
}

/* Takes the latest, and what it covers that is kept behind it, as the upper half of the other. */
static void join(struct aggregation *state, struct entry *lower, size_t upper)
{
	if (!has_same_label(lower, &state->kept[upper]))
		lower->label = NULL;
	lower->prefix.length--;
	state->count--;
	memmove(&state->kept[upper], &state->kept[upper + 1],
		(state->count - upper) * sizeof(*state->kept));
	state->covering[state->depth - 1] = (size_t)(lower - state->kept);
}

/* Joins the latest with its other half, and what they become with its own. */
static void join_upwards(struct aggregation *state)
{
	struct prefix wanted;

	while (lower_half(&state->kept[state->covering[state->depth - 1]].prefix, &wanted)) {
		struct entry_list kept = {.entries = state->kept, .count = state->count};
		size_t upper = state->covering[state->depth - 1];
		struct entry *lower = entry_list_find(&kept, &wanted);

		if (!lower || !decide_alike(lower, &state->kept[upper]))
			return;
		wanted.length--;
		if (entry_list_find(&kept, &wanted))
			return;
		join(state, lower, upper);
	}
}

static void pass(struct entry_list *list)
{
	struct aggregation state = {.kept = list->entries};

	for (size_t i = 0; i < list->count; i++) {
		struct entry entry = list->entries[i];
		struct entry *covering = longest_covering(&state, &entry.prefix);

		if (covering && decide_alike(covering, &entry))
			continue;
		state.covering[state.depth++] = state.count;
		state.kept[state.count++] = entry;
		join_upwards(&state);
	}
	list->count = state.count;
}

/* Where a prefix has joined another, its own halves can be joined in the next pass. */
static void aggregate_in_place(struct entry_list *list)
{
	size_t count;

	do {
		count = list->count;
		pass(list);
	} while (list->count < count);
}

/* The entries of one list that have the same prefix as one of another. */
static int intersect(const struct entry_list *list, const struct entry_list *with,
		     struct entry_list *common, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list rest = {};
	int result = entry_list_subtract(list, with, &rest, error);

	return result ?: entry_list_subtract(list, &rest, common, error);
}

static int aggregate_among(struct entry_list *list, const struct entry_list *others,
			   struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list hidden = {};
	__attribute__((cleanup(entry_list_clear))) struct entry_list marks = {};
	__attribute__((cleanup(entry_list_clear))) struct entry_list all = {};
	__attribute__((cleanup(entry_list_clear))) struct entry_list visible = {};
	struct entry_list made;
	int result = intersect(list, others, &hidden, error);

	result = result ?: entry_list_copy(others, &marks, error);
	for (size_t i = 0; !result && i < marks.count; i++)
		marks.entries[i].verdict = OTHER;
	result = result ?: entry_list_merge(list, &marks, &all, error);
	if (result)
		return result;
	aggregate_in_place(&all);
	result = entry_list_subtract(&all, &marks, &visible, error);
	result = result ?: entry_list_merge(&visible, &hidden, &made, error);
	if (result)
		return result;
	entry_list_clear(list);
	*list = made;
	return 0;
}

int aggregate(struct entry_list *list, const struct entry_list *others, struct error *error)
{
	if (others->count)
		return aggregate_among(list, others, error);
	aggregate_in_place(list);
	return 0;
}
