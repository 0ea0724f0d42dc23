/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What import and lint say about a dump, set against the lines that the rules were made from. */
#ifndef SIPGUARD_TESTS_NETFILTER_ANSWER_H
#define SIPGUARD_TESTS_NETFILTER_ANSWER_H

#include "netfilter/rules_text.h"
#include "netfilter/tools.h"
#include "netfilter/world.h"
#include "rules/import/import.h"
#include "rules/lint/lint.h"

/* No line of the rule set: a remark or finding about the whole. */
#define NO_LINE SIZE_MAX

struct answer {
	bool import_refused;
	bool lint_refused;
	struct entry_list entries;
	struct rules_report report;
	struct lint_document document;
	struct findings findings;
	struct error error; /* of what was refused */
	uint64_t named;	    /* a bit for each line of which import remarks something */
	uint8_t open_named; /* families of which it says that strangers will be dropped */
};

/* The dump must outlive the answer. */
void answer_ask(const struct rules_text *rules, const struct dump *dump, struct answer *answer);
void answer_clear(struct answer *answer);

bool answer_allows(const struct answer *answer, const struct prefix *host);

/* Whether a finding says that everybody may send to the service. */
bool answer_is_open(const struct answer *answer, enum probe service);

/* The line that the place in the dump comes from, or NO_LINE. */
size_t answer_line(const struct rules_text *rules, const struct dump *dump,
		   const struct place *place);

#endif
