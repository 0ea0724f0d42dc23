// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the rules say in the end about each prefix that they name. The records are visited in the
 * order of prefixes, each after all that cover it, with a stack of these: for each stage and port
 * the stack holds the first rule that matches.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "rules/walk/path.h"

#define LEVELS_MAX 130

struct judge {
	struct path *path;
	size_t cells;	 /* stages times ports */
	uint32_t *first; /* of each level, for each cell, the record that decides */
	struct prefix levels[LEVELS_MAX];
	size_t depth;
};

static int compare_records(const void *left, const void *right)
{
	const struct record *a = left, *b = right;
	int order = prefix_compare(&a->prefix, &b->prefix);

	if (order)
		return order;
	return a->step < b->step ? -1 : a->step > b->step;
}

static uint32_t *cells_of(const struct judge *judge, size_t level)
{
	return judge->first + level * judge->cells;
}

/* Enters a prefix: leaves those that do not cover it, and begins with what the nearest one has. */
static uint32_t *enter(struct judge *judge, const struct prefix *prefix)
{
	uint32_t *cells;

	while (judge->depth && !prefix_covers(&judge->levels[judge->depth - 1], prefix))
		judge->depth--;
	cells = cells_of(judge, judge->depth);
	if (judge->depth)
		memcpy(cells, cells - judge->cells, judge->cells * sizeof(*cells));
	else
		memset(cells, 0xff, judge->cells * sizeof(*cells));
	judge->levels[judge->depth++] = *prefix;
	return cells;
}

static void take(struct judge *judge, uint32_t number, uint32_t *cells)
{
	struct record *records = judge->path->records, *record = &records[number];
	size_t stage = judge->path->steps[record->step].stage;
	unsigned int count = judge->path->services.count;
	uint32_t hidden_by = NO_RECORD;
	bool is_hidden = true;

	for (unsigned int bit = 0; bit < count; bit++) {
		uint32_t *first = &cells[stage * count + bit];

		if (!(record->ports >> bit & 1))
			continue;
		/* What a rule leaves out is left to those behind it. */
		if (*first != NO_RECORD && records[*first].step < record->step &&
		    !records[*first].except) {
			hidden_by = *first;
			continue;
		}
		/* Of one set the longest element decides. */
		*first = number;
		is_hidden = false;
	}
	record->hidden_by = is_hidden ? hidden_by : NO_RECORD;
}

static bool accepts(const struct path *path, uint32_t number)
{
	const struct record *record;

	if (number == NO_RECORD)
		return true;
	record = &path->records[number];
	return path->steps[record->step].action == ACTION_ACCEPT && !record->except;
}

static uint64_t accepted_ports(const struct judge *judge, const uint32_t *cells)
{
	const struct path *path = judge->path;
	uint64_t accepted = 0;

	for (unsigned int bit = 0; bit < path->services.count; bit++) {
		bool accepted_here = path->stage_count > 0;

		for (size_t stage = 0; accepted_here && stage < path->stage_count; stage++)
			accepted_here = accepts(path, cells[stage * path->services.count + bit]);
		if (accepted_here)
			accepted |= 1ULL << bit;
	}
	return accepted;
}

/* "! -s PREFIX -j DROP" closes a port for whom it does not name. */
static void close_negated(struct path *path)
{
	for (size_t i = 0; i < path->step_count; i++) {
		const struct step *step = &path->steps[i];

		if (step->action != ACTION_DROP || step->conditions != CONDITION_NEGATED_SOURCE)
			continue;
		for (unsigned int family = SG_FAMILY_IPV4; family < SG_FAMILY_COUNT; family++) {
			if (step->families & FAMILY_BIT(family))
				path->open[family] &= ~step->ports;
		}
	}
}

int path_judge(struct path *path, struct error *error)
{
	struct judge judge = {.path = path, .cells = path->stage_count * path->services.count};
	cleanup_free uint32_t *first = calloc(LEVELS_MAX * judge.cells + 1, sizeof(*first));
	size_t next;

	if (!first)
		return error_system(error, ENOMEM, "cannot hold the rules");
	judge.first = first;
	if (path->record_count)
		qsort(path->records, path->record_count, sizeof(*path->records), compare_records);
	for (size_t at = 0; at < path->record_count; at = next) {
		const struct prefix *prefix = &path->records[at].prefix;
		uint32_t *cells = enter(&judge, prefix);
		uint64_t accepted;

		for (next = at; next < path->record_count &&
				!prefix_compare(&path->records[next].prefix, prefix);
		     next++)
			take(&judge, (uint32_t)next, cells);
		accepted = accepted_ports(&judge, cells);
		for (size_t i = at; i < next; i++)
			path->records[i].accepted = accepted;
		if (!prefix->length)
			path->open[prefix->family] = accepted;
	}
	close_negated(path);
	return 0;
}
