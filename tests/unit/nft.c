// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/formats/nft.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "unit/dumps.h"

static struct ruleset parse(const char *objects)
{
	struct ruleset rules = {};
	struct error error;
	char *text;

	cr_assert_gt(asprintf(&text, "{\"nftables\": [%s]}", objects), 0);
	cr_assert_eq(nft_parse("f", text, strlen(text), &rules, &error), 0, "%s: %s", error.message,
		     text);
	ruleset_link(&rules);
	/* Places borrow from the text, and no test here looks at them. */
	free(text);
	return rules;
}

/* A rule of table "inet t", chain "c", with these expressions. */
static struct ruleset parse_rule(const char *expressions)
{
	struct ruleset rules;
	char *text;

	cr_assert_gt(
		asprintf(&text,
			 "{\"rule\": {\"family\": \"inet\", \"table\": \"t\", \"chain\": \"c\", "
			 "\"expr\": [%s]}}",
			 expressions),
		0);
	rules = parse(text);
	free(text);
	return rules;
}

static void has_source(const struct source_list *list, size_t at, const char *wanted)
{
	char text[PREFIX_TEXT_SIZE];

	cr_assert_lt(at, list->count);
	prefix_format(&list->sources[at].prefix, text);
	cr_assert_str_eq(text, wanted);
}

Test(nft, reads_what_nft_writes)
{
	struct dump dump = dump_read("rules.nft.json");
	struct ruleset rules = {};
	const struct chain *input, *sip, *raw;
	const struct source_set *set;
	struct error error;

	cr_assert(nft_recognises(dump.text, dump.size));
	cr_assert_eq(nft_parse("f", dump.text, dump.size, &rules, &error), 0, "%s", error.message);
	ruleset_link(&rules);
	input = ruleset_find_chain(&rules, "inet filter", "input");
	sip = ruleset_find_chain(&rules, "inet filter", "sip");
	raw = ruleset_find_chain(&rules, "ip raw", "pre");
	cr_assert_eq(input->hook, HOOK_INPUT);
	cr_assert_eq(input->families, FAMILIES_BOTH);
	cr_assert_eq(raw->hook, HOOK_PREROUTING);
	cr_assert_eq(raw->families, FAMILIES_IPV4);
	cr_assert(sip->is_referred_to);
	/* The map has two verdicts, and a rule that only logs is none. */
	cr_assert_eq(sip->rule_count, 9);
	cr_assert_str_eq(rules.rules[sip->rules[0]].comment, "noisy neighbour");
	set = ruleset_find_set(&rules, "inet filter/trusted4");
	cr_assert_eq(set->list.count, 6);
	set = ruleset_find_set(&rules, "inet filter/pairs");
	cr_assert_eq(set->list.count, 2);
	cr_assert_eq(set->list.sources[0].protocols, PROTOCOLS_ANY);
	for (size_t i = 0; i < rules.rule_count; i++)
		cr_assert_eq(strncmp(rules.rules[i].place.text, "{\"rule\"", 7), 0);
	ruleset_clear(&rules);
	dump_free(&dump);
}

/* Text with so many sets, each of so many of the ranges that become the most prefixes. */
static char *worst_ranges(size_t sets, size_t ranges)
{
	static const char range[] =
		"{\"range\": [\"::1\", \"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe\"]}";
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	fputs("{\"nftables\": [", stream);
	for (size_t i = 0; i < sets; i++) {
		fprintf(stream,
			"%s{\"set\": {\"family\": \"ip6\", \"table\": \"t\", \"name\": \"s%zu\", "
			"\"type\": \"ipv6_addr\", \"elem\": [",
			i ? ", " : "", i);
		for (size_t j = 0; j < ranges; j++)
			fprintf(stream, "%s%s", j ? ", " : "", range);
		fputs("]}}", stream);
	}
	fputs("]}", stream);
	fclose(stream);
	return text;
}

static size_t sources_of_sets(const struct ruleset *rules)
{
	size_t count = 0;

	for (size_t i = 0; i < rules->set_count; i++)
		count += rules->sets[i].list.count;
	return count;
}

/* Memory and time go with the number of prefixes, which a text of any size cannot push further. */
Test(nft, what_ranges_become_is_bounded_over_all_sets)
{
	char *text = worst_ranges(10, 100), *too_much = worst_ranges(10, 3000);
	struct ruleset rules = {}, bounded = {};
	struct error error;

	cr_assert_eq(nft_parse("f", text, strlen(text), &rules, &error), 0, "%s", error.message);
	cr_assert_eq(sources_of_sets(&rules), 10 * 100 * 254);
	cr_assert_eq(nft_parse("f", too_much, strlen(too_much), &bounded, &error), -EINVAL);
	cr_assert(strstr(error.message, "the ranges become too many prefixes"), "%s",
		  error.message);
	cr_assert_leq(sources_of_sets(&bounded), 1000000 + 10 * 3000 + 254);
	ruleset_clear(&rules);
	ruleset_clear(&bounded);
	free(text);
	free(too_much);
}

Test(nft, of_what_iptables_put_there_it_knows_less)
{
	struct dump dump = dump_read("iptables.nft.json");
	struct ruleset rules = {};
	const struct rule *rule;
	const struct chain *chain;
	struct error error;

	cr_assert_eq(nft_parse("f", dump.text, dump.size, &rules, &error), 0, "%s", error.message);
	ruleset_link(&rules);
	chain = ruleset_find_chain(&rules, "ip filter", "INPUT");
	rule = &rules.rules[chain->rules[3]];
	cr_assert_eq(rule->action, ACTION_JUMP);
	cr_assert_eq(rule->conditions, CONDITION_OTHER);
	cr_assert_str_eq(rule->unknown, "xt multiport, which only iptables-save shows");
	/* -j REJECT of ip6tables */
	chain = ruleset_find_chain(&rules, "ip6 filter", "INPUT");
	cr_assert_eq(rules.rules[chain->rules[2]].action, ACTION_DROP);
	ruleset_clear(&rules);
	dump_free(&dump);
}

#define MATCH(left, operator, right) \
	"{\"match\": {\"op\": \"" operator"\", \"left\": " left ", \"right\": " right "}}, "
#define PAYLOAD(protocol, field) \
	"{\"payload\": {\"protocol\": \"" protocol "\", \"field\": \"" field "\"}}"
#define META(key) "{\"meta\": {\"key\": \"" key "\"}}"
#define STATE	  "{\"ct\": {\"key\": \"state\"}}"
#define ACCEPT	  "{\"accept\": null}"

Test(nft, what_else_a_rule_asks_is_a_condition)
{
	static const struct {
		const char *expressions;
		unsigned int conditions;
	} cases[] = {
		{ACCEPT, 0},
		{MATCH(META("iifname"), "==", "\"eth1\"") ACCEPT, 0},
		{MATCH(META("mark"), "==", "1") ACCEPT, CONDITION_OTHER},
		{MATCH(STATE, "in", "[\"established\", \"related\"]") ACCEPT, 0},
		{MATCH(STATE, "in", "[\"new\", \"related\"]") ACCEPT, 0},
		{MATCH(STATE, "!=", "\"new\"") ACCEPT, 0},
		{MATCH(PAYLOAD("ip", "daddr"), "==", "\"192.0.2.1\"") ACCEPT,
		 CONDITION_DESTINATION},
		{MATCH(PAYLOAD("udp", "sport"), "==", "5060") ACCEPT, CONDITION_SOURCE_PORT},
		{MATCH(PAYLOAD("ip", "saddr"), "!=", "\"192.0.2.1\"") ACCEPT, 0},
		{MATCH(PAYLOAD("ip", "ttl"), ">", "64") ACCEPT, CONDITION_OTHER},
		{MATCH(PAYLOAD("tcp", "flags"), "==", "\"syn\"") ACCEPT, 0},
		{"{\"limit\": {\"rate\": 5, \"per\": \"minute\"}}, " ACCEPT, CONDITION_RATE},
		{"{\"counter\": {\"packets\": 1, \"bytes\": 2}}, {\"log\": null}, " ACCEPT, 0},
		{MATCH("{\"fib\": {\"result\": \"type\"}}", "==", "\"local\"") ACCEPT,
		 CONDITION_DESTINATION},
		{MATCH(PAYLOAD("udp", "dport"), "==", "\"@none\"") ACCEPT, CONDITION_UNKNOWN_SET},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ruleset rules = parse_rule(cases[i].expressions);

		cr_assert_eq(rules.rule_count, 1);
		cr_assert_eq(rules.rules[0].conditions, cases[i].conditions, "%s: %x",
			     cases[i].expressions, rules.rules[0].conditions);
		cr_assert_eq(rules.rules[0].action, ACTION_ACCEPT);
		ruleset_clear(&rules);
	}
}

Test(nft, services)
{
	struct ruleset rules = parse_rule(
		MATCH(META("l4proto"), "==", "{\"set\": [\"tcp\", 17]}")
			MATCH(PAYLOAD("th", "dport"),
			      "!=", "{\"set\": [22, {\"range\": [80, 90]}]}") ACCEPT);
	const struct rule *rule = rules.rules;

	cr_assert_eq(rule->service.protocols,
		     PROTOCOL_BIT(SG_PORTS_UDP) | PROTOCOL_BIT(SG_PORTS_TCP));
	cr_assert(rule->service.ports_negated);
	cr_assert_eq(rule->service.range_count, 2);
	cr_assert_eq(rule->service.ranges[1].last, 90);
	ruleset_clear(&rules);
}

Test(nft, a_map_becomes_rules_and_its_rest_is_last)
{
	struct ruleset rules = parse_rule("{\"vmap\": {\"key\": " PAYLOAD(
		"ip",
		"saddr") ", \"data\": {\"set\": ["
			 "[\"*\", {\"drop\": null}], "
			 "[{\"prefix\": {\"addr\": \"10.0.0.0\", \"len\": 8}}, {\"accept\": null}], "
			 "[\"192.0.2.1\", {\"jump\": {\"target\": \"c\"}}]]}}}");

	cr_assert_eq(rules.rule_count, 3);
	has_source(&rules.rules[0].matches[0].list, 0, "10.0.0.0/8");
	cr_assert_eq(rules.rules[0].families, FAMILIES_IPV4);
	cr_assert_eq(rules.rules[1].action, ACTION_JUMP);
	cr_assert_eq(rules.rules[2].action, ACTION_DROP);
	cr_assert_eq(rules.rules[2].match_count, 0);
	ruleset_clear(&rules);
}

Test(nft, an_empty_set_matches_nothing)
{
	struct ruleset rules = parse_rule(MATCH(PAYLOAD("ip", "saddr"), "==", "{\"set\": []}")
						  ACCEPT);

	cr_assert_eq(rules.rules[0].families, 0);
	ruleset_clear(&rules);
}

Test(nft, a_rule_may_stand_before_its_set)
{
	struct ruleset rules = parse(
		"{\"rule\": {\"family\": \"ip\", \"table\": \"t\", \"chain\": \"c\", \"expr\": [" MATCH(
			PAYLOAD("udp", "dport"), "==", "\"@ports\"") ACCEPT
		"]}}, "
		"{\"set\": {\"family\": \"ip\", \"table\": \"t\", \"name\": \"ports\", "
		"\"type\": \"inet_service\", \"elem\": [5060, 5061]}}");

	cr_assert_eq(rules.rules[0].service.range_count, 2);
	ruleset_clear(&rules);
}

static void refuses(const char *text, const char *message)
{
	struct ruleset rules = {};
	struct error error;

	cr_assert_lt(nft_parse("f", text, strlen(text), &rules, &error), 0, "%s", text);
	cr_assert_eq(strncmp(error.message, message, strlen(message)), 0, "%s", error.message);
	ruleset_clear(&rules);
}

Test(nft, errors_tell_the_place)
{
	refuses("[]", "f:1:1: this is not what nft");
	refuses("{\"nftables\": [", "f:1:15: the list of objects does not end");
	refuses("{\"nftables\": [{\"rule\": nonsense}]}", "f:1:15: ");
	refuses("{\"nftables\":\n [{},\n {\"set\": {\"type\": \"ipv4_addr\", \"elem\": [7]}}]}",
		"f:3:2: that is no address");
	refuses("{\"nftables\": [{}] ", "f:1:19: the list of objects does not end");
}

Test(nft, mutations_never_do_harm)
{
	struct dump whole = dump_read("rules.nft.json");
	struct random random = {47};

	for (int i = 0; i < 3000; i++) {
		struct dump dump = dump_of(whole.text, whole.size - random_below(&random, 100));
		struct ruleset rules = {};
		struct error error;

		for (int flips = 0; flips < 3; flips++)
			dump.text[random_below(&random, (unsigned int)dump.size)] =
				"{}[]\",:@0a*"[random_below(&random, 11)];
		nft_parse("hostile", dump.text, dump.size, &rules, &error);
		ruleset_link(&rules);
		ruleset_clear(&rules);
		dump_free(&dump);
	}
	dump_free(&whole);
}
