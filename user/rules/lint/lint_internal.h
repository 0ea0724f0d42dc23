/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that look for findings share. */
#ifndef SIPGUARD_USER_RULES_LINT_LINT_INTERNAL_H
#define SIPGUARD_USER_RULES_LINT_LINT_INTERNAL_H

#include "rules/lint/lint.h"

int lint_report(struct findings *findings, enum lint_id id, const struct place *place,
		struct error *error, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Whether so many sources are hardly all known. */
bool prefix_is_broad(const struct prefix *prefix);

int lint_rules(const struct lint_document *document, const struct lint_question *question,
	       struct findings *findings, struct error *error);
int lint_list(const struct lint_document *document, const struct lint_question *question,
	      struct findings *findings, struct error *error);

#endif
