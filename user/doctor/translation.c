// SPDX-License-Identifier: GPL-2.0-or-later
/* Translations of ports in the rules of a packet filter, as the model of rules has them. */
#include "doctor/translation.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doctor/array.h"
#include "rules/formats/iptables_save.h"
#include "rules/formats/nft.h"
#include "text/escape.h"

static const struct port_range any_port = {1, UINT16_MAX};

/* "nft rule ip nat pre handle 4", or "iptables-save: -A PREROUTING ..." */
static void name_rule(const char *program, const struct rule *rule, struct translation_facts *at)
{
	char place[512];

	if (*rule->place.name)
		snprintf(place, sizeof(place), "%s rule %s", program, rule->place.name);
	else
		snprintf(place, sizeof(place), "%s: %.*s", program,
			 rule->place.length < 400 ? (int)rule->place.length : 400,
			 rule->place.text ? rule->place.text : "");
	text_escape(at->rule, sizeof(at->rule), place, strlen(place));
}

static void add(const char *program, const struct rule *rule, const struct port_range *from,
		const struct port_range *to, struct facts *facts)
{
	for (unsigned int table = 0; table < SG_PORT_TABLE_COUNT; table++) {
		struct translation_facts *translation;

		if (!(rule->service.protocols & PROTOCOL_BIT(table)))
			continue;
		translation = array_add(facts->translations, facts->translation_count);
		if (!translation)
			return;
		*translation = (struct translation_facts){
			.table = (uint8_t)table,
			.from = from->first,
			.from_last = from->last,
			.to = to->first,
			.to_last = to->last,
		};
		name_rule(program, rule, translation);
	}
}

static void add_translation(const char *program, const struct rule *rule,
			    const struct translation *translation, struct facts *facts)
{
	const struct service *service = &rule->service;
	const struct port_range *to = &translation->to;

	/* What was not understood can lead anywhere. */
	if (translation->kind == TRANSLATION_UNKNOWN)
		to = &any_port;
	else if (!to->first)
		return;
	if (translation->from.first) {
		add(program, rule, &translation->from, to, facts);
		return;
	}
	if (!service->range_count || service->ports_negated)
		add(program, rule, &any_port, to, facts);
	for (size_t i = 0; !service->ports_negated && i < service->range_count; i++)
		add(program, rule, &service->ranges[i], to, facts);
}

/* What this host sends itself passes no guard, and what it forwards no socket of it. */
static bool is_on_the_way(const struct chain *chain)
{
	return chain->hook < HOOK_FORWARD;
}

static void add_rules(const char *program, const struct ruleset *rules, struct facts *facts)
{
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];

		if (!rule->families || !is_on_the_way(&rules->chains[rule->chain]))
			continue;
		for (size_t j = 0; j < rule->translation_count; j++)
			add_translation(program, rule, &rule->translations[j], facts);
	}
}

int translations_of_nft(const char *text, size_t size, struct facts *facts, struct error *error)
{
	__attribute__((cleanup(ruleset_clear))) struct ruleset rules = {};
	int result = nft_parse("the output of nft", text, size, &rules, error);

	if (!result)
		add_rules("nft", &rules, facts);
	return result;
}

int translations_of_iptables(const char *program, const char *text, size_t size,
			     struct facts *facts, struct error *error)
{
	__attribute__((cleanup(ruleset_clear))) struct ruleset rules = {};
	int result = iptables_save_parse(program, text, size, &rules, error);

	if (!result)
		add_rules(program, &rules, facts);
	return result;
}
