// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which rules of a long chain can concern few classes. Where 20,000 networks jump to a chain of
 * 20,000 rules, each jump looks at the rules that name its network, and not at all of them.
 */
#include <errno.h>
#include <stdlib.h>

#include "rules/walk/flow.h"

/* Shorter chains are looked at as a whole. */
#define INDEXED_MIN 64
/* A context of more runs is hardly narrower than all classes. */
#define CONTEXT_RUNS_MAX 16

/* The classes that a rule is about lie between these. */
struct span {
	uint32_t first;
	uint32_t end;
	uint32_t position;
	uint32_t last_end; /* of all spans up to this one in a balanced tree over the array */
};

struct chain_index {
	struct span *spans; /* by first */
	size_t span_count;
	uint32_t *everywhere; /* positions of rules that can concern any class */
	size_t everywhere_count;
	bool is_made;
};

static bool span_of(const struct walk *walk, const struct rule *rule, struct span *span)
{
	const struct source_match *match = rule->matches;
	const struct variants *variants;

	if (!rule->match_count || match->set || match->negated)
		return false;
	variants = &walk->of_rules[walk->first_match[rule - walk->rules->rules]];
	*span = (struct span){UINT32_MAX, 0};
	for (size_t i = 0; i < variants->count; i++) {
		uint32_t list = walk->partition.same_as[variants->variants[i].list];
		const struct runs *runs = &walk->partition.lists[list];

		if (!runs->count)
			continue;
		if (runs->runs[0].first < span->first)
			span->first = runs->runs[0].first;
		if (runs->runs[runs->count - 1].end > span->end)
			span->end = runs->runs[runs->count - 1].end;
	}
	return true;
}

static int compare_spans(const void *left, const void *right)
{
	const struct span *a = left, *b = right;

	return a->first < b->first ? -1 : a->first > b->first;
}

/* The last end of the spans from `low` to one before `high`, kept at the one in the middle. */
static uint32_t fill_ends(struct span *spans, size_t low, size_t high)
{
	size_t middle = low + (high - low) / 2;
	uint32_t left, right;

	if (low == high)
		return 0;
	left = fill_ends(spans, low, middle);
	right = fill_ends(spans, middle + 1, high);
	if (left < right)
		left = right;
	spans[middle].last_end = spans[middle].end > left ? spans[middle].end : left;
	return spans[middle].last_end;
}

static int make(struct walker *walker, const struct chain *chain, struct chain_index *index)
{
	const struct walk *walk = walker->walk;

	index->spans = calloc(chain->rule_count, sizeof(*index->spans));
	index->everywhere = calloc(chain->rule_count, sizeof(*index->everywhere));
	if (!index->spans || !index->everywhere)
		return error_system(walker->error, ENOMEM, "cannot hold the rules");
	for (uint32_t i = 0; i < chain->rule_count; i++) {
		const struct rule *rule = &walk->rules->rules[chain->rules[i]];
		struct span span;

		if (!walk_rule_ports(walk, rule))
			continue;
		if (!span_of(walk, rule, &span)) {
			index->everywhere[index->everywhere_count++] = i;
			continue;
		}
		span.position = i;
		if (span.first < span.end)
			index->spans[index->span_count++] = span;
	}
	qsort(index->spans, index->span_count, sizeof(*index->spans), compare_spans);
	fill_ends(index->spans, 0, index->span_count);
	index->is_made = true;
	return 0;
}

static int add_position(struct walker *walker, struct position_list *list, uint32_t position)
{
	int result = array_reserve(&list->positions, sizeof(position), list->count,
				   &list->allocated, walker->error);

	if (!result)
		list->positions[list->count++] = position;
	return result;
}

static int query(struct walker *walker, const struct span *spans, size_t low, size_t high,
		 const struct run *run, struct position_list *list)
{
	size_t middle = low + (high - low) / 2;
	int result;

	if (low == high || spans[middle].last_end <= run->first)
		return 0;
	result = query(walker, spans, low, middle, run, list);
	if (result || spans[middle].first >= run->end)
		return result;
	if (spans[middle].end > run->first)
		result = add_position(walker, list, spans[middle].position);
	return result ? result : query(walker, spans, middle + 1, high, run, list);
}

static int compare_positions(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return a < b ? -1 : a > b;
}

int index_query(struct walker *walker, const struct chain *chain, const struct runs *context,
		struct position_list *positions, bool *all)
{
	struct chain_index *index = &walker->indexes[chain - walker->walk->rules->chains];
	size_t kept = 0;
	int result = 0;

	*all = chain->rule_count < INDEXED_MIN || context->count > CONTEXT_RUNS_MAX;
	if (!*all && !index->is_made)
		result = make(walker, chain, index);
	if (result || *all)
		return result;
	for (size_t i = 0; !result && i < index->everywhere_count; i++)
		result = add_position(walker, positions, index->everywhere[i]);
	for (size_t i = 0; !result && i < context->count; i++)
		result = query(walker, index->spans, 0, index->span_count, &context->runs[i],
			       positions);
	if (result)
		return result;
	if (positions->count)
		qsort(positions->positions, positions->count, sizeof(uint32_t), compare_positions);
	for (size_t i = 0; i < positions->count; i++) {
		if (!kept || positions->positions[kept - 1] != positions->positions[i])
			positions->positions[kept++] = positions->positions[i];
	}
	positions->count = kept;
	return walker_spend(walker, kept);
}

int index_make_room(struct walker *walker)
{
	walker->indexes = calloc(walker->walk->rules->chain_count + 1, sizeof(*walker->indexes));
	if (!walker->indexes)
		return error_system(walker->error, ENOMEM, "cannot hold the rules");
	walker->index_count = walker->walk->rules->chain_count;
	return 0;
}

void index_clear(struct walker *walker)
{
	for (size_t i = 0; i < walker->index_count; i++) {
		free(walker->indexes[i].spans);
		free(walker->indexes[i].everywhere);
	}
	free(walker->indexes);
}
