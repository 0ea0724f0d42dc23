/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that look for findings in rules share. */
#ifndef SIPGUARD_USER_RULES_LINT_LINT_WALK_H
#define SIPGUARD_USER_RULES_LINT_LINT_WALK_H

#include "rules/lint/lint_internal.h"
#include "rules/walk/walk.h"

#define DEVICE_WORDS_SIZE 256

/* What the steps of a rule come to. */
struct tally {
	size_t steps;
	size_t hidden;
	uint32_t hidden_by; /* a step */
	bool sip_alone;	    /* on every way to the rule */
	bool is_open;	    /* it would accept everybody if another rule did not before it */
	/* Ports on which it lets in strangers for sure, with the devices, and perhaps. */
	uint64_t open[SG_FAMILY_COUNT];
	uint64_t may_open;
	uint32_t devices;
};

struct linter {
	const struct lint_question *question;
	const struct walk *walk;
	struct tally *tallies; /* for each rule */
	struct findings *findings;
	struct error *error;
	uint64_t reported[SG_FAMILY_COUNT]; /* open ports of which a rule was blamed */
	bool names_sip;			    /* some rule on the way names a SIP port */
	/* Of each stage the first step that asks for something unknown of strangers, or NO_STEP. */
	uint32_t first_doubt[STAGES_MAX];
};

/* Whether the rule itself, and not the place where it stands, is about SIP. */
bool lint_names_ports(const struct linter *linter, const struct rule *rule);
bool lint_is_about_sip(const struct linter *linter, const struct step *step);

/* Ports on which strangers are accepted for sure: by every device, and by any. */
uint64_t lint_open_ports(const struct linter *linter, uint8_t family);
uint64_t lint_open_anywhere(const struct linter *linter, uint8_t family);

/* Ports on which a step may let in strangers, which is not sure. */
uint64_t lint_may_open(const struct linter *linter, const struct step *step, uint8_t family);

/* Adds to its rule's tally what a step lets in: for all steps, before the findings about any. */
void lint_add_open(struct linter *linter, const struct step *step);

/* The rule before that lets in everybody on ports for which this one would as well. */
const struct rule *lint_open_before(const struct linter *linter, const struct step *step);

/* An ACCEPT that lets in everybody; half of the internet, or more than can be known; perhaps. */
int lint_open_step(struct linter *linter, const struct step *step);
int lint_wide_sources(struct linter *linter, const struct step *step);
int lint_maybe_open(struct linter *linter, const struct step *step);

/* Findings about the single rules that packets meet on the walk. */
int lint_steps(struct linter *linter);

/* Of a chain with this hook whose policy lets in SIP, where no rule was blamed. */
int lint_policy(struct linter *linter, uint8_t family, uint8_t hook);

/* Rules that send SIP of strangers elsewhere, and FORWARD where it goes to another host. */
int lint_moves(struct linter *linter);

/* Ports that a rule may send elsewhere for strangers, by any device: what becomes of them is open.
 */
uint64_t lint_moved_ports(const struct linter *linter, uint8_t family);

/* What is wrong with the whole; each open port is blamed on one thing only. */
int lint_whole(struct linter *linter);

#endif
