// SPDX-License-Identifier: GPL-2.0-or-later
/* Findings in several lists together, and in a declared policy as a whole. */
#include <errno.h>
#include <stdlib.h>

#include "rules/lint/lint_internal.h"

struct together {
	const struct lint_document *const *documents;
	size_t count;
	const struct lint_question *question;
	struct findings *findings;
	struct error *error;
	struct listing listing; /* of all lists, by prefix, then by document and line */
};

static int report(struct together *together, enum lint_id id, size_t document,
		  const struct place *place, const char *message)
{
	int result = lint_report(together->findings, id, place, together->error, "%s", message);

	if (!result)
		together->findings->findings[together->findings->count - 1].document = document;
	return result;
}

static int read_lists(struct together *together)
{
	struct listing *listing = &together->listing;
	int result = 0;

	for (size_t i = 0; !result && i < together->count; i++) {
		size_t first = listing->count;

		if (together->documents[i]->input.format != LINT_LIST)
			continue;
		result = listing_read(&together->documents[i]->input, listing, together->error);
		for (; first < listing->count; first++)
			listing->entries[first].document = i;
	}
	return result;
}

static int compare(const void *left, const void *right)
{
	const struct listed *a = left, *b = right;
	int order = prefix_compare(&a->prefix, &b->prefix);

	if (order)
		return order;
	if (a->document != b->document)
		return a->document < b->document ? -1 : 1;
	return a->place.line < b->place.line ? -1 : a->place.line > b->place.line;
}

static const struct lint_input *input_of(const struct together *together,
					 const struct listed *entry)
{
	return &together->documents[entry->document]->input;
}

/* `entry` and the one before it have the same prefix and stand in two files. */
static int check_pair(struct together *together, const struct listed *before,
		      const struct listed *entry)
{
	const struct lint_input *first = input_of(together, before);
	const struct lint_input *second = input_of(together, entry);
	bool same_policy = second->policy && first->policy == second->policy;
	bool differs = before->verdict != entry->verdict || before->until != entry->until;
	char prefix[PREFIX_TEXT_SIZE], message[1024];

	if (!same_policy && !differs)
		return 0;
	prefix_format(&entry->prefix, prefix);
	snprintf(message, sizeof(message), "%s stands in %.400s:%zu already%s", prefix, first->name,
		 before->place.line, differs ? ", with another verdict or end" : "");
	return report(together, same_policy ? LINT_REFUSED : LINT_FILES_DISAGREE, entry->document,
		      &entry->place, message);
}

static int check_pairs(struct together *together)
{
	const struct listing *listing = &together->listing;
	int result = 0;

	for (size_t i = 1; !result && i < listing->count; i++) {
		const struct listed *before = &listing->entries[i - 1];
		const struct listed *entry = &listing->entries[i];

		if (before->document != entry->document &&
		    !prefix_compare(&before->prefix, &entry->prefix))
			result = check_pair(together, before, entry);
	}
	return result;
}

static bool lets_in(const struct together *together, uint8_t verdict, int64_t until)
{
	return verdict == SG_ENTRY_ALLOW && (!until || until > together->question->now);
}

/* Whether a list of the policy lets the prefix in; NULL: any prefix. */
static bool policy_allows(const struct together *together, unsigned int policy,
			  const struct prefix *prefix)
{
	const struct listing *listing = &together->listing;
	size_t low = 0, high = listing->count;

	while (prefix && low < high) {
		size_t middle = low + (high - low) / 2;

		if (prefix_compare(&listing->entries[middle].prefix, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < listing->count; low++) {
		const struct listed *entry = &listing->entries[low];

		if (prefix && prefix_compare(&entry->prefix, prefix) != 0)
			break;
		if (input_of(together, entry)->policy == policy &&
		    lets_in(together, entry->verdict, entry->until))
			return true;
	}
	return false;
}

static int check_empty(struct together *together, size_t number, const struct place *place)
{
	const struct lint_document *document = together->documents[number];

	if (document->config->mode != SG_MODE_ENFORCE || !document->config->device_count ||
	    policy_allows(together, document->input.policy, NULL))
		return 0;
	return report(together, LINT_REFUSED, number, place,
		      "the guards would enforce an allowlist that allows nobody");
}

static int check_shrink(struct together *together, size_t number, const struct place *place)
{
	const struct lint_document *document = together->documents[number];
	const struct entry_list *former = together->question->former;
	unsigned int most = document->config->max_shrink;
	size_t all = 0, lost = 0;
	char message[160];

	for (size_t i = 0; former && i < former->count; i++) {
		const struct entry *entry = &former->entries[i];

		if (!lets_in(together, entry->verdict, entry->until))
			continue;
		all++;
		lost += !policy_allows(together, document->input.policy, &entry->prefix);
	}
	if (lost <= all * most / 100)
		return 0;
	snprintf(message, sizeof(message),
		 "of %zu entries that allowed a source before, %zu no longer do: more than %u%%",
		 all, lost, most);
	return report(together, LINT_REFUSED, number, place, message);
}

static int check_policy(struct together *together, size_t number)
{
	const struct lint_input *input = &together->documents[number]->input;
	struct lines lines = lines_begin(input->text, input->size);
	struct place place = {.line = 1, .column = 1, .text = input->text};

	lines_next(&lines, &place);
	return check_empty(together, number, &place) ?: check_shrink(together, number, &place);
}

int lint_together(const struct lint_document *const *documents, size_t count,
		  const struct lint_question *question, struct findings *findings,
		  struct error *error)
{
	struct together together = {documents, count, question, findings, error, {}};
	int result = read_lists(&together);

	if (together.listing.count)
		qsort(together.listing.entries, together.listing.count,
		      sizeof(*together.listing.entries), compare);
	result = result ?: check_pairs(&together);
	for (size_t i = 0; !result && i < count; i++) {
		if (documents[i]->config)
			result = check_policy(&together, i);
	}
	listing_clear(&together.listing);
	return result;
}
