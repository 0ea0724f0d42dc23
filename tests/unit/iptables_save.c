// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/formats/iptables_save.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "unit/dumps.h"

#define UDP PROTOCOL_BIT(SG_PORTS_UDP)
#define TCP PROTOCOL_BIT(SG_PORTS_TCP)

static struct ruleset parse(const char *text)
{
	struct ruleset rules = {};
	struct error error;

	cr_assert_eq(iptables_save_parse("f", text, strlen(text), &rules, &error), 0, "%s",
		     error.message);
	ruleset_link(&rules);
	return rules;
}

static void refuses(const char *text, const char *message)
{
	struct ruleset rules = {};
	struct error error;

	cr_assert_lt(iptables_save_parse("f", text, strlen(text), &rules, &error), 0, "%s", text);
	cr_assert_eq(strncmp(error.message, message, strlen(message)), 0, "%s", error.message);
	cr_assert_null(strchr(error.message, '\033'));
	ruleset_clear(&rules);
}

static void has_source(const struct rule *rule, size_t at, const char *wanted)
{
	char text[PREFIX_TEXT_SIZE];

	cr_assert_eq(rule->match_count, 1);
	cr_assert_lt(at, rule->matches[0].list.count);
	prefix_format(&rule->matches[0].list.sources[at].prefix, text);
	cr_assert_str_eq(text, wanted);
}

/* A range of IPv6 becomes up to 254 prefixes, in each rule anew. */
Test(iptables_save, sources_of_all_rules_are_bounded)
{
	static const char head[] = "*filter\n:INPUT DROP [0:0]\n";
	static const char rule[] = "-A INPUT -m iprange --src-range "
				   "::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe -j ACCEPT\n";
	size_t count = RULESET_SOURCES_MAX / 254 + 10, length = strlen(head);
	char *text = malloc(length + count * strlen(rule) + 1);
	struct ruleset rules = {};
	struct error error;

	strcpy(text, head);
	for (size_t i = 0; i < count; i++, length += strlen(rule))
		strcpy(text + length, rule);
	cr_assert_eq(iptables_save_parse("f", text, length, &rules, &error), -EINVAL);
	cr_assert(strstr(error.message, "the rules name more than 2000000 sources"), "%s",
		  error.message);
	cr_assert_leq(rules.source_count, RULESET_SOURCES_MAX);
	ruleset_clear(&rules);
	free(text);
}

static void reads_dump(const char *name)
{
	struct dump dump = dump_read(name);
	struct ruleset rules = {};
	const struct chain *input, *sip;
	const struct rule *rule;
	struct error error;

	cr_assert_eq(iptables_save_parse(name, dump.text, dump.size, &rules, &error), 0, "%s",
		     error.message);
	ruleset_link(&rules);
	cr_assert_eq(rules.rule_count, 17);
	input = ruleset_find_chain(&rules, "ip filter", "INPUT");
	sip = ruleset_find_chain(&rules, "ip filter", "SIP");
	cr_assert_eq(input->policy, ACTION_DROP);
	cr_assert_eq(input->hook, HOOK_INPUT);
	cr_assert(sip->is_referred_to);
	cr_assert_eq(sip->rule_count, 9);
	rule = &rules.rules[sip->rules[2]];
	cr_assert_str_eq(rule->comment, "trunk of \"Example\" Telecom");
	has_source(rule, 0, "203.0.113.0/24");
	rule = &rules.rules[sip->rules[3]];
	cr_assert_eq(rule->matches[0].list.count, 4);
	has_source(rule, 0, "198.51.100.10/31");
	has_source(rule, 3, "198.51.100.20/32");
	ruleset_clear(&rules);
	dump_free(&dump);
}

Test(iptables_save, reads_what_both_variants_write)
{
	reads_dump("nft.iptables");
	reads_dump("legacy.iptables");
}

Test(iptables_save, matches)
{
	struct ruleset rules = parse(
		"[12:3456] -A INPUT -s 203.0.113.0/255.255.255.0 -p udp -m udp --dport 5060 -j ACCEPT\n"
		"-A INPUT ! -p tcp -m multiport --dports 5060,5070:5080,sip -j DROP\n"
		"-A INPUT -p tcp -m tcp ! --dport 22 -j REJECT --reject-with tcp-reset\n"
		"-A INPUT -s 10.0.0.1,10.0.0.2 -g OTHER\n");
	const struct rule *rule = rules.rules;

	has_source(&rule[0], 0, "203.0.113.0/24");
	cr_assert_eq(rule[0].service.protocols, UDP);
	cr_assert_eq(rule[0].action, ACTION_ACCEPT);
	cr_assert_eq(rule[0].conditions, 0);
	cr_assert_eq(rule[1].service.protocols & (UDP | TCP), UDP);
	cr_assert_eq(rule[1].service.range_count, 3);
	cr_assert_eq(rule[1].service.ranges[1].last, 5080);
	cr_assert_eq(rule[1].service.ranges[2].first, 5060);
	cr_assert(rule[2].service.ports_negated);
	cr_assert_eq(rule[2].action, ACTION_DROP);
	cr_assert_eq(rule[3].matches[0].list.count, 2);
	/* The chain is not there. */
	cr_assert_eq(rule[3].action, ACTION_OTHER);
	ruleset_clear(&rules);
}

Test(iptables_save, what_else_a_rule_asks_is_a_condition)
{
	static const struct {
		const char *words;
		unsigned int conditions;
	} cases[] = {
		{"-i eth1", 0},
		{"! -i lo", 0},
		{"-o eth1", CONDITION_DEVICE},
		{"-i +", 0},
		{"-m conntrack --ctstate RELATED,ESTABLISHED", 0},
		{"-m state --state NEW,ESTABLISHED", 0},
		{"-m conntrack ! --ctstate NEW", 0},
		{"-m conntrack --ctstate DNAT", CONDITION_STATE},
		{"-m conntrack --ctproto 17", CONDITION_OTHER},
		{"-m conntrack --ctorigdstport 5060 --ctdir ORIGINAL", 0},
		{"-m limit --limit 5/min", CONDITION_RATE},
		{"-m recent --update --seconds 60 --hitcount 9", CONDITION_RATE},
		{"-d 192.0.2.1/32", 0},
		{"-d host.example.com", CONDITION_DESTINATION},
		{"-m addrtype --dst-type LOCAL", 0},
		{"-m addrtype --dst-type BROADCAST", CONDITION_DESTINATION},
		{"-f", CONDITION_OTHER},
		{"-m mark --mark 0x1/0x1", 0},
		{"-m connmark --mark 0x1", CONDITION_MARK},
		{"-p udp --sport 5060", CONDITION_SOURCE_PORT},
		{"! -s 203.0.113.7", 0},
		{"-s ! 203.0.113.7", 0},
		{"-m set ! --match-set a src", 0},
		{"-m set --match-set a dst", CONDITION_OTHER},
		{"-s sip.example.com", CONDITION_HOST_NAME},
		{"-m string --algo bm --string \"a b\"", CONDITION_OTHER},
		{"-s 10.0.0.1 -m iprange --src-range 10.0.0.0-10.0.0.9", 0},
		{"-p tcp --tcp-flags FIN,SYN,RST,ACK SYN", 0},
		{"-p tcp --tcp-flags FIN,SYN,RST,ACK RST", 0},
		{"-p tcp --tcp-flags FIN,ECN RST", CONDITION_OTHER},
		{"-m comment --comment \"-s 1.2.3.4\"", 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256];
		struct ruleset rules;

		snprintf(text, sizeof(text), "-A INPUT %s -j ACCEPT", cases[i].words);
		rules = parse(text);
		cr_assert_eq(rules.rules[0].conditions, cases[i].conditions, "%s: %x", text,
			     rules.rules[0].conditions);
		cr_assert_eq(rules.rules[0].action, ACTION_ACCEPT, "%s", text);
		ruleset_clear(&rules);
	}
}

Test(iptables_save, order_is_that_of_append_and_insert)
{
	struct ruleset rules = parse("-A INPUT -s 10.0.0.1 -j DROP\n"
				     "-A INPUT -s 10.0.0.2 -j DROP\n"
				     "-I INPUT -s 10.0.0.3 -j DROP\n"
				     "-I INPUT 2 -s 10.0.0.4 -j DROP\n"
				     "iptables -w -I INPUT 99 -s 10.0.0.5 -j DROP\n");
	static const char *const wanted[] = {"10.0.0.3/32", "10.0.0.4/32", "10.0.0.1/32",
					     "10.0.0.2/32", "10.0.0.5/32"};

	for (size_t i = 0; i < 5; i++)
		has_source(&rules.rules[rules.chains[0].rules[i]], 0, wanted[i]);
	ruleset_clear(&rules);
}

Test(iptables_save, families_come_from_the_tool_the_address_and_the_name)
{
	static const char plain[] = "-A INPUT -p udp --dport 5060 -j DROP\n";
	struct ruleset rules = parse("# Generated by ip6tables-save v1.8.9\n"
				     "-A INPUT -j DROP\n"
				     "# Generated by iptables-save v1.8.9\n"
				     "-A INPUT -j DROP\n"
				     "-A INPUT -s 2001:db8::1 -j DROP\n"
				     "/sbin/ip6tables -A INPUT -j DROP\n");
	struct error error;

	cr_assert_eq(rules.rules[0].families, FAMILIES_IPV6);
	cr_assert_eq(rules.rules[1].families, FAMILIES_IPV4);
	cr_assert_eq(rules.rules[2].families, FAMILIES_IPV6);
	cr_assert_eq(rules.rules[3].families, FAMILIES_IPV6);
	ruleset_clear(&rules);
	cr_assert_eq(
		iptables_save_parse("/etc/iptables/rules.v6", plain, strlen(plain), &rules, &error),
		0);
	cr_assert_eq(rules.rules[0].families, FAMILIES_IPV6);
	ruleset_clear(&rules);
}

Test(iptables_save, sets_of_ipset)
{
	struct dump dump = dump_read("all.ipset");
	struct ruleset rules = {};
	const struct source_list *list;
	struct error error;

	cr_assert_eq(iptables_save_parse("f", dump.text, dump.size, &rules, &error), 0);
	cr_assert_eq(rules.set_count, 4);
	list = &ruleset_find_set(&rules, "trusted")->list;
	cr_assert_eq(list->count, 3);
	for (size_t i = 0; i < list->count; i++) {
		const struct source *source = &list->sources[i];

		cr_assert_eq(source->except, source->prefix.address[3] == 66);
		cr_assert_eq(source->lifetime != 0, source->prefix.address[0] == 198);
		if (source->prefix.length == 24)
			cr_assert_str_eq(source->comment, "trunk of Example Telecom");
	}
	list = &ruleset_find_set(&rules, "services")->list;
	cr_assert_eq(list->count, 2);
	for (size_t i = 0; i < list->count; i++)
		cr_assert_eq(list->sources[i].protocols,
			     list->sources[i].ports.first == 5060 ? UDP : TCP);
	list = &ruleset_find_set(&rules, "peers6")->list;
	cr_assert_eq(list->sources[0].prefix.family, SG_FAMILY_IPV6);
	cr_assert_eq(ruleset_find_set(&rules, "office")->list.count, 5);
	ruleset_clear(&rules);
	dump_free(&dump);
}

Test(iptables_save, a_set_of_something_else_is_unknown)
{
	struct ruleset rules = parse("create m hash:mac hashsize 1024\nadd m 02:00:00:00:00:01\n");

	cr_assert_eq(rules.sets[0].kind, SET_UNKNOWN);
	cr_assert_str_eq(rules.sets[0].unknown, "a set of type hash:mac");
	cr_assert_eq(rules.sets[0].list.count, 0);
	ruleset_clear(&rules);
}

Test(iptables_save, a_bad_line_is_named)
{
	refuses("*filter\nhello\n", "f:2:1: this is no line of iptables-save");
	refuses("*filter\n  -A INPUT -s\n", "f:2:3: -s needs a value: -A INPUT -s");
	refuses("-A INPUT -m comment --comment \"x\n", "f:1:1: a quote does not end");
	refuses(":INPUT\n", "f:1:1: a chain has a policy");
	refuses(":INPUT MAYBE [0:0]\n", "f:1:1: a policy is ACCEPT or DROP");
	refuses("*\n", "f:1:1: there is no such table");
	refuses("add s 1.2.3.4,udp:99999\n", "f:1:1: that is no protocol and port");
	refuses("add s nobody\n", "f:1:1: nobody is not an IP address");
	refuses("\033[31m\n", "f:1:1: this is no line");
}

Test(iptables_save, a_line_has_a_limit_of_words)
{
	char text[1024];
	size_t length = 0;

	for (int i = 0; i < 200; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, "-A ");
	refuses(text, "f:1:1: there are more than");
}

Test(iptables_save, mutations_never_do_harm)
{
	struct dump whole = dump_read("nft.iptables"), sets = dump_read("all.ipset");
	struct random random = {46};

	for (int i = 0; i < 3000; i++) {
		const struct dump *from = i % 2 ? &whole : &sets;
		struct dump dump = dump_of(
			from->text, from->size - random_below(&random, (unsigned int)from->size));
		struct ruleset rules = {};
		struct error error;

		for (int flips = 0; flips < 4; flips++)
			dump.text[random_below(&random, (unsigned int)dump.size)] =
				(char)random_next(&random);
		iptables_save_parse("hostile", dump.text, dump.size, &rules, &error);
		ruleset_link(&rules);
		ruleset_clear(&rules);
		dump_free(&dump);
	}
	dump_free(&whole);
	dump_free(&sets);
}
