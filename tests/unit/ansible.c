// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <errno.h>

#include "random.h"
#include "rules/formats/ansible.h"
#include "unit/dumps.h"

static struct ruleset parse(const char *text)
{
	struct ruleset rules = {};
	struct error error;

	cr_assert_eq(ansible_parse("f", text, strlen(text), &rules, &error), 0, "%s",
		     error.message);
	ruleset_link(&rules);
	return rules;
}

static void has_source(const struct rule *rule, const char *wanted)
{
	char text[PREFIX_TEXT_SIZE];

	cr_assert_eq(rule->match_count, 1);
	cr_assert_eq(rule->matches[0].list.count, 1);
	prefix_format(&rule->matches[0].list.sources[0].prefix, text);
	cr_assert_str_eq(text, wanted);
}

static const char playbook[] = "- hosts: pbx\n"
			       "  vars:\n"
			       "    trunks: [203.0.113.7, 198.51.100.0/24]\n"
			       "    sip_port: 5060\n"
			       "  tasks:\n"
			       "    - name: trunks\n"
			       "      ansible.builtin.iptables:\n"
			       "        chain: INPUT\n"
			       "        source: \"{{ item }}\"\n"
			       "        protocol: udp\n"
			       "        destination_port: \"{{ sip_port }}\"\n"
			       "        jump: ACCEPT\n"
			       "      loop: \"{{ trunks }}\"\n"
			       "    - block:\n"
			       "        - iptables:\n"
			       "            chain: INPUT\n"
			       "            protocol: tcp\n"
			       "            destination_ports: [\"5060\", \"5061\"]\n"
			       "            source: \"{{ item.src }}\"\n"
			       "            comment: \"{{ item.who }} at work\"\n"
			       "            jump: ACCEPT\n"
			       "          with_items:\n"
			       "            - {src: 10.1.0.0/16, who: phones}\n";

Test(ansible, tasks_blocks_loops_and_variables)
{
	struct ruleset rules = parse(playbook);
	const struct rule *rule = rules.rules;

	cr_assert_eq(rules.rule_count, 3);
	has_source(&rule[0], "203.0.113.7/32");
	has_source(&rule[1], "198.51.100.0/24");
	has_source(&rule[2], "10.1.0.0/16");
	cr_assert_eq(rule[0].service.ranges[0].first, 5060);
	cr_assert_eq(rule[0].place.line, 6);
	cr_assert_eq(rule[0].place.column, 7);
	cr_assert_eq(strncmp(rule[0].place.text, "name: trunks", rule[0].place.length), 0);
	cr_assert_eq(rule[2].service.range_count, 2);
	cr_assert_str_eq(rule[2].comment, "phones at work");
	cr_assert_eq(rule[2].place.line, 15);
	ruleset_clear(&rules);
}

Test(ansible, the_module)
{
	struct ruleset rules = parse(
		"- iptables: {chain: INPUT, source: '!10.0.0.1', jump: DROP}\n"
		"- iptables: {chain: INPUT, policy: DROP}\n"
		"- iptables: {chain: INPUT, ip_version: ipv6, action: insert, jump: ACCEPT, ctstate: [NEW, ESTABLISHED]}\n"
		"- iptables: {chain: INPUT, ip_version: both, match_set: t, match_set_flags: src, jump: ACCEPT}\n"
		"- iptables: {chain: INPUT, state: absent, jump: DROP}\n"
		"- iptables: {chain: INPUT, flush: true}\n"
		"- iptables: {chain: INPUT, limit: 5/min, jump: ACCEPT}\n"
		"- iptables: {chain: INPUT, source: '{{ unknown }}', jump: ACCEPT}\n");
	const struct rule *rule = rules.rules;

	cr_assert_eq(rules.rule_count, 6);
	cr_assert(rule[0].matches[0].negated);
	cr_assert_eq(ruleset_find_chain(&rules, "ip filter", "INPUT")->policy, ACTION_DROP);
	cr_assert_eq(rule[1].families, FAMILIES_IPV6);
	cr_assert_eq(rule[1].conditions, 0);
	cr_assert_str_eq(rule[2].matches[0].set, "t");
	cr_assert_eq(rule[3].families, FAMILIES_IPV6);
	cr_assert_eq(rule[4].conditions, CONDITION_RATE);
	cr_assert_eq(rule[5].conditions, CONDITION_HOST_NAME);
	ruleset_clear(&rules);
}

Test(ansible, commands_that_call_iptables)
{
	struct ruleset rules = parse(
		"- shell: |\n"
		"    set -e\n"
		"    iptables -A INPUT -s 10.0.0.1 -m comment --comment 'the office' -j ACCEPT && echo done\n"
		"    sudo /sbin/ip6tables -w -I INPUT -j DROP; true\n"
		"- ansible.builtin.command:\n"
		"    cmd: iptables -A INPUT -s {{ item }} -j ACCEPT\n"
		"  loop: [10.0.0.2]\n"
		"- command: iptables-save\n"
		"- command: iptables -L\n"
		"- command: echo iptables -A INPUT -j ACCEPT\n");

	cr_assert_eq(rules.rule_count, 3);
	has_source(&rules.rules[0], "10.0.0.1/32");
	cr_assert_str_eq(rules.rules[0].comment, "the office");
	cr_assert_eq(rules.rules[1].families, FAMILIES_IPV6);
	has_source(&rules.rules[2], "10.0.0.2/32");
	ruleset_clear(&rules);
}

static void refuses(const char *text, const char *message, int number)
{
	struct ruleset rules = {};
	struct error error;

	cr_assert_eq(ansible_parse("f", text, strlen(text), &rules, &error), number);
	cr_assert_eq(strncmp(error.message, message, strlen(message)), 0, "%s", error.message);
	ruleset_clear(&rules);
}

Test(ansible, errors_tell_the_place)
{
	refuses("- iptables: {chain: INPUT\n", "f:2:1: YAML: ", -EINVAL);
	refuses("a: b: c\n", "f:1:5: YAML: ", -EINVAL);
}

Test(ansible, brackets_and_anchors_have_a_limit, .timeout = 20)
{
	char text[20000];

	memset(text, '[', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	refuses(text, "f has more than 500 open brackets", -E2BIG);
	for (size_t i = 0; i + 3 < sizeof(text); i += 3)
		memcpy(text + i, "&a\n", 3);
	refuses(text, "f has more than 5000 anchors", -E2BIG);
}

/* An alias of itself, and loops over one list by many tasks. */
Test(ansible, what_multiplies_is_refused, .timeout = 120)
{
	char *text;
	size_t size;
	FILE *stream;
	struct ruleset rules = parse("- &a\n  - *a\n");

	cr_assert_eq(rules.rule_count, 0);
	ruleset_clear(&rules);
	stream = open_memstream(&text, &size);
	fputs("- hosts: a\n  vars:\n    l: [", stream);
	for (int i = 0; i < 1000; i++)
		fputs("1,", stream);
	fputs("]\n  tasks:\n", stream);
	for (int i = 0; i < 1000; i++)
		fputs("    - {iptables: {chain: A}, loop: '{{ l }}'}\n", stream);
	fclose(stream);
	refuses(text, "f: loops and aliases multiply", -E2BIG);
	free(text);
}

Test(ansible, mutations_never_do_harm)
{
	struct random random = {49};

	for (int i = 0; i < 5000; i++) {
		struct dump dump = dump_of(playbook, strlen(playbook) - random_below(&random, 200));
		struct ruleset rules = {};
		struct error error;

		for (int flips = 0; flips < 3; flips++)
			dump.text[random_below(&random, (unsigned int)dump.size)] =
				"{}[]*&:-,#\" \n\xc3|>"[random_below(&random, 16)];
		ansible_parse("hostile", dump.text, dump.size, &rules, &error);
		ruleset_clear(&rules);
		dump_free(&dump);
	}
}
