// SPDX-License-Identifier: GPL-2.0-or-later
/* Findings about the rules as a whole: ports that stay open to strangers. */
#include <stdio.h>

#include "rules/lint/lint_walk.h"

static const char *family_name(uint8_t family)
{
	return family == SG_FAMILY_IPV4 ? "IPv4" : "IPv6";
}

uint64_t lint_open_anywhere(const struct linter *linter, uint8_t family)
{
	const struct walk *walk = linter->walk;
	uint64_t open = 0;

	for (unsigned int device = 0; device < walk->devices.count; device++)
		open |= walk_accepted_on(walk, walk->partition.strangers[family], device);
	return walk->families & FAMILY_BIT(family) ? open & linter->question->expected : 0;
}

uint64_t lint_open_ports(const struct linter *linter, uint8_t family)
{
	const struct walk *walk = linter->walk;
	uint64_t open = walk_accepted(walk, walk->partition.strangers[family]);

	return walk->families & FAMILY_BIT(family) ? open & linter->question->expected : 0;
}

uint64_t lint_moved_ports(const struct linter *linter, uint8_t family)
{
	const struct walk *walk = linter->walk;
	uint64_t moved = 0;

	for (size_t i = 0; i < walk->move_count; i++)
		moved |= walk->moves[i].strangers[family];
	return moved & linter->question->expected;
}

/* Closed for every device, and for sure. Who is in a set that the text does not tell is no
 * stranger.
 */
static uint64_t closed_ports(const struct linter *linter, uint8_t family)
{
	const struct walk *walk = linter->walk;
	uint64_t open = lint_open_anywhere(linter, family) | lint_moved_ports(linter, family);

	for (size_t i = 0; i < walk->step_count; i++) {
		open |= lint_may_open(linter, &walk->steps[i], family);
	}
	return linter->question->expected & ~open;
}

static bool accepts_some(const struct linter *linter, const struct step *step, uint8_t family,
			 uint64_t ports)
{
	return step->action == ACTION_ACCEPT && !step->any_source && step->ports & ports &&
	       step->families & FAMILY_BIT(family) && lint_is_about_sip(linter, step);
}

/* Ports on which rules accept some sources, and then nothing drops the others. */
static int check_drop(struct linter *linter, uint8_t family)
{
	uint64_t ports = lint_open_ports(linter, family) & ~linter->reported[family], named = 0;
	const struct step *last = NULL;
	char text[128];

	for (size_t i = 0; i < linter->walk->step_count; i++) {
		const struct step *step = &linter->walk->steps[i];

		if (!accepts_some(linter, step, family, ports))
			continue;
		named |= step->ports & ports;
		last = step;
	}
	if (!last)
		return 0;
	linter->reported[family] |= named;
	services_format(&linter->walk->services, named, text, sizeof(text));
	return lint_report(linter->findings, LINT_NO_DROP, &last->rule->place, linter->error,
			   "nothing behind it drops other sources over %s: %s", family_name(family),
			   text);
}

/* Where strangers are dropped: the first step that surely does it on one of these ports. */
static const struct place *closing_place(const struct linter *linter, uint8_t family,
					 uint64_t ports)
{
	const struct walk *walk = linter->walk;

	for (size_t i = 0; i < walk->step_count; i++) {
		const struct step *step = &walk->steps[i];

		if (step->action == ACTION_DROP && step->decides[family] & ports)
			return step->rule ? &step->rule->place : &walk->stages[step->stage]->place;
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
	services_format(&linter->walk->services, ports, text, sizeof(text));
	return lint_report(linter->findings, id, place, linter->error, "%s: %s", what, text);
}

/* Ports that stay open beside those that are closed to strangers. */
static int check_forgotten(struct linter *linter, uint8_t family)
{
	const struct services *services = &linter->walk->services;
	uint64_t open = lint_open_ports(linter, family) & ~linter->reported[family];
	uint64_t closed = linter->question->expected & ~lint_open_ports(linter, family) &
			  ~lint_moved_ports(linter, family);
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

/* Devices by which strangers get in, beside those by which they do not. */
static int check_devices(struct linter *linter, uint8_t family)
{
	uint64_t everywhere = lint_open_ports(linter, family);
	uint64_t open = lint_open_anywhere(linter, family) & ~everywhere &
			~linter->reported[family];
	const struct place *place = closing_place(linter, family, open);

	if (!open || !place)
		return 0;
	linter->reported[family] |= open;
	return tell_forgotten(linter, LINT_OTHER_DEVICES, place, open,
			      "strangers are dropped on some devices, and accepted on others");
}

/* What is closed over IPv4 is to be closed over IPv6. */
static int check_ipv6(struct linter *linter)
{
	const struct walk *walk = linter->walk;
	uint64_t closed = closed_ports(linter, SG_FAMILY_IPV4);
	uint64_t open = closed & lint_open_ports(linter, SG_FAMILY_IPV6) &
			~linter->reported[SG_FAMILY_IPV6];
	const struct place *place = closing_place(linter, SG_FAMILY_IPV4, closed);

	if (!(walk->families & FAMILIES_IPV4) || !place)
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
int lint_policy(struct linter *linter, uint8_t family, uint8_t hook)
{
	const struct walk *walk = linter->walk;
	uint64_t open = lint_open_ports(linter, family) & ~linter->reported[family];

	for (size_t i = 0; i < walk->stage_count; i++) {
		const struct chain *chain = walk->stages[i];

		if (open && chain->hook == hook && chain->policy_is_known &&
		    chain->families & FAMILY_BIT(family) &&
		    (chain->place.line || *chain->place.name))
			return lint_report(linter->findings, LINT_OPEN, &chain->place,
					   linter->error,
					   "no rule drops SIP over %s, and the policy accepts it",
					   family_name(family));
	}
	return 0;
}

/* The place of what decides about a class on one of these ports. */
static const struct place *deciding_place(const struct walk *walk, uint32_t class, uint64_t ports)
{
	for (unsigned int device = 0; device < walk->devices.count; device++) {
		for (uint64_t left = ports; left; left &= left - 1) {
			uint32_t number = walk_decider(walk, class, device,
						       (unsigned int)__builtin_ctzll(left));
			const struct step *step = number == NO_STEP ? NULL : &walk->steps[number];

			if (step && step->action == ACTION_ACCEPT)
				return step->rule ? &step->rule->place
						  : &walk->stages[step->stage]->place;
		}
	}
	return NULL;
}

/* Where strangers are dropped, and half of the internet is not, however the rules name it. */
static int check_half(struct linter *linter, const struct node *node)
{
	const struct walk *walk = linter->walk;
	uint8_t family = node->prefix.family;
	const struct place *place;
	char text[PREFIX_TEXT_SIZE], ports[128];
	uint64_t open = 0;

	for (unsigned int device = 0; device < walk->devices.count; device++)
		open |= walk_accepted_on(walk, node->class, device);
	open &= linter->question->expected & ~lint_open_anywhere(linter, family);
	place = deciding_place(walk, node->class, open);
	if (!open || !place || !(walk->families & FAMILY_BIT(family)))
		return 0;
	linter->reported[family] |= open;
	prefix_format(&node->prefix, text);
	services_format(&walk->services, open, ports, sizeof(ports));
	return lint_report(linter->findings, LINT_OPEN, place, linter->error,
			   "SIP is accepted from half of the internet: %s on %s", text, ports);
}

static int check_halves(struct linter *linter)
{
	const struct partition *partition = &linter->walk->partition;
	int result = 0;

	for (size_t i = 0; !result && i < partition->node_count; i++) {
		const struct node *node = &partition->nodes[i];

		if (!node->is_empty && prefix_is_half_the_internet(&node->prefix) &&
		    node->class != partition->strangers[node->prefix.family])
			result = check_half(linter, node);
	}
	return result;
}

int lint_whole(struct linter *linter)
{
	int result = check_halves(linter);

	for (unsigned int family = SG_FAMILY_IPV4; !result && family < SG_FAMILY_COUNT; family++) {
		result = check_drop(linter, (uint8_t)family);
		result = result ? result : check_forgotten(linter, (uint8_t)family);
		result = result ? result : check_devices(linter, (uint8_t)family);
	}
	result = result ? result : check_ipv6(linter);
	for (unsigned int family = SG_FAMILY_IPV4; !result && family < SG_FAMILY_COUNT; family++)
		result = lint_policy(linter, (uint8_t)family, HOOK_INPUT);
	return result;
}
