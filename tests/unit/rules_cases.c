// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules as firewalls of VoIP hosts have them, each with what an import makes of it and what lint
 * finds: what was not understood trusts nobody and hides nothing.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/list_file.h"
#include "rules/import/import.h"
#include "rules/lint/lint.h"

#define NOW    1800000000
#define DROP   ":INPUT DROP [0:0]\n"
#define UDP    "-p udp -m udp --dport 5060 "
#define OFFICE "-m comment --comment office "

static struct rules_report import_text(const char *text, char **list)
{
	struct entry_list entries = {};
	struct rules_report report = {};
	struct sg_ports ports;
	struct rules_input input = {
		.name = "f", .text = text, .size = strlen(text), .ports = &ports, .now = NOW};
	struct error error;
	size_t length;
	FILE *stream;

	ports_default(&ports);
	cr_assert_eq(rules_import("iptables-save", &input, &entries, &report, &error), 0, "%s",
		     error.message);
	stream = open_memstream(list, &length);
	for (size_t i = 0; i < entries.count; i++) {
		char prefix[PREFIX_TEXT_SIZE];

		prefix_format(&entries.entries[i].prefix, prefix);
		fprintf(stream, "%s%s%s", i ? " " : "", prefix,
			entries.entries[i].verdict == SG_ENTRY_DENY ? " deny" : "");
	}
	fclose(stream);
	entry_list_clear(&entries);
	return report;
}

/* The entries, with blanks between. */
static void becomes(const char *text, const char *wanted)
{
	char *list;
	struct rules_report report = import_text(text, &list);

	cr_assert_str_eq(list, wanted, "%s\nbecame %s", text, list);
	rules_report_clear(&report);
	free(list);
}

/* What is said of a line, or "" of nothing. */
static void tells(const char *text, size_t line, const char *wanted)
{
	char *list;
	struct rules_report report = import_text(text, &list);
	const char *told = "";

	for (size_t i = 0; i < report.count; i++)
		told = report.remarks[i].place.line == line ? report.remarks[i].reason : told;
	cr_assert(*wanted ? strstr(told, wanted) != NULL : !*told, "%s\nline %zu: %s", text, line,
		  told);
	rules_report_clear(&report);
	free(list);
}

/* "SG001:2", the worst first; IPv6 is closed beside it. */
static void finds(const char *rules, const char *wanted)
{
	struct lint_document document = {};
	struct lint_question question;
	struct findings findings = {};
	struct error error;
	char text[4096], found[512] = "";
	size_t length = 0;
	struct lint_input input = {"f", text, 0, LINT_IPTABLES};

	input.size = (size_t)snprintf(text, sizeof(text), "%sip6tables -P INPUT DROP\n", rules);
	cr_assert_eq(lint_question_init(&question, NULL, &error), 0);
	question.now = NOW;
	cr_assert_eq(lint_read(&input, &document, &error), 0, "%s", error.message);
	question.families = document.families;
	cr_assert_eq(lint_document(&document, &question, 0, &findings, &error), 0, "%s",
		     error.message);
	for (size_t i = 0; i < findings.count; i++)
		length += (size_t)snprintf(found + length, sizeof(found) - length, "%s%s:%zu",
					   i ? " " : "", lint_checks[findings.findings[i].id].id,
					   findings.findings[i].place.line);
	cr_assert_str_eq(found, wanted, "%s\ngives %s\ninstead of %s", rules, found, wanted);
	lint_findings_clear(&findings);
	lint_document_clear(&document);
}

Test(rules_cases, a_drop_with_an_unknown_option_leaves_the_rest)
{
	static const char rules[] = DROP "-A INPUT -f -j DROP\n"
					 "-A INPUT -s 203.0.113.7 " UDP OFFICE "-j ACCEPT\n";

	becomes(rules, "203.0.113.7/32");
	tells(rules, 2, "(-f)");
	tells(rules, 3, "");
	finds(rules, "");
}

Test(rules_cases, an_accept_with_an_unknown_option_trusts_nobody)
{
	static const char rules[] = DROP "-A INPUT -s 203.0.113.7 " UDP OFFICE
					 "-m geoip --source-country DE -j ACCEPT\n";

	becomes(rules, "");
	tells(rules, 2, "-m geoip, --source-country DE");
	finds(DROP "-A INPUT " UDP "-m geoip --source-country DE -j ACCEPT\n", "SG018:2");
}

Test(rules_cases, the_port_before_translation)
{
	becomes(DROP "-A INPUT -s 203.0.113.8 -p tcp -m conntrack --ctorigdstport 5222 -j ACCEPT\n"
		     "-A INPUT -s 203.0.113.9 -p udp -m conntrack --ctorigdstport 5060 "
		     "--ctdir ORIGINAL -j ACCEPT\n",
		"203.0.113.9/32");
}

Test(rules_cases, packets_to_this_host_are_local)
{
	finds(DROP ":local - [0:0]\n-A INPUT -j local\n-A INPUT " UDP "-j ACCEPT\n"
		   "-A local -m addrtype --dst-type LOCAL -j RETURN\n-A local -j DROP\n",
	      "SG001:4");
}

Test(rules_cases, a_return_for_some_sources)
{
	becomes(DROP ":SIP - [0:0]\n-A INPUT " UDP "-j SIP\n-A INPUT " UDP "-j ACCEPT\n"
		     "-A SIP -s 198.51.100.66 -j RETURN\n-A SIP -j DROP\n",
		"198.51.100.66/32");
	/* A RETURN that may match makes nobody sure to get behind the DROP. */
	becomes(DROP ":SIP - [0:0]\n-A INPUT " UDP "-j SIP\n-A INPUT " UDP "-j ACCEPT\n"
		     "-A SIP -s 198.51.100.66 -m geoip --source-country DE -j RETURN\n"
		     "-A SIP -j DROP\n",
		"");
}

Test(rules_cases, a_return_that_may_match_closes_nothing)
{
	finds(":INPUT ACCEPT [0:0]\n-A INPUT -p udp -m geoip --source-country DE -j RETURN\n"
	      "-A INPUT " UDP "-j ACCEPT\n-A INPUT -j DROP\n",
	      "SG018:1 SG018:3");
	/* Or leads to the policy, from a goto as well. */
	finds(":INPUT ACCEPT [0:0]\n:C - [0:0]\n"
	      "-A INPUT -p udp -m geoip --source-country DE -g C\n-A INPUT -j DROP\n",
	      "SG018:1");
	finds(":INPUT ACCEPT [0:0]\n:C - [0:0]\n"
	      "-A INPUT -p udp -m set --match-set office src -g C\n-A INPUT -j DROP\n",
	      "");
}

/* All but a few who may match are strangers. */
Test(rules_cases, all_but_some_may_get_in)
{
	finds(DROP "-A INPUT ! -s 203.0.113.0/24 " UDP "-m geoip --source-country DE -j ACCEPT\n",
	      "SG018:2");
	finds(DROP "-A INPUT ! -s 203.0.113.0/24 " UDP "-j NFQUEUE --queue-num 7\n", "SG018:2");
	finds(DROP "-A INPUT " UDP "-m set ! --match-set banned src -j ACCEPT\n", "SG018:2");
	finds(DROP "-A INPUT " UDP "-m set --match-set office src -j ACCEPT\n", "");
	finds(DROP "-A INPUT ! -s pbx.example.com " UDP "-j ACCEPT\n", "SG018:2");
	/* Strangers who knock are in a set that rules fill. */
	finds("create knocked hash:ip\n" DROP
	      "-A INPUT -p tcp -m tcp --dport 7000 -j SET --add-set knocked src\n"
	      "-A INPUT " UDP "-m set --match-set knocked src -j ACCEPT\n",
	      "SG018:4");
}

Test(rules_cases, a_return_that_may_match_is_told)
{
	tells(":INPUT ACCEPT [0:0]\n-A INPUT -s 203.0.113.7 " UDP
	      "-m geoip --source-country DE -j RETURN\n-A INPUT -j DROP\n",
	      2, "nobody is trusted for it");
}

/* A source of a set of which others are allowed. */
Test(rules_cases, who_of_a_set_is_left_out_is_named)
{
	tells("create s hash:net,iface\nadd s 203.0.113.0/24,eth0\nadd s 198.51.100.224/28,eth1\n" DROP
	      "-A INPUT -p tcp -m set --match-set s src,src -j ACCEPT\n"
	      "-A INPUT -p tcp -m tcp --dport 5060 -s 203.0.113.0/24 -j ACCEPT\n",
	      5, "198.51.100.224/28 is not allowed");
}

/* Before connections are tracked every packet is INVALID, and dropping these drops all. */
Test(rules_cases, states_before_connections_are_tracked)
{
	becomes("*raw\n:PREROUTING ACCEPT [0:0]\n"
		"-A PREROUTING -m conntrack --ctstate INVALID -j DROP\n*filter\n" DROP
		"-A INPUT -s 203.0.113.7 " UDP "-j ACCEPT\n",
		"");
	becomes("*raw\n:PREROUTING ACCEPT [0:0]\n"
		"-A PREROUTING -m conntrack --ctstate NEW,ESTABLISHED -j DROP\n*filter\n" DROP
		"-A INPUT -s 203.0.113.7 " UDP "-j ACCEPT\n",
		"203.0.113.7/32");
	/* A packet that begins a connection is not. */
	becomes("*mangle\n:PREROUTING ACCEPT [0:0]\n"
		"-A PREROUTING -m conntrack --ctstate INVALID -j DROP\n*filter\n" DROP
		"-A INPUT -s 203.0.113.7 " UDP "-j ACCEPT\n",
		"203.0.113.7/32");
}

#define TRUNK DROP "-A INPUT -s 203.0.113.7 " UDP "-j ACCEPT\n"

/* nft takes a drop there, which meets the first packet of a connection if these are tracked. */
Test(rules_cases, a_chain_that_translates_drops)
{
	becomes("*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -s 203.0.113.7 -j DROP\n*filter\n" TRUNK,
		"");
	becomes("*nat\n:INPUT ACCEPT [0:0]\n-A INPUT -s 203.0.113.0/24 -j DROP\n*filter\n" TRUNK,
		"");
	becomes("*nat\n:PREROUTING DROP [0:0]\n*filter\n" TRUNK, "");
	becomes("*nat\n:PREROUTING DROP [0:0]\n-A PREROUTING -s 203.0.113.7 -j ACCEPT\n*filter\n" TRUNK,
		"203.0.113.7/32");
	becomes("*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -s 203.0.113.8 -j DROP\n*filter\n" TRUNK,
		"203.0.113.7/32");
	/* It lets nobody in. */
	becomes("*nat\n:PREROUTING DROP [0:0]\n-A PREROUTING -s 203.0.113.7 -j ACCEPT\n*filter\n" DROP,
		"");
	finds("*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j DROP\n*filter\n" DROP
	      "-A INPUT " UDP "-j ACCEPT\n*raw\n:PREROUTING ACCEPT [0:0]\n",
	      "SG018:6");
	/* So does a target that only the kernel knows, perhaps. */
	finds("*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -j NFQUEUE --queue-num 7\n"
	      "*filter\n" DROP "-A INPUT " UDP "-j ACCEPT\n",
	      "SG018:6");
	becomes("*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -j NFQUEUE --queue-num 7\n"
		"*filter\n" TRUNK,
		"");
}

/* What another stage drops behind it is no finding of the rule that accepts half of the internet.
 */
Test(rules_cases, half_of_the_internet)
{
	finds(DROP "-A INPUT -s 128.0.0.0/1 " UDP OFFICE "-j ACCEPT\n", "SG001:2");
	finds(DROP "-A INPUT -s 128.0.0.0/1 " UDP OFFICE "-m geoip --source-country DE -j ACCEPT\n",
	      "SG018:2");
	finds(DROP "-A INPUT -s 128.0.0.0/1 " UDP "-j NFQUEUE --queue-num 7\n", "SG018:2");
	finds("create b hash:net\nadd b 0.0.0.0/1\ncreate a list:set\nadd a b\n" DROP
	      "-A INPUT " UDP "-m set --match-set a src -j ACCEPT\n",
	      "SG001:6");
	finds(":INPUT ACCEPT [0:0]\n-A INPUT ! -s 0.0.0.0/1 -j DROP\n", "SG001:1");
	finds("*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -s 128.0.0.0/1 " UDP OFFICE
	      "-j ACCEPT\n-A PREROUTING -j DROP\n*filter\n" DROP,
	      "");
}

Test(rules_cases, a_goto_does_not_come_back)
{
	becomes(DROP ":lan - [0:0]\n-A INPUT -s 192.0.2.0/24 -g lan\n"
		     "-A INPUT -s 192.0.2.10 " UDP "-j ACCEPT\n"
		     "-A INPUT -s 198.51.100.66 " UDP "-j ACCEPT\n"
		     "-A lan -p tcp -m tcp --dport 22 -j ACCEPT\n",
		"198.51.100.66/32");
}

Test(rules_cases, negated_sources)
{
	becomes(DROP "-A INPUT ! -s 203.0.113.0/24 -j DROP\n-A INPUT " UDP "-j ACCEPT\n",
		"203.0.113.0/24");
	finds(DROP "-A INPUT ! -s 203.0.113.0/24 " UDP "-j ACCEPT\n", "SG001:2");
	finds("create t hash:net\nadd t 10.0.0.0/8\n" DROP "-A INPUT " UDP
	      "-m set ! --match-set t src -j ACCEPT\n",
	      "SG001:4");
}

Test(rules_cases, devices)
{
	static const char guide[] = ":INPUT ACCEPT [0:0]\n"
				    "-A INPUT -i eth0 -s 203.0.113.7 -p udp " OFFICE "-j ACCEPT\n"
				    "-A INPUT -i eth0 -s 203.0.113.7 -p tcp " OFFICE "-j ACCEPT\n"
				    "-A INPUT -i eth0 -j DROP\n";

	finds(DROP "-A INPUT -i eth1 " UDP "-j ACCEPT\n", "SG001:2");
	finds(guide, "SG019:4");
	becomes(guide, "203.0.113.7/32");
	tells(guide, 2, "");
	tells(guide, 3, "");
	becomes(DROP "-A INPUT ! -i lo -s 203.0.113.7 " UDP "-j ACCEPT\n-A INPUT -i lo -j ACCEPT\n",
		"203.0.113.7/32");
	finds(DROP "-A INPUT -i lo -j ACCEPT\n", "");
	/* By one device and by all: there is an entry, and nothing says that there is none. */
	becomes(DROP ":SIP - [0:0]\n-A INPUT -i eth0 -j SIP\n-A INPUT -j SIP\n"
		     "-A SIP -s 203.0.113.7 " UDP "-j ACCEPT\n",
		"203.0.113.7/32");
	tells(DROP ":SIP - [0:0]\n-A INPUT -i eth0 -j SIP\n-A INPUT -j SIP\n"
		   "-A SIP -s 203.0.113.7 " UDP "-j ACCEPT\n",
	      5, "");
}

Test(rules_cases, sets)
{
	becomes("create a hash:net\nadd a 203.0.113.0/26\ncreate b hash:net family inet6\n"
		"create both list:set size 8\nadd both a\nadd both b\n" DROP "-A INPUT " UDP
		"-m set --match-set both src -j ACCEPT\n",
		"203.0.113.0/26");
	becomes("create n hash:ip netmask 24\nadd n 203.0.113.0\n" DROP "-A INPUT " UDP
		"-m set --match-set n src -j ACCEPT\n",
		"203.0.113.0/24");
	becomes("create a hash:ip -exist\nadd -exist a 203.0.113.1\ncreate b hash:ip\n"
		"add b 203.0.113.2\nswap a b\n" DROP "-A INPUT " UDP
		"-m set --match-set a src -j ACCEPT\n",
		"203.0.113.2/32");
	becomes("create i hash:net,iface\nadd i 203.0.113.0/24,eth1\n" DROP "-A INPUT " UDP
		"-m set --match-set i src,src -j ACCEPT\n",
		"");
	becomes("create m hash:mac\n" DROP "-A INPUT " UDP "-m set --match-set m src -j ACCEPT\n",
		"");
}

Test(rules_cases, marks)
{
	becomes("*mangle\n:PREROUTING ACCEPT [0:0]\n"
		"-A PREROUTING -s 203.0.113.7 -j MARK --set-xmark 0x1/0xffffffff\n"
		"*filter\n" DROP "-A INPUT " UDP "-m mark --mark 0x1 -j ACCEPT\n",
		"203.0.113.7/32");
}

Test(rules_cases, a_jump_that_holds_the_sources_is_named)
{
	static const char rules[] = DROP ":known - [0:0]\n-A INPUT -s 203.0.113.7 -j known\n"
					 "-A INPUT -s 203.0.113.8 -j known\n"
					 "-A known -m mark --mark 0x1/0x1 -j ACCEPT\n";

	tells(rules, 3, "the guard will drop them");
	tells(rules, 4, "the guard will drop them");
	becomes(rules, "");
}

Test(rules_cases, forwarded_packets)
{
	tells(DROP ":FORWARD DROP [0:0]\n:F - [0:0]\n-A FORWARD -j F\n-A F -s 203.0.113.9 " UDP
		   "-j ACCEPT\n",
	      5, "about forwarded ones");
}

Test(rules_cases, every_rule_that_accepts_everybody_is_named)
{
	finds(DROP "-A INPUT " UDP "-j ACCEPT\n-A INPUT -p udp -j ACCEPT\n-A INPUT -j ACCEPT\n",
	      "SG001:2 SG001:3 SG001:4");
	finds(DROP "-A INPUT " UDP "-j ACCEPT\n-A INPUT " UDP "-j ACCEPT\n", "SG001:2 SG001:3");
}

Test(rules_cases, the_place_is_that_of_the_policy)
{
	struct lint_document document = {};
	static const char text[] = "*filter\n" DROP
				   "-A INPUT -m conntrack --ctstate INVALID -j DROP\n";
	struct lint_input input = {"f", text, strlen(text), LINT_IPTABLES};
	struct lint_question question;
	struct findings findings = {};
	struct error error;

	cr_assert_eq(lint_question_init(&question, NULL, &error), 0);
	cr_assert_eq(lint_read(&input, &document, &error), 0);
	question.families = document.families;
	cr_assert_eq(lint_document(&document, &question, 0, &findings, &error), 0);
	cr_assert_eq(findings.count, 1);
	cr_assert_str_eq(lint_checks[findings.findings[0].id].id, "SG007");
	cr_assert_eq(findings.findings[0].place.line, 2);
	lint_findings_clear(&findings);
	lint_document_clear(&document);
}

Test(rules_cases, a_prefix_is_no_chain)
{
	static const char list[] = "::/0 # everybody\n";

	cr_assert_eq(lint_guess_format("f", list, strlen(list)), LINT_LIST);
}

/* 20,000 networks, each with a jump to one chain of 20,000 rules. */
Test(rules_cases, two_long_lists_are_no_product, .timeout = 60)
{
	char *text, *list;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	struct rules_report report;

	fputs(DROP, stream);
	for (unsigned int i = 0; i < 20000; i++)
		fprintf(stream,
			"-A INPUT -s 10.%u.%u.0/24 -j C\n-A C -s 10.%u.%u.7 " UDP "-j ACCEPT\n",
			i >> 8, i & 255, i >> 8, i & 255);
	fclose(stream);
	report = import_text(text, &list);
	cr_assert_not_null(strstr(list, "10.0.0.7/32"));
	cr_assert_not_null(strstr(list, "10.78.31.7/32"));
	rules_report_clear(&report);
	free(list);
	free(text);
}
