// SPDX-License-Identifier: GPL-2.0-or-later
/* Findings about single rules: what each does on the way of a packet, and rules beside it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "rules/lint/lint_walk.h"

bool lint_names_ports(const struct linter *linter, const struct rule *rule)
{
	return rule->service.range_count && !rule->service.ports_negated &&
	       services_matching(&linter->walk->services, &rule->service);
}

bool lint_is_about_sip(const struct linter *linter, const struct step *step)
{
	return step->rule && (step->sip_alone || lint_names_ports(linter, step->rule));
}

static void add_up(struct linter *linter)
{
	const struct walk *walk = linter->walk;

	for (size_t i = 0; i < walk->step_count; i++) {
		const struct step *step = &walk->steps[i];
		struct tally *tally;

		lint_add_open(linter, step);
		if (step->action != ACTION_ACCEPT && step->action != ACTION_DROP)
			continue;
		linter->names_sip = linter->names_sip || lint_is_about_sip(linter, step);
		if (!step->rule)
			continue;
		tally = &linter->tallies[step->rule - walk->rules->rules];
		tally->sip_alone = step->sip_alone && (tally->sip_alone || !tally->steps);
		tally->steps++;
		tally->hidden += !step->is_reached && step->hidden_by != NO_STEP;
		if (!step->is_reached && step->hidden_by != NO_STEP)
			tally->hidden_by = step->hidden_by;
	}
}

/* A rule that other rules leave nothing to. One about other ports too has those to decide. */
static int check_reached(struct linter *linter, size_t number)
{
	const struct walk *walk = linter->walk;
	const struct tally *tally = &linter->tallies[number];
	const struct rule *rule = &walk->rules->rules[number];
	const struct step *by;
	char words[PLACE_WORDS_SIZE];
	bool accepts;

	if (!tally->steps || tally->hidden < tally->steps || !tally->sip_alone || tally->is_open)
		return 0;
	by = &walk->steps[tally->hidden_by];
	if (!by->rule)
		return 0;
	accepts = by->action == ACTION_ACCEPT;
	place_words(&by->rule->place, words);
	if (accepts == (rule->action == ACTION_ACCEPT))
		return lint_report(linter->findings, LINT_REDUNDANT, &rule->place, linter->error,
				   "it changes nothing: the rule on %s has decided the same",
				   words);
	return lint_report(linter->findings, accepts ? LINT_DROP_UNREACHED : LINT_ACCEPT_UNREACHED,
			   &rule->place, linter->error, "it is never reached: the rule on %s %s",
			   words, accepts ? "accepts before" : "drops before");
}

static bool is_slow_alone(const struct step *step)
{
	return step->conditions == CONDITION_RATE && step->condition_of->unknown &&
	       !strstr(step->condition_of->unknown, "recent");
}

/* What single steps with conditions show. */
static int check_condition(struct linter *linter, const struct step *step)
{
	const struct rule *rule = step->rule;
	const char *words = rule->unknown ? rule->unknown : "";
	bool is_about_sip = lint_is_about_sip(linter, step);

	if (step->conditions & CONDITION_SOURCE_PORT && step->any_source)
		return lint_report(linter->findings, LINT_SOURCE_PORT, &rule->place, linter->error,
				   "the sender chooses the source port (%s)", words);
	if (is_slow_alone(step) && step->any_source && is_about_sip)
		return lint_report(linter->findings, LINT_OPEN, &rule->place, linter->error,
				   "SIP is accepted from everybody, as long as they are slow");
	if (step->conditions & CONDITION_HOST_NAME && is_about_sip && !strstr(words, "{{"))
		return lint_report(linter->findings, LINT_HOST_NAME, &rule->place, linter->error,
				   "the name is looked up once, when the rule is loaded (%s)",
				   words);
	return lint_maybe_open(linter, step);
}

static int check_label(struct linter *linter, const struct step *step)
{
	const struct rule *rule = step->rule;

	if (!lint_is_about_sip(linter, step) || step->any_source || rule->comment)
		return 0;
	for (size_t i = 0; i < rule->match_count; i++) {
		if (rule->matches[i].set || rule->matches[i].negated)
			return 0;
	}
	return lint_report(linter->findings, LINT_UNLABELLED, &rule->place, linter->error,
			   "nothing says who is accepted here");
}

static int check_step(struct linter *linter, const struct step *step)
{
	int result;

	if (!(step->ports & linter->question->expected))
		return 0;
	if (!step->rule)
		return lint_maybe_open(linter, step);
	if (step->action == ACTION_OTHER) {
		result = lint_wide_sources(linter, step);
		return result ? result : lint_maybe_open(linter, step);
	}
	if (step->action != ACTION_ACCEPT)
		return 0;
	if (lint_open_before(linter, step))
		linter->tallies[step->rule - linter->walk->rules->rules].is_open = true;
	result = lint_open_step(linter, step);
	result = result ? result : lint_wide_sources(linter, step);
	result = result ? result : check_condition(linter, step);
	return result ? result : check_label(linter, step);
}

/* Sources that are accepted in connections alone: no new packet meets the rule. */
static int check_state(struct linter *linter, const struct rule *rule)
{
	if (rule->action != ACTION_ACCEPT || rule->states & STATE_NEW || !rule->match_count ||
	    !lint_names_ports(linter, rule))
		return 0;
	return lint_report(linter->findings, LINT_STATE_ALONE, &rule->place, linter->error,
			   "no call can begin from there: new connections are not accepted");
}

/* Whether SIP on one of these ports goes to another address, and so passes FORWARD. */
static bool is_forwarded(const struct walk *walk, uint64_t ports)
{
	for (size_t i = 0; i < walk->move_count; i++) {
		if (walk->moves[i].ports & ports && move_leaves(&walk->moves[i]))
			return true;
	}
	return false;
}

/* A rule about SIP that no packet to this host meets, and none without it. */
static int check_chain(struct linter *linter, const struct rule *rule)
{
	const struct chain *chain = &linter->walk->rules->chains[rule->chain];
	uint16_t from = linter->walk->reached_from[rule->chain];

	if (!lint_names_ports(linter, rule) || chain->translates ||
	    (rule->action != ACTION_ACCEPT && rule->action != ACTION_DROP))
		return 0;
	if (!from)
		return lint_report(linter->findings, LINT_WRONG_CHAIN, &rule->place, linter->error,
				   "nothing jumps to its chain");
	if (from & (1U << HOOK_INGRESS | 1U << HOOK_PREROUTING | 1U << HOOK_INPUT) ||
	    linter->names_sip ||
	    (from & 1U << HOOK_FORWARD &&
	     is_forwarded(linter->walk,
			  services_matching(&linter->walk->services, &rule->service))))
		return 0;
	return lint_report(linter->findings, LINT_WRONG_CHAIN, &rule->place, linter->error,
			   from & 1U << HOOK_FORWARD
				   ? "packets to this host do not pass FORWARD, and INPUT has no "
				     "rule about SIP"
				   : "packets to this host do not pass its chain, and INPUT has no "
				     "rule about SIP");
}

static int check_unread(struct linter *linter)
{
	const struct ruleset *rules = linter->walk->rules;
	int result = 0;

	for (size_t i = 0; !result && i < rules->unread_count; i++)
		result = lint_report(linter->findings, LINT_NOT_UNDERSTOOD, &rules->unread[i].place,
				     linter->error, "not understood: %s", rules->unread[i].words);
	return result;
}

/* Findings about nothing must not look like a clean result. */
static int check_nothing(struct linter *linter, const struct lint_document *document)
{
	const struct ruleset *rules = linter->walk->rules;
	struct place place = {.line = 1, .column = 1};

	if (rules->rule_count || (rules->chain_count && !rules->unread_count) ||
	    (document->input.format == LINT_ANSIBLE && !rules->unread_count))
		return 0;
	if (rules->unread_count)
		place = rules->unread[0].place;
	return lint_report(linter->findings, LINT_NOTHING, &place, linter->error,
			   "no rule was read: that there are no other findings says nothing");
}

int lint_steps(struct linter *linter)
{
	const struct walk *walk = linter->walk;
	int result = 0;

	memset(linter->first_doubt, 0xff, sizeof(linter->first_doubt));
	add_up(linter);
	for (size_t i = 0; !result && i < walk->step_count; i++)
		result = check_step(linter, &walk->steps[i]);
	for (size_t i = 0; !result && i < walk->rules->rule_count; i++)
		result = check_reached(linter, i);
	return result;
}

static int check_each(struct linter *linter)
{
	const struct walk *walk = linter->walk;
	int result = lint_steps(linter);

	for (size_t i = 0; !result && i < walk->rules->rule_count; i++) {
		result = check_state(linter, &walk->rules->rules[i]);
		result = result ? result : check_chain(linter, &walk->rules->rules[i]);
	}
	result = result ? result : lint_moves(linter);
	return result ? result : check_unread(linter);
}

int lint_rules(const struct lint_document *document, const struct lint_question *question,
	       struct findings *findings, struct error *error)
{
	__attribute__((cleanup(walk_clear))) struct walk walk = {};
	cleanup_free struct tally *tallies = calloc(document->rules.rule_count + 1,
						    sizeof(*tallies));
	struct linter linter = {question, &walk, tallies, findings, error};
	struct walk_question asked = {&question->services, question->locals, question->local_count};
	int result;

	if (!tallies)
		return error_system(error, ENOMEM, "cannot hold the findings");
	result = walk_rules(&document->rules, &asked, &walk, error);
	if (result)
		return result;
	result = check_each(&linter);
	result = result ? result : check_nothing(&linter, document);
	return result ? result : lint_whole(&linter);
}
