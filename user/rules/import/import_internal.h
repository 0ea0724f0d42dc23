/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that import share. */
#ifndef SIPGUARD_USER_RULES_IMPORT_IMPORT_INTERNAL_H
#define SIPGUARD_USER_RULES_IMPORT_IMPORT_INTERNAL_H

#include "rules/import/report.h"
#include "rules/walk/path.h"

/* Entries for those whom the rules let in. `tool` is named in labels of rules without a comment. */
int import_ruleset(const struct ruleset *rules, const char *tool, const struct rules_input *input,
		   struct entry_list *entries, struct rules_report *report, struct error *error);

/* Whether the prefix can be an entry; otherwise why not, as the end of a sentence. */
bool import_can_allow(const struct prefix *prefix, const char **reason);

#endif
