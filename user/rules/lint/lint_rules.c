// SPDX-License-Identifier: GPL-2.0-or-later
/* Findings in rules: on the way of a packet, and beside it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "rules/lint/lint_internal.h"

/* What the records of a rule come to. */
struct tally {
	size_t records;
	size_t hidden;
	uint32_t hidden_by; /* a record */
	bool sip_alone;	    /* on every way to the rule */
};

struct linter {
	const struct lint_question *question;
	const struct path *path;
	struct tally *tallies; /* for each rule */
	struct findings *findings;
	struct error *error;
	uint64_t reported[SG_FAMILY_COUNT]; /* open ports of which a rule was blamed */
	bool names_sip;			    /* some rule on the way names a SIP port */
};

static const char *family_name(uint8_t family)
{
	return family == SG_FAMILY_IPV4 ? "IPv4" : "IPv6";
}

/* Whether the rule itself, and not the place where it stands, is about SIP. */
static bool names_ports(const struct linter *linter, const struct rule *rule)
{
	return rule->service.range_count && !rule->service.ports_negated &&
	       services_matching(&linter->path->services, &rule->service);
}

static bool is_about_sip(const struct linter *linter, const struct step *step)
{
	return step->rule && (step->sip_alone || names_ports(linter, step->rule));
}

static uint64_t open_ports(const struct linter *linter, uint8_t family)
{
	return linter->path->open[family] & linter->question->expected;
}

static void add_up(struct linter *linter)
{
	const struct path *path = linter->path;

	for (size_t i = 0; i < path->record_count; i++) {
		const struct record *record = &path->records[i];
		const struct step *step = &path->steps[record->step];
		struct tally *tally;

		linter->names_sip = linter->names_sip || is_about_sip(linter, step);
		if (!step->rule)
			continue;
		tally = &linter->tallies[step->rule - path->rules->rules];
		tally->sip_alone = step->sip_alone && (tally->sip_alone || !tally->records);
		tally->records++;
		tally->hidden += record->hidden_by != NO_RECORD;
		if (record->hidden_by != NO_RECORD)
			tally->hidden_by = record->hidden_by;
	}
}

/* An ACCEPT that lets in everybody, or half of the internet. */
static int check_open(struct linter *linter, const struct record *record)
{
	const struct step *step = &linter->path->steps[record->step];
	uint64_t ports = record->accepted & record->ports & linter->question->expected;
	char text[128];

	if (!step->rule || step->action != ACTION_ACCEPT || record->except || !ports ||
	    record->hidden_by != NO_RECORD || !prefix_is_half_the_internet(&record->prefix))
		return 0;
	linter->reported[record->prefix.family] |= ports;
	services_format(&linter->path->services, ports, text, sizeof(text));
	return lint_report(linter->findings, LINT_OPEN, &step->rule->place, linter->error,
			   "SIP is accepted from everybody: %s", text);
}

static int check_broad(struct linter *linter, const struct record *record)
{
	const struct step *step = &linter->path->steps[record->step];
	char prefix[PREFIX_TEXT_SIZE];

	if (!step->rule || step->action != ACTION_ACCEPT || record->except ||
	    !(record->accepted & record->ports) || prefix_is_half_the_internet(&record->prefix) ||
	    !prefix_is_broad(&record->prefix))
		return 0;
	prefix_format(&record->prefix, prefix);
	return lint_report(linter->findings, LINT_BROAD, &step->rule->place, linter->error,
			   "hardly all sources in %s are known", prefix);
}

/* A rule that other rules leave nothing to. One about other ports too has those to decide. */
static int check_reached(struct linter *linter, size_t number)
{
	const struct path *path = linter->path;
	const struct tally *tally = &linter->tallies[number];
	const struct rule *rule = &path->rules->rules[number];
	const struct record *by;
	const struct step *step;
	char words[PLACE_WORDS_SIZE];
	bool accepts;

	if (!tally->records || tally->hidden < tally->records || !tally->sip_alone)
		return 0;
	by = &path->records[tally->hidden_by];
	step = &path->steps[by->step];
	accepts = step->action == ACTION_ACCEPT && !by->except;
	place_words(&step->rule->place, words);
	if (accepts == (rule->action == ACTION_ACCEPT))
		return lint_report(linter->findings, LINT_REDUNDANT, &rule->place, linter->error,
				   "it changes nothing: the rule on %s has decided the same",
				   words);
	return lint_report(linter->findings, accepts ? LINT_DROP_UNREACHED : LINT_ACCEPT_UNREACHED,
			   &rule->place, linter->error, "it is never reached: the rule on %s %s",
			   words, accepts ? "accepts before" : "drops before");
}

/* What single steps show, with and without conditions. */
static int check_step(struct linter *linter, const struct step *step)
{
	const struct rule *rule = step->rule;
	uint64_t ports = step->ports & linter->question->expected;

	if (!rule || step->action != ACTION_ACCEPT || !ports)
		return 0;
	if (step->conditions & CONDITION_SOURCE_PORT && step->any_source)
		return lint_report(linter->findings, LINT_SOURCE_PORT, &rule->place, linter->error,
				   "the sender chooses the source port (%s)",
				   rule->condition ? rule->condition : "");
	if (step->conditions == CONDITION_RATE && step->any_source && is_about_sip(linter, step))
		return lint_report(linter->findings, LINT_OPEN, &rule->place, linter->error,
				   "SIP is accepted from everybody, as long as they are slow");
	if (step->conditions & CONDITION_HOST_NAME && rule->condition &&
	    !strstr(rule->condition, "{{") && is_about_sip(linter, step))
		return lint_report(linter->findings, LINT_HOST_NAME, &rule->place, linter->error,
				   "the name is looked up once, when the rule is loaded (%s)",
				   rule->condition);
	if (step->conditions & CONDITION_STATE && !step->any_source && is_about_sip(linter, step))
		return lint_report(
			linter->findings, LINT_STATE_ALONE, &rule->place, linter->error,
			"no call can begin from there: new connections are not accepted");
	return 0;
}

static int check_label(struct linter *linter, const struct step *step)
{
	const struct rule *rule = step->rule;

	if (!is_about_sip(linter, step) || step->action != ACTION_ACCEPT || step->any_source ||
	    rule->comment || rule->set)
		return 0;
	return lint_report(linter->findings, LINT_UNLABELLED, &rule->place, linter->error,
			   "nothing says who is accepted here");
}

/* The last rule that accepts some sources on one of these ports, which it names; or NULL. */
static const struct step *last_accept(const struct linter *linter, uint8_t family, uint64_t ports)
{
	for (size_t i = linter->path->step_count; i > 0; i--) {
		const struct step *step = &linter->path->steps[i - 1];

		if (step->action == ACTION_ACCEPT && !step->any_source && step->ports & ports &&
		    step->families & FAMILY_BIT(family) && is_about_sip(linter, step))
			return step;
	}
	return NULL;
}

/* Ports on which rules accept some sources, and then nothing drops the others. */
static int check_drop(struct linter *linter, uint8_t family)
{
	uint64_t ports = open_ports(linter, family) & ~linter->reported[family], named = 0;
	const struct step *last = last_accept(linter, family, ports);
	char text[128];

	if (!last)
		return 0;
	for (size_t i = 0; i < linter->path->step_count; i++) {
		const struct step *step = &linter->path->steps[i];

		if (step->action == ACTION_ACCEPT && !step->any_source &&
		    step->families & FAMILY_BIT(family) && is_about_sip(linter, step))
			named |= step->ports & ports;
	}
	linter->reported[family] |= named;
	services_format(&linter->path->services, named, text, sizeof(text));
	return lint_report(linter->findings, LINT_NO_DROP, &last->rule->place, linter->error,
			   "nothing behind it drops other sources over %s: %s", family_name(family),
			   text);
}

/* Where strangers are dropped: the first rule that does it on one of these ports, or a policy. */
static const struct place *closing_place(const struct linter *linter, uint8_t family,
					 uint64_t ports)
{
	const struct path *path = linter->path;

	for (size_t i = 0; i < path->step_count; i++) {
		const struct step *step = &path->steps[i];

		if (step->action == ACTION_DROP && step->ports & ports &&
		    step->families & FAMILY_BIT(family) &&
		    (step->any_source || step->conditions == CONDITION_NEGATED_SOURCE))
			return step->rule ? &step->rule->place : &path->stages[step->stage]->place;
	}
	return NULL;
}

/* Those of the ports whose number is that of one of the others. */
static uint64_t same_number(const struct services *services, uint64_t ports, uint64_t others)
{
	uint64_t same = 0;

	for (unsigned int i = 0; i < services->count; i++) {
		for (unsigned int j = 0; j < services->count; j++) {
			if (ports >> i & 1 && others >> j & 1 &&
			    services->ports[i].number == services->ports[j].number)
				same |= 1ULL << i;
		}
	}
	return same;
}

static int tell_forgotten(struct linter *linter, enum lint_id id, const struct place *place,
			  uint64_t ports, const char *what)
{
	char text[128];

	if (!ports)
		return 0;
	services_format(&linter->path->services, ports, text, sizeof(text));
	return lint_report(linter->findings, id, place, linter->error, "%s: %s", what, text);
}

/* Ports that stay open beside those that are closed to strangers. */
static int check_forgotten(struct linter *linter, uint8_t family)
{
	const struct services *services = &linter->path->services;
	uint64_t open = open_ports(linter, family) & ~linter->reported[family];
	uint64_t closed = linter->question->expected & ~linter->path->open[family];
	const struct place *place = closing_place(linter, family, closed);
	uint64_t protocols = same_number(services, open, closed);
	int result;

	if (!place || !open)
		return 0;
	linter->reported[family] |= open;
	result = tell_forgotten(linter, LINT_PROTOCOL_FORGOTTEN, place, protocols,
				"strangers are dropped here, and accepted on");
	return result ? result
		      : tell_forgotten(linter, LINT_PORT_FORGOTTEN, place, open & ~protocols,
				       "strangers are dropped here, and accepted on");
}

/* What is closed over IPv4 is to be closed over IPv6. */
static int check_ipv6(struct linter *linter)
{
	const struct path *path = linter->path;
	uint64_t closed = linter->question->expected & ~path->open[SG_FAMILY_IPV4];
	uint64_t open = closed & path->open[SG_FAMILY_IPV6] & ~linter->reported[SG_FAMILY_IPV6];
	const struct place *place = closing_place(linter, SG_FAMILY_IPV4, closed);

	if (!(path->families & FAMILIES_IPV4) || !place)
		return 0;
	if (!(linter->question->families & FAMILIES_IPV6))
		return lint_report(
			linter->findings, LINT_IPV6_FORGOTTEN, place, linter->error,
			"strangers are dropped over IPv4, and no rules for IPv6 were given");
	linter->reported[SG_FAMILY_IPV6] |= open;
	return tell_forgotten(linter, LINT_IPV6_FORGOTTEN, place, open,
			      "strangers are dropped over IPv4, and accepted over IPv6 on");
}

/* A chain of which no rule is about SIP, and whose policy lets it in. */
static int check_policy(struct linter *linter, uint8_t family)
{
	const struct path *path = linter->path;
	uint64_t open = open_ports(linter, family) & ~linter->reported[family];

	for (size_t i = 0; i < path->stage_count; i++) {
		const struct chain *chain = path->stages[i];

		if (open && chain->hook == HOOK_INPUT && chain->policy_is_known &&
		    chain->families & FAMILY_BIT(family) && chain->place.line)
			return lint_report(linter->findings, LINT_OPEN, &chain->place,
					   linter->error,
					   "no rule drops SIP over %s, and the policy accepts it",
					   family_name(family));
	}
	return 0;
}

/* Rules about SIP that no packet to this host meets, where none on the way is about it. */
static int check_chain(struct linter *linter, const struct rule *rule)
{
	const struct chain *chain = &linter->path->rules->chains[rule->chain];

	if (linter->path->visited[rule - linter->path->rules->rules] ||
	    !names_ports(linter, rule) || chain->translates ||
	    (rule->action != ACTION_ACCEPT && rule->action != ACTION_DROP))
		return 0;
	if (chain->hook == HOOK_NONE && !chain->is_referred_to)
		return lint_report(linter->findings, LINT_WRONG_CHAIN, &rule->place, linter->error,
				   "nothing jumps to its chain");
	if (chain->hook == HOOK_NONE || linter->names_sip)
		return 0;
	return lint_report(linter->findings, LINT_WRONG_CHAIN, &rule->place, linter->error,
			   chain->hook == HOOK_FORWARD
				   ? "packets to this host do not pass FORWARD, and INPUT has no "
				     "rule about SIP"
				   : "packets to this host do not pass its chain, and INPUT has no "
				     "rule about SIP");
}

static int check_each(struct linter *linter)
{
	const struct path *path = linter->path;
	int result = 0;

	for (size_t i = 0; !result && i < path->record_count; i++) {
		result = check_open(linter, &path->records[i]);
		result = result ? result : check_broad(linter, &path->records[i]);
	}
	for (size_t i = 0; !result && i < path->step_count; i++) {
		result = check_step(linter, &path->steps[i]);
		result = result ? result : check_label(linter, &path->steps[i]);
	}
	for (size_t i = 0; !result && i < path->rules->rule_count; i++) {
		result = check_reached(linter, i);
		result = result ? result : check_chain(linter, &path->rules->rules[i]);
	}
	return result;
}

/* What is wrong with the whole; each open port is blamed on one thing only. */
static int check_whole(struct linter *linter)
{
	int result = 0;

	for (unsigned int family = SG_FAMILY_IPV4; !result && family < SG_FAMILY_COUNT; family++) {
		result = check_drop(linter, (uint8_t)family);
		result = result ? result : check_forgotten(linter, (uint8_t)family);
	}
	result = result ? result : check_ipv6(linter);
	for (unsigned int family = SG_FAMILY_IPV4; !result && family < SG_FAMILY_COUNT; family++)
		result = check_policy(linter, (uint8_t)family);
	return result;
}

int lint_rules(const struct lint_document *document, const struct lint_question *question,
	       struct findings *findings, struct error *error)
{
	__attribute__((cleanup(path_clear))) struct path path = {};
	cleanup_free struct tally *tallies = calloc(document->rules.rule_count + 1,
						    sizeof(*tallies));
	struct linter linter = {question, &path, tallies, findings, error};
	int result;

	if (!tallies)
		return error_system(error, ENOMEM, "cannot hold the findings");
	result = path_follow(&document->rules, &question->services, &path, error);
	if (result)
		return result;
	add_up(&linter);
	result = check_each(&linter);
	return result ? result : check_whole(&linter);
}
