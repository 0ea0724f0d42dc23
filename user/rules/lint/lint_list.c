// SPDX-License-Identifier: GPL-2.0-or-later
/* Findings in lists of entries. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "policy/list_file.h"
#include "policy/when.h"
#include "rules/lint/lint_internal.h"

static int add_line(struct listing *listing, const struct place *line, const struct entry_list *one,
		    struct error *error)
{
	const struct entry *entry = one->entries;

	if (!one->count)
		return 0;
	if (array_reserve(&listing->entries, sizeof(*listing->entries), listing->count,
			  &listing->allocated, error))
		return -ENOMEM;
	listing->entries[listing->count++] = (struct listed){
		.prefix = entry->prefix,
		.verdict = entry->verdict,
		.is_labelled = entry->label != NULL,
		.until = entry->until,
		.place = *line,
	};
	return 0;
}

/* Line by line: a prefix that stands twice is a finding here, and no reason not to read on. */
int listing_read(const struct lint_input *input, struct listing *listing, struct error *error)
{
	struct lines lines = lines_begin(input->text, input->size);
	struct place line;

	while (lines_next(&lines, &line)) {
		__attribute__((cleanup(entry_list_clear))) struct entry_list one = {};
		int result = list_file_parse(input->name, line.text, line.length, &one, error);

		/* The whole gives the error with its line. */
		if (result == -EINVAL)
			return list_file_parse(input->name, input->text, input->size, &one, error);
		result = result ? result : add_line(listing, &line, &one, error);
		if (result)
			return result;
	}
	return 0;
}

static int compare_listed(const void *left, const void *right)
{
	const struct listed *a = left, *b = right;
	int order = prefix_compare(&a->prefix, &b->prefix);

	if (order)
		return order;
	return a->place.line < b->place.line ? -1 : a->place.line > b->place.line;
}

static int check_alone(const struct listed *entry, const struct lint_question *question,
		       struct findings *findings, struct error *error)
{
	char prefix[PREFIX_TEXT_SIZE], time[WHEN_TEXT_SIZE];
	int result = 0;

	prefix_format(&entry->prefix, prefix);
	if (entry->until && entry->until <= question->now) {
		time_format(entry->until, time);
		result = lint_report(findings, LINT_EXPIRED, &entry->place, error,
				     "%s has expired at %s", prefix, time);
	}
	if (!result && !entry->is_labelled)
		result = lint_report(findings, LINT_UNLABELLED, &entry->place, error,
				     "nothing says who %s is", prefix);
	if (result || entry->verdict != SG_ENTRY_ALLOW)
		return result;
	if (prefix_is_half_the_internet(&entry->prefix))
		return lint_report(findings, LINT_OPEN, &entry->place, error,
				   "%s allows half of the internet or more", prefix);
	if (prefix_is_broad(&entry->prefix))
		return lint_report(findings, LINT_BROAD, &entry->place, error,
				   "hardly all sources in %s are known", prefix);
	return 0;
}

/* `around` is the entry that decides without this one; NULL: none does. */
static int check_inside(const struct listed *entry, const struct listed *around,
			struct findings *findings, struct error *error)
{
	char prefix[PREFIX_TEXT_SIZE], wider[PREFIX_TEXT_SIZE];

	prefix_format(&entry->prefix, prefix);
	if (!around && entry->verdict == SG_ENTRY_DENY)
		return lint_report(findings, LINT_NEEDLESS_DENIAL, &entry->place, error,
				   "nothing allows what is around %s", prefix);
	/* An entry that ends before the other one leaves something to that. */
	if (!around || around->verdict != entry->verdict ||
	    (around->until && around->until != entry->until))
		return 0;
	prefix_format(&around->prefix, wider);
	return lint_report(findings, LINT_REDUNDANT, &entry->place, error,
			   "%s is decided by %s on line %zu already", prefix, wider,
			   around->place.line);
}

/* The entries around one in the order of prefixes stand on a stack; expired ones count as absent.
 */
static int check_nesting(const struct listing *listing, const struct lint_question *question,
			 struct findings *findings, struct error *error)
{
	const struct listed *around[130];
	size_t depth = 0;
	int result = 0;

	for (size_t i = 0; !result && i < listing->count; i++) {
		const struct listed *entry = &listing->entries[i];

		if (entry->until && entry->until <= question->now)
			continue;
		while (depth && !prefix_covers(&around[depth - 1]->prefix, &entry->prefix))
			depth--;
		if (depth && !prefix_compare(&around[depth - 1]->prefix, &entry->prefix)) {
			result = lint_report(findings, LINT_REFUSED, &entry->place, error,
					     "the same prefix stands on line %zu already",
					     around[depth - 1]->place.line);
			continue;
		}
		result = check_inside(entry, depth ? around[depth - 1] : NULL, findings, error);
		around[depth++] = entry;
	}
	return result;
}

int lint_list(const struct lint_document *document, const struct lint_question *question,
	      struct findings *findings, struct error *error)
{
	__attribute__((cleanup(listing_clear))) struct listing listing = {};
	int result = listing_read(&document->input, &listing, error);

	for (size_t i = 0; !result && i < listing.count; i++)
		result = check_alone(&listing.entries[i], question, findings, error);
	if (listing.count)
		qsort(listing.entries, listing.count, sizeof(*listing.entries), compare_listed);
	return result ? result : check_nesting(&listing, question, findings, error);
}
