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

/* " on eth1", of the devices for which a step decides about strangers; empty: for all. */
static void device_words(const struct linter *linter, uint32_t devices,
			 char words[static DEVICE_WORDS_SIZE])
{
	const struct devices *known = &linter->walk->devices;
	size_t length = 0;

	*words = '\0';
	if (devices & 1U << (known->count - 1))
		return;
	for (unsigned int i = 0; i + 1 < known->count && length < DEVICE_WORDS_SIZE; i++) {
		if (devices & 1U << i)
			length += (size_t)snprintf(words + length, DEVICE_WORDS_SIZE - length,
						   "%s%.*s", length ? ", " : " on ",
						   (int)known->lengths[i], known->names[i]);
	}
}

/* The rule before this one that lets in everybody on ports for which this one would as well. */
static const struct rule *open_before(const struct linter *linter, const struct step *step)
{
	const struct walk *walk = linter->walk;
	uint64_t ports = step->ports & linter->question->expected;

	if (!step->any_source || step->conditions)
		return NULL;
	for (unsigned int family = SG_FAMILY_IPV4; family < SG_FAMILY_COUNT; family++) {
		for (uint64_t left = ports; left && step->families & FAMILY_BIT(family);
		     left &= left - 1) {
			uint32_t number = walk_decider(walk, walk->partition.strangers[family], 0,
						       (unsigned int)__builtin_ctzll(left));
			const struct step *by = number == NO_STEP ? NULL : &walk->steps[number];

			if (by && by < step && by->rule && by->action == ACTION_ACCEPT &&
			    by->any_source)
				return by->rule;
		}
	}
	return NULL;
}

/* The devices for which strangers are accepted on one of these ports where a step decides. */
static uint32_t open_devices(const struct linter *linter, const struct step *step, uint8_t family,
			     uint64_t ports)
{
	const struct walk *walk = linter->walk;
	uint32_t devices = 0;

	for (uint32_t on = step->on[family]; on; on &= on - 1) {
		unsigned int device = (unsigned int)__builtin_ctz(on);

		if (walk_accepted_on(walk, walk->partition.strangers[family], device) & ports)
			devices |= 1U << device;
	}
	return devices;
}

/* An ACCEPT that lets in everybody. */
static int check_open(struct linter *linter, const struct step *step)
{
	const struct rule *rule = step->rule, *before = open_before(linter, step);
	char ports[128], on[DEVICE_WORDS_SIZE], words[PLACE_WORDS_SIZE];
	uint64_t open = 0;
	uint32_t devices = 0;

	for (unsigned int family = SG_FAMILY_IPV4; family < SG_FAMILY_COUNT; family++) {
		uint64_t mine = step->decides[family] & linter->question->expected &
				lint_open_anywhere(linter, (uint8_t)family);

		open |= mine;
		devices |= open_devices(linter, step, (uint8_t)family, mine);
		linter->reported[family] |= mine;
	}
	if (!open && before) {
		place_words(&before->place, words);
		return lint_report(linter->findings, LINT_OPEN, &rule->place, linter->error,
				   "SIP is accepted from everybody, as the rule on %s does before "
				   "it",
				   words);
	}
	if (!open)
		return 0;
	services_format(&linter->walk->services, open, ports, sizeof(ports));
	device_words(linter, devices, on);
	return lint_report(linter->findings, LINT_OPEN, &rule->place, linter->error,
			   "SIP is accepted from everybody%s: %s", on, ports);
}

static int check_list(struct linter *linter, const struct step *step,
		      const struct source_list *list)
{
	char text[PREFIX_TEXT_SIZE];

	for (size_t i = 0; i < list->count; i++) {
		const struct source *source = &list->sources[i];
		const struct prefix *prefix = &source->prefix;

		if (source->except || !prefix->length ||
		    !(step->families & FAMILY_BIT(prefix->family)))
			continue;
		prefix_format(prefix, text);
		if (prefix_is_half_the_internet(prefix)) {
			linter->reported[prefix->family] |= step->ports;
			return lint_report(linter->findings, LINT_OPEN, &step->rule->place,
					   linter->error,
					   "SIP is accepted from half of the internet: %s", text);
		}
		if (prefix_is_broad(prefix) &&
		    lint_report(linter->findings, LINT_BROAD, &step->rule->place, linter->error,
				"hardly all sources in %s are known", text))
			return -ENOMEM;
	}
	return 0;
}

/* An ACCEPT for half of the internet, or for more than can be known. */
static int check_sources(struct linter *linter, const struct step *step)
{
	if (!step->is_reached || step->conditions)
		return 0;
	for (size_t i = 0; i < step->rule->match_count; i++) {
		const struct source_match *match = &step->rule->matches[i];
		const struct source_set *set = NULL;

		if (match->negated)
			continue;
		if (match->set)
			set = ruleset_find_set(linter->walk->rules, match->set);
		if (check_list(linter, step, set ? &set->list : &match->list))
			return -ENOMEM;
	}
	return 0;
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

/* A rule that may let in everybody, as it asks something that was not understood. */
static int check_maybe_open(struct linter *linter, const struct step *step)
{
	char ports[128], words[WALK_WORDS_SIZE];
	uint64_t open = 0;

	for (unsigned int family = SG_FAMILY_IPV4; family < SG_FAMILY_COUNT; family++)
		open |= step->may_decide[family] & linter->question->expected &
			~lint_open_ports(linter, (uint8_t)family) &
			walk_maybe_accepted(linter->walk,
					    linter->walk->partition.strangers[family]);
	if (!open || !step->any_source)
		return 0;
	services_format(&linter->walk->services, open, ports, sizeof(ports));
	if (step->action == ACTION_OTHER)
		return lint_report(linter->findings, LINT_MAY_BE_OPEN, &step->rule->place,
				   linter->error,
				   "strangers may get in, which only the target knows: %s", ports);
	/* A RETURN that may match leaves it open which rule decides. */
	if (!step->conditions)
		return lint_report(linter->findings, LINT_MAY_BE_OPEN, &step->rule->place,
				   linter->error,
				   "strangers may get in, as a rule before asks something that is "
				   "not understood: %s",
				   ports);
	walk_condition_words(step, words);
	return lint_report(linter->findings, LINT_MAY_BE_OPEN, &step->rule->place, linter->error,
			   "strangers may get in, if they are what %s asks for (%s): %s",
			   condition_name(step->conditions), words, ports);
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
	return check_maybe_open(linter, step);
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

	if (!step->rule || !(step->ports & linter->question->expected))
		return 0;
	if (step->action == ACTION_OTHER)
		return check_maybe_open(linter, step);
	if (step->action != ACTION_ACCEPT)
		return 0;
	if (open_before(linter, step))
		linter->tallies[step->rule - linter->walk->rules->rules].is_open = true;
	result = check_open(linter, step);
	result = result ? result : check_sources(linter, step);
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
