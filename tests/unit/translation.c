// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/translation.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "sipguard/abi.h"

/* "udp 15060-15060 5060-5060; ..." of all that was found */
static void describe(const struct facts *facts, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < facts->translation_count; i++) {
		const struct translation_facts *at = &facts->translations[i];

		length += (size_t)snprintf(text + length, size - length, "%s%s %u-%u %u-%u",
					   i ? "; " : "", port_table_name(at->table), at->from,
					   at->from_last, at->to, at->to_last);
	}
}

/* Expressions as `nft -j list ruleset` 1.0.6 writes them. */
static const struct {
	const char *expressions;
	const char *found;
} rules[] = {
	{"{\"match\": {\"op\": \"==\", \"left\": {\"payload\": {\"protocol\": \"udp\", "
	 "\"field\": \"dport\"}}, \"right\": 15060}}, {\"dnat\": {\"addr\": \"10.0.0.1\", "
	 "\"port\": 5060}}",
	 "udp 15060-15060 5060-5060"},
	{"{\"match\": {\"op\": \"==\", \"left\": {\"payload\": {\"protocol\": \"tcp\", "
	 "\"field\": \"dport\"}}, \"right\": {\"set\": [6060, {\"range\": [7000, 7010]}]}}}, "
	 "{\"counter\": {\"packets\": 0, \"bytes\": 0}}, {\"redirect\": {\"port\": 5061}}",
	 "tcp 6060-6060 5061-5061; tcp 7000-7010 5061-5061"},
	{"{\"match\": {\"op\": \"==\", \"left\": {\"payload\": {\"protocol\": \"udp\", "
	 "\"field\": \"dport\"}}, \"right\": 1}}, {\"redirect\": {\"port\": {\"range\": "
	 "[5060, 5061]}}}",
	 "udp 1-1 5060-5061"},
	{"{\"match\": {\"op\": \"==\", \"left\": {\"meta\": {\"key\": \"l4proto\"}}, \"right\": "
	 "{\"set\": [\"tcp\", \"udp\"]}}}, {\"match\": {\"op\": \"==\", \"left\": {\"payload\": "
	 "{\"protocol\": \"th\", \"field\": \"dport\"}}, \"right\": 99}}, {\"dnat\": {\"addr\": "
	 "\"10.0.0.1\", \"port\": 5060}}",
	 "udp 99-99 5060-5060; tcp 99-99 5060-5060"},
	{"{\"match\": {\"op\": \"==\", \"left\": {\"payload\": {\"protocol\": \"udp\", "
	 "\"field\": \"dport\"}}, \"right\": \"@ports\"}}, {\"redirect\": {\"port\": 5060}}",
	 "udp 1-65535 5060-5060"},
	{"{\"match\": {\"op\": \"==\", \"left\": {\"meta\": {\"key\": \"iifname\"}}, \"right\": "
	 "\"eth0\"}}, {\"dnat\": {\"addr\": \"10.0.0.1\"}}",
	 ""},
	{"{\"match\": {\"op\": \"!=\", \"left\": {\"payload\": {\"protocol\": \"udp\", "
	 "\"field\": \"dport\"}}, \"right\": 53}}, {\"match\": {\"op\": \"==\", \"left\": "
	 "{\"meta\": {\"key\": \"l4proto\"}}, \"right\": \"udp\"}}, {\"redirect\": {\"port\": "
	 "5060}}",
	 "udp 1-65535 5060-5060"},
	{"{\"xt\": {\"type\": \"target\", \"name\": \"DNAT\"}}, {\"accept\": null}", ""},
	/* What is not understood can lead anywhere. */
	{"{\"match\": {\"op\": \"==\", \"left\": {\"meta\": {\"key\": \"l4proto\"}}, \"right\": "
	 "\"udp\"}}, {\"redirect\": {\"port\": {\"jhash\": {}}}}",
	 "udp 1-65535 1-65535"},
	{"{\"dnat\": {\"family\": \"ip\", \"addr\": {\"map\": {\"key\": {\"payload\": {\"protocol\": "
	 "\"udp\", \"field\": \"dport\"}}, \"data\": {\"set\": [[15060, {\"concat\": [\"192.0.2.1\", "
	 "5060]}]]}}}}}",
	 "udp 15060-15060 5060-5060"},
	{"{\"match\": {\"op\": \"==\", \"left\": {\"meta\": {\"key\": \"l4proto\"}}, \"right\": "
	 "\"tcp\"}}, {\"redirect\": {\"port\": {\"map\": {\"key\": {\"payload\": {\"protocol\": "
	 "\"tcp\", \"field\": \"dport\"}}, \"data\": {\"set\": [[15060, 5060]]}}}}}",
	 "tcp 15060-15060 5060-5060"},
	{"{\"match\": {\"op\": \"==\", \"left\": {\"payload\": {\"protocol\": \"udp\", "
	 "\"field\": \"dport\"}}, \"right\": 15060}}, {\"tproxy\": {\"port\": 5060}}, {\"mangle\": "
	 "{\"key\": {\"meta\": {\"key\": \"mark\"}}, \"value\": 1}}, {\"accept\": null}",
	 "udp 15060-15060 5060-5060"},
	{"{\"match\": {\"op\": \"==\", \"left\": {\"payload\": {\"protocol\": \"udp\", "
	 "\"field\": \"dport\"}}, \"right\": 15060}}, {\"mangle\": {\"key\": {\"payload\": "
	 "{\"protocol\": \"udp\", \"field\": \"dport\"}}, \"value\": 5060}}",
	 "udp 15060-15060 5060-5060"},
	{"17, null, \"x\", {\"dnat\": 5}, {\"match\": []}", ""},
};

static int read_rule(const char *expressions, struct facts *facts)
{
	char text[1024];
	struct error error;
	int length = snprintf(text, sizeof(text),
			      "{\"nftables\": [{\"metainfo\": {}}, {\"rule\": {\"family\": \"ip\", "
			      "\"table\": \"nat\", \"chain\": \"pre\", \"handle\": 4, \"expr\": "
			      "[%s]}}]}",
			      expressions);

	return translations_of_nft(text, (size_t)length, facts, &error);
}

Test(translation, rules_of_nft)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct facts facts = {};
		char found[256];

		cr_assert_eq(read_rule(rules[i].expressions, &facts), 0);
		describe(&facts, found, sizeof(found));
		cr_assert_str_eq(found, rules[i].found, "%zu: %s", i, found);
		if (facts.translation_count)
			cr_assert_str_eq(facts.translations[0].rule,
					 "nft rule ip nat pre handle 4");
		facts_clear(&facts);
	}
}

Test(translation, what_is_no_answer_of_nft_is_refused)
{
	static const char *const texts[] = {"", "{", "[]", "{\"nftables\": 5}", "\xff\xfe"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct facts facts = {};
		struct error error;

		cr_assert_lt(translations_of_nft(texts[i], strlen(texts[i]), &facts, &error), 0);
	}
}

static const struct {
	const char *line;
	const char *found;
} lines[] = {
	{"-A PREROUTING -p udp -m udp --dport 25060 -j DNAT --to-destination 10.0.0.1:5060",
	 "udp 25060-25060 5060-5060"},
	{"-A DOCKER ! -i docker0 -p tcp -m tcp --dport 9 -j DNAT --to-destination 172.17.0.2:5060",
	 "tcp 9-9 5060-5060"},
	{"-A PREROUTING -p tcp -m multiport --dports 1,2:4 -j REDIRECT --to-ports 5060",
	 "tcp 1-1 5060-5060; tcp 2-4 5060-5060"},
	{"-A PREROUTING -p sctp -m sctp --dport 7 -j DNAT --to-destination [2001:db8::1]:5060-5061",
	 "sctp 7-7 5060-5061"},
	{"-A PREROUTING -p udp -m udp ! --dport 7 -j REDIRECT --to-ports 5060 --random",
	 "udp 1-65535 5060-5060"},
	{"-A PREROUTING -d 192.0.2.1/32 -j DNAT --to-destination 10.0.0.1", ""},
	{"-A PREROUTING -d 2001:db8::9/128 -j DNAT --to-destination 2001:db8::5060", ""},
	{"-A OUTPUT -p udp -m udp --dport 7 -j REDIRECT --to-ports 5060", ""},
	{"-A PREROUTING -p udp --dport 5060 -j ACCEPT", ""},
	{":PREROUTING ACCEPT [0:0]", ""},
	{"# -A PREROUTING -p udp --dport 1 -j REDIRECT --to-ports 5060", ""},
	/* A port that is not understood can be any. */
	{"-A PREROUTING -p udp --dport x -j REDIRECT --to-ports 5060", "udp 1-65535 5060-5060"},
	{"-A PREROUTING -p udp --dport 9 -j REDIRECT --to-ports 0", ""},
};

Test(translation, lines_of_iptables_save)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct facts facts = {};
		struct error error;
		char text[256], found[256];
		int length = snprintf(text, sizeof(text), "*nat\n%s\nCOMMIT\n", lines[i].line);

		cr_assert_eq(translations_of_iptables("iptables-save", text, (size_t)length, &facts,
						      &error),
			     0);
		describe(&facts, found, sizeof(found));
		cr_assert_str_eq(found, lines[i].found, "%s: %s", lines[i].line, found);
		facts_clear(&facts);
	}
}

Test(translation, bytes_of_rules_are_escaped)
{
	static const char text[] = "-A P\033[31m -p udp --dport 9 -j REDIRECT --to-ports 5060\n";
	struct facts facts = {};
	struct error error;

	translations_of_iptables("iptables-save", text, strlen(text), &facts, &error);
	cr_assert_eq(facts.translation_count, 1);
	cr_assert_null(strchr(facts.translations[0].rule, '\033'));
	facts_clear(&facts);
}

Test(translation, mutations_never_do_harm)
{
	struct random random = {11};

	for (int i = 0; i < 20000; i++) {
		const char *source = i & 1 ? lines[random_below(&random, 9)].line
					   : rules[random_below(&random, 7)].expressions;
		size_t size = strlen(source);
		char *copy = malloc(size + 1);
		struct facts facts = {};
		struct error error;

		memcpy(copy, source, size + 1);
		for (int flips = 0; flips < 3; flips++)
			copy[random_below(&random, (uint32_t)size)] = (char)random_next(&random);
		if (i & 1)
			translations_of_iptables("x", copy, size, &facts, &error);
		else
			read_rule(copy, &facts);
		facts_clear(&facts);
		free(copy);
	}
}
