/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that look for findings share. */
#ifndef SIPGUARD_USER_RULES_LINT_LINT_INTERNAL_H
#define SIPGUARD_USER_RULES_LINT_LINT_INTERNAL_H

#include <stdlib.h>

#include "rules/lint/lint.h"

int lint_report(struct findings *findings, enum lint_id id, const struct place *place,
		struct error *error, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* An entry of a list with its line. */
struct listed {
	struct prefix prefix;
	uint8_t verdict;
	bool is_labelled;
	int64_t until;
	struct place place;
	size_t document; /* for the caller */
};

struct listing {
	struct listed *entries;
	size_t count;
	size_t allocated;
};

/*
 * Appends the entries of a list in the order of lines; a prefix may stand there twice. The caller
 * frees `entries`.
 */
int listing_read(const struct lint_input *input, struct listing *listing, struct error *error);

static inline void listing_clear(struct listing *listing)
{
	free(listing->entries);
}

/* Whether so many sources are hardly all known. */
bool prefix_is_broad(const struct prefix *prefix);

int lint_rules(const struct lint_document *document, const struct lint_question *question,
	       struct findings *findings, struct error *error);
int lint_list(const struct lint_document *document, const struct lint_question *question,
	      struct findings *findings, struct error *error);

#endif
