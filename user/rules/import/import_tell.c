// SPDX-License-Identifier: GPL-2.0-or-later
/* Remarks: what is not in the entries, and what the guard will do to these sources. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "rules/import/import_internal.h"

struct teller {
	const struct walk *walk;
	const struct import_outcome *outcome;
	bool *told; /* of each rule: it has its remark */
	struct rules_report *report;
	struct error *error;
};

static bool tell_once(struct teller *teller, const struct rule *rule)
{
	bool *told = &teller->told[rule - teller->walk->rules->rules];
	bool is_new = !*told;

	*told = true;
	return is_new;
}

static int tell_hidden(struct teller *teller, const struct step *step)
{
	const struct rule *by = NULL;
	char words[PLACE_WORDS_SIZE];
	bool accepts;

	if (step->hidden_by != NO_STEP)
		by = teller->walk->steps[step->hidden_by].rule;
	if (!by)
		return report_add(teller->report, &step->rule->place, true, teller->error,
				  "never reached: what stands before it decides about these "
				  "sources");
	place_words(&by->place, words);
	accepts = by->action == ACTION_ACCEPT;
	if (accepts && step->any_source && step->action == ACTION_ACCEPT)
		return report_add(teller->report, &step->rule->place, true, teller->error,
				  "accepts SIP from everybody, as the rule on %s does before it; "
				  "the guard will drop whom no entry allows",
				  words);
	return report_add(teller->report, &step->rule->place, true, teller->error,
			  "never reached: the rule on %s decides before", words);
}

/* What the guard will do where the rule did this. */
static const char *outcome_of(const struct step *step)
{
	if (step->action == ACTION_ACCEPT)
		return "whom it alone accepts the guard will drop";
	if (step->action == ACTION_DROP)
		return "whom it drops the guard will pass if another rule accepts them";
	return "what is behind it is decided as if it matched nobody, and nobody is trusted for it";
}

static int tell_condition(struct teller *teller, const struct step *step, const char *name,
			  const char *words, const struct rule *by)
{
	char place[PLACE_WORDS_SIZE];

	place_words(&by->place, place);
	if (by == step->rule)
		return report_add(teller->report, &step->rule->place, true, teller->error,
				  "it asks for %s (%s), and an entry knows sources alone: %s", name,
				  words, outcome_of(step));
	return report_add(teller->report, &step->rule->place, true, teller->error,
			  "it is reached from %s alone, which asks for %s (%s): %s", place, name,
			  words, outcome_of(step));
}

/* The nearest rule on the way to a step that asks for a device; NULL: none does. */
static const struct rule *device_rule(const struct walk *walk, const struct step *step)
{
	for (; step; step = step->from == NO_STEP ? NULL : &walk->steps[step->from]) {
		if (step->rule && step->rule->devices)
			return step->rule;
	}
	return NULL;
}

static int tell_device(struct teller *teller, const struct step *step, const struct rule *by)
{
	char words[WALK_WORDS_SIZE];

	snprintf(words, sizeof(words), "%s-i %s", by->devices_negated ? "! " : "", by->devices);
	return tell_condition(teller, step, "the interface", words, by);
}

static int tell_denial(struct teller *teller, const struct step *step)
{
	if (step->action != ACTION_DROP && step->any_source)
		return 0;
	return report_add(teller->report, &step->rule->place, true, teller->error,
			  step->action == ACTION_DROP
				  ? "no entry is needed: nothing allows these sources"
				  : "the rules do not accept these sources in the end: the guard "
				    "will drop them");
}

static int tell_reached(struct teller *teller, const struct step *step)
{
	const struct rule *by = device_rule(teller->walk, step);
	char words[WALK_WORDS_SIZE];

	if (step->action == ACTION_OTHER)
		return report_add(teller->report, &step->rule->place, true, teller->error,
				  "what becomes of the packet is the target's affair: nobody is "
				  "trusted for it");
	if (step->conditions) {
		walk_condition_words(step, words);
		return tell_condition(teller, step, condition_name(step->conditions), words,
				      step->condition_of);
	}
	if (step->action == ACTION_ACCEPT && by)
		return tell_device(teller, step, by);
	if (step->action == ACTION_ACCEPT && step->any_source)
		return report_add(teller->report, &step->rule->place, true, teller->error,
				  "accepts SIP from everybody; the guard will drop whom no entry "
				  "allows");
	return tell_denial(teller, step);
}

/* Each rule once, by the first step that says why it is not in the entries. */
static int tell_step(struct teller *teller, const struct step *step, bool reached)
{
	const struct rule *rule = step->rule;
	const struct walk *walk = teller->walk;
	bool is_jump = step->action == ACTION_JUMP || step->action == ACTION_GOTO;

	if (!rule || step->is_reached != reached ||
	    teller->outcome->imported[rule - walk->rules->rules])
		return 0;
	/* Whom a RETURN that may match leads to a policy that accepts has no entry. */
	if (step->action == ACTION_NONE ||
	    (step->action == ACTION_RETURN &&
	     (!step->conditions || (step->condition_of != rule && !rule->match_count))))
		return 0;
	if (step->action == ACTION_DROP && step->any_source && !step->conditions)
		return 0;
	/* A jump is told of by the rules that it leads to, unless it holds the sources. */
	if (is_jump && !rule->match_count)
		return 0;
	if (!tell_once(teller, rule))
		return 0;
	if (is_jump && reached)
		return report_add(teller->report, &rule->place, true, teller->error,
				  "no rule behind the jump surely accepts these sources: the guard "
				  "will drop them");
	return reached ? tell_reached(teller, step) : tell_hidden(teller, step);
}

/* One of the sources of a rule that lets others in. */
static int tell_refused(struct teller *teller, const struct refused *refused)
{
	const struct rule *by = NULL;
	char prefix[PREFIX_TEXT_SIZE], words[PLACE_WORDS_SIZE];

	if (!teller->outcome->imported[refused->rule - teller->walk->rules->rules])
		return 0;
	prefix_format(&refused->prefix, prefix);
	if (refused->step != NO_STEP)
		by = teller->walk->steps[refused->step].rule;
	if (!by)
		return report_add(
			teller->report, &refused->rule->place, false, teller->error,
			refused->in_part ? "%s is not allowed: the rules accept it by some devices "
					   "alone, or may"
					 : "%s is not allowed: the rules do not accept it",
			prefix);
	place_words(&by->place, words);
	return report_add(teller->report, &refused->rule->place, false, teller->error,
			  "%s is not allowed: the rule on %s drops it", prefix, words);
}

static bool is_about_ports(const struct walk *walk, const struct rule *rule)
{
	return rule->service.range_count && !rule->service.ports_negated &&
	       services_matching(&walk->services, &rule->service);
}

/* Rules that are about SIP, and that no packet to a socket of this host meets. */
static int tell_elsewhere(struct teller *teller, const struct rule *rule)
{
	const struct walk *walk = teller->walk;
	const struct chain *chain = &walk->rules->chains[rule->chain];
	uint16_t from = walk->reached_from[rule->chain];

	if (teller->told[rule - walk->rules->rules] || rule->action == ACTION_NONE ||
	    rule->action == ACTION_RETURN || !is_about_ports(walk, rule))
		return 0;
	if (chain->translates)
		return report_add(teller->report, &rule->place, true, teller->error,
				  "translating addresses is not let in");
	if (!from)
		return report_add(teller->report, &rule->place, true, teller->error,
				  "nothing leads to its chain: the guard will drop its sources");
	if (from & (1U << HOOK_INGRESS | 1U << HOOK_PREROUTING | 1U << HOOK_INPUT))
		return 0;
	return report_add(teller->report, &rule->place, true, teller->error,
			  from & 1U << HOOK_FORWARD
				  ? "its chain is not about packets to this host, but about "
				    "forwarded ones: the guard will drop its sources"
				  : "its chain is not about packets to this host");
}

/* Who answers calls from here comes back in a connection, which the guard does not know. */
static int tell_established(struct teller *teller, const struct rule *rule)
{
	const struct walk *walk = teller->walk;

	if (rule->action != ACTION_ACCEPT || rule->states & STATE_NEW ||
	    teller->told[rule - walk->rules->rules] ||
	    !(walk->reached_from[rule->chain] & 1U << HOOK_INPUT) ||
	    !services_matching(&walk->services, &rule->service))
		return 0;
	return report_add(teller->report, &rule->place, true, teller->error,
			  "it accepts what belongs to a connection, and the guard knows none: "
			  "whoever answers calls from here needs an entry");
}

/* What a rule sends elsewhere. Of a rule that names sources these are not allowed for it. */
static int tell_moves(struct teller *teller)
{
	const struct walk *walk = teller->walk;
	char ports[128], words[MOVE_WORDS_SIZE];
	int result = 0;

	for (size_t i = 0; !result && i < walk->move_count; i++) {
		const struct move *move = &walk->moves[i];

		teller->told[move->rule - walk->rules->rules] = true;
		services_format(&walk->services, move->ports, ports, sizeof(ports));
		move_words(move, words);
		result = report_add(teller->report, &move->rule->place, true, teller->error,
				    "it sends SIP to %s, and what decides there is not followed: "
				    "nobody is trusted for %s",
				    words, ports);
	}
	return result;
}

static int tell_family(struct teller *teller, unsigned int family)
{
	const struct walk *walk = teller->walk;
	uint32_t class = walk->partition.strangers[family];
	uint64_t sure = 0, maybe;
	char ports[128];

	if (!(walk->families & FAMILY_BIT(family)))
		return 0;
	for (unsigned int device = 0; device < walk->devices.count; device++)
		sure |= walk_accepted_on(walk, class, device);
	maybe = walk_maybe_accepted(walk, class);
	services_format(&walk->services, sure ? sure : maybe, ports, sizeof(ports));
	if (!maybe)
		return 0;
	return report_add(teller->report, NULL, false, teller->error,
			  "the rules %s IPv%d to %s from whom they do not name; the guard will "
			  "drop it",
			  sure ? "accept" : "may accept", family == SG_FAMILY_IPV4 ? 4 : 6, ports);
}

static int tell_whole(struct teller *teller)
{
	int result = 0;

	for (unsigned int family = SG_FAMILY_IPV4; !result && family < SG_FAMILY_COUNT; family++)
		result = tell_family(teller, family);
	if (result || !teller->outcome->narrowed)
		return result;
	return report_add(teller->report, NULL, false, teller->error,
			  "%zu of the sources are accepted on some guarded ports only; an entry "
			  "allows a source on all of them",
			  teller->outcome->narrowed);
}

static int tell_rules(struct teller *teller)
{
	const struct ruleset *rules = teller->walk->rules;
	int result = 0;

	for (size_t i = 0; !result && i < rules->rule_count; i++) {
		result = tell_elsewhere(teller, &rules->rules[i]);
		result = result ? result : tell_established(teller, &rules->rules[i]);
	}
	for (size_t i = 0; !result && i < rules->unread_count; i++)
		result = report_add(teller->report, &rules->unread[i].place, true, teller->error,
				    "%s", rules->unread[i].words);
	return result;
}

int import_tell(const struct import_outcome *outcome, struct rules_report *report,
		struct error *error)
{
	const struct walk *walk = outcome->walk;
	cleanup_free bool *told = calloc(walk->rules->rule_count + 1, sizeof(*told));
	struct teller teller = {walk, outcome, told, report, error};
	int result;

	if (!told)
		return error_system(error, ENOMEM, "cannot hold the rules");
	for (size_t i = 0; i < walk->rules->rule_count; i++)
		told[i] = outcome->imported[i];
	result = tell_moves(&teller);
	for (size_t i = 0; !result && i < walk->step_count; i++)
		result = tell_step(&teller, &walk->steps[i], true);
	for (size_t i = 0; !result && i < walk->step_count; i++)
		result = tell_step(&teller, &walk->steps[i], false);
	for (size_t i = 0; !result && i < outcome->refused_count; i++)
		result = tell_refused(&teller, &outcome->refused[i]);
	result = result ? result : tell_rules(&teller);
	return result ? result : tell_whole(&teller);
}
