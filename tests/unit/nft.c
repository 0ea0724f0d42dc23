// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/formats/nft.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/ports.h"
#include "random.h"
#include "rules/import/import.h"
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
	cr_assert_str_eq(rules.rules[sip->rules[0]].place.name, "inet filter sip handle 7");
	cr_assert_str_eq(input->place.name, "inet filter input");
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
	cr_assert(strstr(error.message, "become more than 1000000 rules and prefixes"), "%s",
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
		{MATCH(META("iifname"), "==", "7") ACCEPT, CONDITION_DEVICE},
		{MATCH(META("oifname"), "==", "\"eth1\"") ACCEPT, CONDITION_DEVICE},
		{MATCH(META("iifgroup"), "==", "0") ACCEPT, CONDITION_DEVICE},
		{MATCH(META("mark"), "==", "1") ACCEPT, 0},
		{MATCH(META("mark"), "==", "{\"set\": [1, 2]}") ACCEPT, CONDITION_MARK},
		{MATCH(META("pkttype"), "==", "\"host\"") ACCEPT, CONDITION_OTHER},
		{MATCH(META("hour"), ">", "\"08:00\"") ACCEPT, CONDITION_OTHER},
		{MATCH(STATE, "in", "[\"established\", \"related\"]") ACCEPT, 0},
		{MATCH(STATE, "!=", "\"new\"") ACCEPT, 0},
		{MATCH(STATE, "!=", "[\"new\", \"related\"]") ACCEPT, CONDITION_STATE},
		{MATCH(PAYLOAD("ip", "daddr"), "==", "\"192.0.2.1\"") ACCEPT, 0},
		{MATCH(PAYLOAD("ip", "daddr"), "==", "7") ACCEPT, CONDITION_DESTINATION},
		{MATCH(PAYLOAD("udp", "sport"), "==", "5060") ACCEPT, CONDITION_SOURCE_PORT},
		{MATCH(PAYLOAD("ip", "saddr"), "!=", "\"192.0.2.1\"") ACCEPT, 0},
		{MATCH(PAYLOAD("ip", "saddr"), "==", "{\"jhash\": {}}") ACCEPT,
		 CONDITION_UNKNOWN_SET},
		{MATCH(PAYLOAD("ip", "ttl"), ">", "64") ACCEPT, CONDITION_OTHER},
		{MATCH(PAYLOAD("ip", "saddr"), ">", "\"192.0.2.1\"") ACCEPT, CONDITION_OTHER},
		{MATCH(PAYLOAD("tcp", "flags"), "==", "\"syn\"") ACCEPT, 0},
		{MATCH(PAYLOAD("tcp", "flags"), "!=", "\"syn\"") ACCEPT, CONDITION_OTHER},
		{MATCH(PAYLOAD("tcp", "flags"), "in", "\"fin\"") ACCEPT, CONDITION_OTHER},
		{MATCH("{\"payload\": {\"base\": \"th\", \"offset\": 64, \"len\": 8}}", "==", "7")
			 ACCEPT,
		 CONDITION_OTHER},
		{MATCH("{\"numgen\": {\"mode\": \"inc\", \"mod\": 2}}", "==", "0") ACCEPT,
		 CONDITION_OTHER},
		{MATCH("{\"ct\": {\"key\": \"proto-dst\", \"dir\": \"original\"}}", "==", "5060")
			 ACCEPT,
		 0},
		{MATCH("{\"ct\": {\"key\": \"status\"}}", "in", "\"dnat\"") ACCEPT,
		 CONDITION_OTHER},
		{"{\"limit\": {\"rate\": 5, \"per\": \"minute\"}}, " ACCEPT, CONDITION_RATE},
		{"{\"ct count\": {\"val\": 3, \"inv\": true}}, " ACCEPT, CONDITION_RATE},
		{"{\"quota\": {\"val\": 3}}, " ACCEPT, CONDITION_RATE},
		{"{\"counter\": {\"packets\": 1, \"bytes\": 2}}, {\"log\": null}, " ACCEPT, 0},
		{"{\"set\": {\"op\": \"add\", \"elem\": " PAYLOAD("ip",
								  "saddr") ", \"set\": "
									   "\"@h\"}}, " ACCEPT,
		 0},
		{"{\"set\": {\"op\": \"update\", \"elem\": " PAYLOAD(
			 "ip",
			 "saddr") ", \"set\": "
				  "\"@h\", \"stmt\": [{\"limit\": {\"rate\": 1, \"per\": \"hour\"}}]}}, " ACCEPT,
		 CONDITION_RATE},
		{"{\"invented\": null}, " ACCEPT, CONDITION_OTHER},
		{MATCH("{\"fib\": {\"result\": \"type\", \"flags\": [\"daddr\"]}}",
		       "==", "\"local\"") ACCEPT,
		 0},
		{MATCH("{\"fib\": {\"result\": \"type\", \"flags\": [\"daddr\", \"iif\"]}}",
		       "==", "\"local\"") ACCEPT,
		 CONDITION_DESTINATION},
		{MATCH("{\"fib\": {\"result\": \"oif\", \"flags\": [\"saddr\"]}}", "==", "false")
			 ACCEPT,
		 CONDITION_DESTINATION},
		{MATCH(PAYLOAD("udp", "dport"), "==", "\"@none\"") ACCEPT, CONDITION_OTHER},
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

/* Whether the one rule of these expressions matches nothing. */
static bool never_matches(const char *expressions)
{
	struct ruleset rules = parse_rule(expressions);
	bool never = rules.rule_count == 1 && !rules.rules[0].families &&
		     !rules.rules[0].conditions;

	ruleset_clear(&rules);
	return never;
}

#define FIB "{\"fib\": {\"result\": \"type\", \"flags\": [\"daddr\"]}}"

Test(nft, what_is_never_true_of_a_packet_from_outside_matches_nothing)
{
	cr_assert(never_matches(MATCH(META("iif"), "==", "\"lo\"") ACCEPT));
	cr_assert(!never_matches(MATCH(META("iif"), "!=", "\"lo\"") ACCEPT));
	cr_assert(!never_matches(MATCH(META("iifname"), "==", "{\"set\": [\"lo\", \"eth0\"]}")
					 ACCEPT));
	cr_assert(never_matches(MATCH(FIB, "!=", "\"local\"") ACCEPT));
	cr_assert(!never_matches(MATCH(FIB, "!=", "\"broadcast\"") ACCEPT));
	cr_assert(never_matches(MATCH(FIB, "==", "{\"set\": [\"broadcast\", \"multicast\"]}")
					ACCEPT));
	cr_assert(never_matches(MATCH("{\"&\": [" PAYLOAD("tcp", "flags") ", [\"syn\", \"ack\"]]}",
				      "!=", "\"syn\"") ACCEPT));
}

Test(nft, a_concatenation_becomes_a_rule_for_each_element)
{
	struct ruleset rules = parse_rule(MATCH(
		"{\"concat\": [" META("l4proto") ", " PAYLOAD("th", "dport") "]}",
		"==", "{\"set\": [{\"concat\": [\"udp\", 5060]}, {\"concat\": [\"tcp\", 5061]}]}")
						  ACCEPT);
	struct ruleset devices = parse_rule(
		MATCH("{\"concat\": [" META("iifname") ", " PAYLOAD("ip", "saddr") "]}",
		      "==", "{\"set\": [{\"concat\": [\"eth*\", \"192.0.2.1\"]}]}") ACCEPT);
	struct ruleset negated =
		parse_rule(MATCH("{\"concat\": [" META("l4proto") ", " PAYLOAD("th", "dport") "]}",
				 "!=", "{\"set\": [{\"concat\": [\"udp\", 5060]}]}") ACCEPT);

	cr_assert_eq(rules.rule_count, 2);
	cr_assert_eq(rules.rules[0].service.protocols, PROTOCOL_BIT(SG_PORTS_UDP));
	cr_assert_eq(rules.rules[1].service.ranges[0].first, 5061);
	cr_assert_eq(devices.rule_count, 1);
	cr_assert_str_eq(devices.rules[0].devices, "eth+");
	has_source(&devices.rules[0].matches[0].list, 0, "192.0.2.1/32");
	cr_assert_eq(negated.rules[0].conditions, CONDITION_OTHER);
	ruleset_clear(&rules);
	ruleset_clear(&devices);
	ruleset_clear(&negated);
}

/* nft leaves out "meta nfproto ipv4" before a reject that answers with ICMP. */
Test(nft, a_reject_is_about_what_it_answers)
{
	static const struct {
		const char *type;
		uint8_t families, protocols;
	} cases[] = {
		{"icmp", FAMILIES_IPV4, PROTOCOLS_ANY},
		{"icmpv6", FAMILIES_IPV6, PROTOCOLS_ANY},
		{"icmpx", FAMILIES_BOTH, PROTOCOLS_ANY},
		{"tcp reset", FAMILIES_BOTH, PROTOCOL_BIT(SG_PORTS_TCP)},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[64];
		struct ruleset rules;

		snprintf(text, sizeof(text), "{\"reject\": {\"type\": \"%s\"}}", cases[i].type);
		rules = parse_rule(text);
		cr_assert_eq(rules.rules[0].action, ACTION_DROP);
		cr_assert_eq(rules.rules[0].families, cases[i].families, "%s", text);
		cr_assert_eq(rules.rules[0].service.protocols, cases[i].protocols, "%s", text);
		ruleset_clear(&rules);
	}
}

/* nft 1.0.6 has no JSON for a chain without a name: the rule ends in a string. */
Test(nft, what_nft_writes_as_a_string_is_unknown)
{
	struct ruleset rules = parse_rule(
		MATCH(PAYLOAD("udp", "dport"),
		      "==", "5060") "\"jump {\\n\\t\\tip saddr 198.51.100.66 accept\\n\\t}\"");

	cr_assert_eq(rules.rule_count, 1);
	cr_assert_eq(rules.rules[0].action, ACTION_OTHER);
	cr_assert_eq(rules.rules[0].conditions, CONDITION_OTHER);
	cr_assert_str_eq(rules.rules[0].unknown, "jump {");
	ruleset_clear(&rules);
}

/* Without lines it is the name that tells two rules apart. */
Test(nft, each_rule_is_named_of_which_the_same_is_to_say)
{
	static const char text[] =
		"{\"nftables\": [{\"chain\": {\"family\": \"ip\", \"table\": \"t\", \"name\": \"c\", "
		"\"type\": \"filter\", \"hook\": \"input\", \"prio\": 0, \"policy\": \"drop\"}}, "
		"{\"rule\": {\"family\": \"ip\", \"table\": \"t\", \"chain\": \"c\", \"handle\": 10, "
		"\"expr\": [" MATCH(
			PAYLOAD("ip", "saddr"), "==",
			"\"192.0.2.1\"") "\"jump {\"]}}, "
					 "{\"rule\": {\"family\": \"ip\", \"table\": \"t\", \"chain\": \"c\", \"handle\": 4, "
					 "\"expr\": [" MATCH(PAYLOAD("ip", "saddr"), "==",
							     "\"192.0.2.2\"") "\"jump {\"]}}]}";
	struct entry_list entries = {};
	struct rules_report report = {};
	struct sg_ports ports;
	struct rules_input input = {
		.name = "f", .text = text, .size = strlen(text), .ports = &ports};
	struct error error;

	ports_default(&ports);
	cr_assert_eq(rules_import("nft", &input, &entries, &report, &error), 0, "%s",
		     error.message);
	cr_assert_eq(entries.count, 0);
	cr_assert_eq(report.count, 2);
	cr_assert_str_eq(report.remarks[0].place.name, "ip t c handle 4");
	cr_assert_str_eq(report.remarks[1].place.name, "ip t c handle 10");
	rules_report_clear(&report);
}

Test(nft, sets_are_understood_whole_or_unknown)
{
	static const struct {
		const char *set;
		enum set_kind kind;
		const char *unknown;
	} cases[] = {
		{"\"type\": \"ipv4_addr\", \"elem\": [\"192.0.2.1\"]", SET_SOURCES, NULL},
		{"\"type\": {\"typeof\": " PAYLOAD("ip", "saddr") "}, \"elem\": [\"192.0.2.1\"]",
		 SET_SOURCES, NULL},
		{"\"type\": [\"ipv4_addr\", \"inet_service\"]", SET_SOURCES_AND_PORTS, NULL},
		{"\"type\": [\"ifname\", \"ipv4_addr\"]", SET_SOURCES_AND_DEVICES, NULL},
		{"\"type\": [\"ipv4_addr\", \"ipv4_addr\"]", SET_UNKNOWN, NULL},
		{"\"type\": \"mark\"", SET_UNKNOWN, NULL},
		{"\"type\": \"ipv4_addr\", \"stmt\": [{\"counter\": null}]", SET_SOURCES, NULL},
		{"\"type\": \"ipv4_addr\", \"stmt\": [{\"limit\": {\"rate\": 1}}]", SET_SOURCES,
		 "a limit of its elements"},
		{"\"type\": \"ipv4_addr\", \"elem\": [{\"elem\": {\"val\": \"192.0.2.1\", "
		 "\"limit\": {\"rate\": 1}}}]",
		 SET_SOURCES, "an element"},
		{"\"type\": \"ipv4_addr\", \"elem\": [7]", SET_SOURCES, "an element"},
		{"\"type\": \"ipv4_addr\", \"invented\": 1", SET_SOURCES, "invented"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ruleset rules;
		char *text;

		cr_assert_gt(asprintf(&text,
				      "{\"set\": {\"family\": \"ip\", \"table\": \"t\", "
				      "\"name\": \"s\", %s}}",
				      cases[i].set),
			     0);
		rules = parse(text);
		cr_assert_eq(rules.sets[0].kind, cases[i].kind, "%s", text);
		cr_assert_eq(!rules.sets[0].unknown, !cases[i].unknown, "%s", text);
		if (cases[i].unknown)
			cr_assert_str_eq(rules.sets[0].unknown, cases[i].unknown);
		ruleset_clear(&rules);
		free(text);
	}
}

/* nft 1.0.6 does not show that a set is dynamic. */
Test(nft, a_set_to_which_a_rule_adds_changes)
{
	struct ruleset rules = parse(
		"{\"rule\": {\"family\": \"ip\", \"table\": \"t\", \"chain\": \"c\", \"expr\": ["
		"{\"set\": {\"op\": \"add\", \"elem\": " PAYLOAD(
			"ip",
			"saddr") ", \"set\": \"@s\"}}]}}, "
				 "{\"set\": {\"family\": \"ip\", \"table\": \"t\", \"name\": \"s\", "
				 "\"type\": \"ipv4_addr\"}}");

	cr_assert(rules.sets[0].changes);
	ruleset_clear(&rules);
}

Test(nft, marks)
{
	static const struct {
		const char *value;
		uint32_t set, mask;
	} cases[] = {
		{"1", 1, UINT32_MAX},
		{"{\"|\": [" META("mark") ", 16]}", 16, 16},
		{"{\"&\": [" META("mark") ", 15]}", 0, ~15U},
		{"{\"^\": [" META("mark") ", 3]}", 3, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ruleset rules;
		char *text;

		cr_assert_gt(asprintf(&text,
				      "{\"mangle\": {\"key\": " META("mark") ", \"value\": %s}}",
				      cases[i].value),
			     0);
		rules = parse_rule(text);
		cr_assert_eq(rules.rules[0].mark_change, MARK_SET, "%s", text);
		cr_assert_eq(rules.rules[0].mark_value, cases[i].set, "%s", text);
		cr_assert_eq(rules.rules[0].mark_mask, cases[i].mask, "%s", text);
		ruleset_clear(&rules);
		free(text);
	}
}

/* A chain of one device drops what comes in by that one, and nft 1.0.6 does not say which it is. */
Test(nft, an_ingress_chain_is_about_a_device)
{
	struct ruleset rules = parse(
		"{\"chain\": {\"family\": \"netdev\", \"table\": \"n\", \"name\": \"c\", \"type\": "
		"\"filter\", \"hook\": \"ingress\", \"prio\": 0, \"policy\": \"drop\"}}");

	cr_assert_eq(rules.chains[0].policy, ACTION_ACCEPT);
	cr_assert_eq(rules.rule_count, 1);
	cr_assert_eq(rules.rules[0].action, ACTION_DROP);
	cr_assert_eq(rules.rules[0].conditions, CONDITION_DEVICE);
	ruleset_clear(&rules);
}

Test(nft, a_table_that_is_switched_off_is_on_nobodys_way)
{
	struct ruleset rules = parse(
		"{\"table\": {\"family\": \"ip\", \"name\": \"t\", \"flags\": [\"dormant\"]}}, "
		"{\"chain\": {\"family\": \"ip\", \"table\": \"t\", \"name\": \"c\", \"type\": "
		"\"filter\", \"hook\": \"input\", \"prio\": 0, \"policy\": \"drop\"}}");

	cr_assert_eq(rules.chains[0].hook, HOOK_NONE);
	ruleset_clear(&rules);
}

Test(nft, an_object_of_no_known_kind_is_named)
{
	struct ruleset rules = parse("{\"invented\": {}}, 7");

	cr_assert_eq(rules.unread_count, 2);
	cr_assert_str_eq(rules.unread[0].words, "invented");
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
	refuses("{\"nftables\": [", "f:1:14: ");
	refuses("{\"nftables\":\n [{\"rule\": nonsense}]}", "f:2:19: ");
	refuses("{\"nftables\": {}}", "f:1:1: this is not what nft");
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
