/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that import share. */
#ifndef SIPGUARD_USER_RULES_IMPORT_IMPORT_INTERNAL_H
#define SIPGUARD_USER_RULES_IMPORT_IMPORT_INTERNAL_H

#include "rules/import/report.h"
#include "rules/walk/walk.h"

/* Entries for those whom the rules let in. `tool` is named in labels of rules without a comment. */
int import_ruleset(const struct ruleset *rules, const char *tool, const struct rules_input *input,
		   struct entry_list *entries, struct rules_report *report, struct error *error);

/* Whether the prefix can be an entry; otherwise why not, as the end of a sentence. */
bool import_can_allow(const struct prefix *prefix, const char **reason);

/* A source that a rule names and that is not allowed, and the step that drops it or NO_STEP. */
struct refused {
	const struct rule *rule;
	struct prefix prefix;
	uint32_t step;
	bool in_part; /* some device accepts it, or it may be accepted */
};

/* What became of the rules, for the remarks about them. */
struct import_outcome {
	const struct walk *walk;
	bool *imported; /* of each rule: a source that it names has an entry, or is denied by one */
	struct refused *refused;
	size_t refused_count;
	size_t refused_allocated;
	size_t narrowed; /* entries of sources that not every guarded port accepts */
};

/* Remarks about every rule that is about guarded ports and is not in the entries. */
int import_tell(const struct import_outcome *outcome, struct rules_report *report,
		struct error *error);

#endif
