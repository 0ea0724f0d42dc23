// SPDX-License-Identifier: GPL-2.0-or-later
/* Findings about rules that let in strangers, or may. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/lint/lint_walk.h"

/* Ports of a family that rules may send elsewhere or drop, and perhaps do not. */
static uint64_t may_stay(const struct walk *walk, uint8_t family)
{
	size_t first = (size_t)walk->partition.strangers[family] * walk->devices.count;
	uint64_t ports = 0;

	for (size_t cell = first; cell < first + walk->devices.count; cell++)
		ports |= (walk->moved[cell] & ~walk->gone[cell]) | walk->spared[cell];
	return ports;
}

/* Every stage has a policy: of those that accept the last ones let packets in. */
static bool lets_in(const struct walk *walk, const struct step *step)
{
	return step->action == ACTION_ACCEPT &&
	       (step->rule ||
		walk->stages[step->stage]->hook == walk->stages[walk->stage_count - 1]->hook);
}

uint64_t lint_may_open(const struct linter *linter, const struct step *step, uint8_t family)
{
	const struct walk *walk = linter->walk;
	uint64_t may = step->may_decide[family];

	if (step->action == ACTION_DROP || step->conditions & CONDITIONS_UNTOLD)
		return 0;
	/* Whom a set that is not in the text lets return are no strangers either. */
	if (!step->conditions && step->action != ACTION_OTHER &&
	    linter->first_doubt[step->stage] > step - walk->steps)
		may = 0;
	if (lets_in(walk, step))
		may |= step->decides[family] & may_stay(walk, family);
	return may & linter->question->expected & ~lint_open_ports(linter, family) &
	       walk_maybe_accepted(walk, walk->partition.strangers[family]);
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
const struct rule *lint_open_before(const struct linter *linter, const struct step *step)
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

/* Ports on which a step surely lets in strangers. */
static uint64_t open_ports(const struct linter *linter, const struct step *step, uint8_t family)
{
	if (step->action != ACTION_ACCEPT || !step->decides[family])
		return 0;
	return step->decides[family] & linter->question->expected &
	       lint_open_anywhere(linter, family);
}

void lint_add_open(struct linter *linter, const struct step *step)
{
	const struct walk *walk = linter->walk;
	uint32_t number = (uint32_t)(step - walk->steps);
	uint32_t *doubt = &linter->first_doubt[step->stage];
	struct tally *tally;

	if (*doubt == NO_STEP && step->is_reached && step->conditions &&
	    !(step->conditions & CONDITIONS_UNTOLD))
		*doubt = number;
	if (!step->rule)
		return;
	tally = &linter->tallies[step->rule - walk->rules->rules];
	for (unsigned int family = SG_FAMILY_IPV4; family < SG_FAMILY_COUNT; family++) {
		uint64_t open = open_ports(linter, step, (uint8_t)family);

		tally->open[family] |= open;
		tally->devices |= open_devices(linter, step, (uint8_t)family, open);
		tally->may_open |= lint_may_open(linter, step, (uint8_t)family);
	}
}

static bool is_one_place(const struct place *left, const struct place *right)
{
	return left->line == right->line && left->column == right->column &&
	       !strcmp(left->name, right->name) && (left->line || *left->name);
}

/* What a rule lets in, with those beside it that its text also stands for. */
static struct tally whole_rule(const struct linter *linter, const struct rule *rule)
{
	const struct ruleset *rules = linter->walk->rules;
	size_t first = (size_t)(rule - rules->rules), number;
	struct tally whole = {};

	while (first && is_one_place(&rules->rules[first - 1].place, &rule->place))
		first--;
	for (number = first;
	     number < rules->rule_count && is_one_place(&rules->rules[number].place, &rule->place);
	     number++) {
		const struct tally *tally = &linter->tallies[number];

		for (unsigned int family = SG_FAMILY_IPV4; family < SG_FAMILY_COUNT; family++)
			whole.open[family] |= tally->open[family];
		whole.devices |= tally->devices;
		whole.may_open |= tally->may_open;
	}
	return whole;
}

/* An ACCEPT that lets in everybody. */
int lint_open_step(struct linter *linter, const struct step *step)
{
	const struct rule *rule = step->rule, *before = lint_open_before(linter, step);
	char ports[128], on[DEVICE_WORDS_SIZE], words[PLACE_WORDS_SIZE];
	struct tally whole;
	uint64_t open = 0;

	for (unsigned int family = SG_FAMILY_IPV4; family < SG_FAMILY_COUNT; family++) {
		uint64_t mine = open_ports(linter, step, (uint8_t)family);

		open |= mine;
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
	whole = whole_rule(linter, rule);
	open = whole.open[SG_FAMILY_IPV4] | whole.open[SG_FAMILY_IPV6];
	services_format(&linter->walk->services, open, ports, sizeof(ports));
	device_words(linter, whole.devices, on);
	return lint_report(linter->findings, LINT_OPEN, &rule->place, linter->error,
			   "SIP is accepted from everybody%s: %s", on, ports);
}

/* A source that is half of the internet, where more is asked for. */
static int check_half(struct linter *linter, const struct step *step, const struct prefix *prefix)
{
	char text[PREFIX_TEXT_SIZE];

	if (!step->conditions && step->action == ACTION_ACCEPT)
		return 0;
	prefix_format(prefix, text);
	return lint_report(linter->findings, LINT_MAY_BE_OPEN, &step->rule->place, linter->error,
			   step->action == ACTION_ACCEPT
				   ? "half of the internet may get in, if it is what a rule asks "
				     "for that is not understood: %s"
				   : "half of the internet may get in, which only the target "
				     "knows: %s",
			   text);
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
			if (check_half(linter, step, prefix))
				return -ENOMEM;
			continue;
		}
		if (!step->conditions && step->action == ACTION_ACCEPT && prefix_is_broad(prefix) &&
		    lint_report(linter->findings, LINT_BROAD, &step->rule->place, linter->error,
				"hardly all sources in %s are known", text))
			return -ENOMEM;
	}
	return 0;
}

/* An ACCEPT for half of the internet, or for more than can be known. */
int lint_wide_sources(struct linter *linter, const struct step *step)
{
	if (!step->is_reached)
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

/* A rule or a policy that may let in strangers, as something on the way was not understood. */
int lint_maybe_open(struct linter *linter, const struct step *step)
{
	const struct walk *walk = linter->walk;
	const struct place *place = step->rule ? &step->rule->place
					       : &walk->stages[step->stage]->place;
	char ports[128], words[WALK_WORDS_SIZE];
	uint64_t open = 0;

	for (unsigned int family = SG_FAMILY_IPV4; family < SG_FAMILY_COUNT; family++)
		open |= lint_may_open(linter, step, (uint8_t)family);
	/* A policy that the text does not tell has no place. */
	if (!open || (!place->line && !*place->name))
		return 0;
	if (step->rule)
		open = whole_rule(linter, step->rule).may_open;
	services_format(&walk->services, open, ports, sizeof(ports));
	if (step->action == ACTION_OTHER)
		return lint_report(linter->findings, LINT_MAY_BE_OPEN, place, linter->error,
				   "strangers may get in, which only the target knows: %s", ports);
	/* A RETURN that may match leaves it open which rule decides. */
	if (!step->conditions)
		return lint_report(linter->findings, LINT_MAY_BE_OPEN, place, linter->error,
				   "strangers may get in%s, as a rule before asks something that "
				   "is not understood: %s",
				   step->rule ? "" : " by the policy", ports);
	walk_condition_words(step, words);
	return lint_report(linter->findings, LINT_MAY_BE_OPEN, place, linter->error,
			   "strangers may get in, if they are what %s asks for (%s): %s",
			   condition_name(step->conditions), words, ports);
}
