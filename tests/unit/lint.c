// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/lint/lint.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "random.h"
#include "unit/dumps.h"

#define NOW 1800000000

/* Reads and judges a text, which must outlive the findings. */
static struct findings lint_text(const char *name, const char *text, size_t size)
{
	struct lint_input input = {name, text, size, lint_guess_format(name, text, size)};
	struct lint_document document = {};
	struct lint_question question;
	struct findings findings = {};
	struct error error;

	cr_assert_eq(lint_question_init(&question, NULL, &error), 0);
	question.now = NOW;
	cr_assert_eq(lint_read(&input, &document, &error), 0, "%s", error.message);
	question.families = document.families;
	cr_assert_eq(lint_document(&document, &question, 0, &findings, &error), 0, "%s",
		     error.message);
	lint_document_clear(&document);
	return findings;
}

/* "SG001:2 SG010:3": identifiers and lines, in the order of lines. */
static void finds(const char *name, const char *text, const char *wanted)
{
	struct findings findings = lint_text(name, text, strlen(text));
	char found[512] = "";
	size_t length = 0;

	for (size_t i = 0; i < findings.count; i++)
		length += (size_t)snprintf(found + length, sizeof(found) - length, "%s%s:%zu",
					   i ? " " : "", lint_checks[findings.findings[i].id].id,
					   findings.findings[i].place.line);
	cr_assert_str_eq(found, wanted, "%s\ngives %s\ninstead of %s", text, found, wanted);
	lint_findings_clear(&findings);
}

/* Rules behind which everything is closed, so that they alone are judged. */
#define CLOSED(rules) rules "-A INPUT -j DROP\n-P INPUT DROP\nip6tables -P INPUT DROP\n"
#define WHO	      "-m comment --comment who "
#define UDP	      "-p udp --dport 5060 "

Test(lint, what_is_right_has_no_findings)
{
	finds("f", CLOSED("-A INPUT -s 203.0.113.7 " UDP WHO "-j ACCEPT\n"), "");
	finds("f",
	      CLOSED("-A INPUT -i lo -j ACCEPT\n"
		     "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
		     "-A INPUT -p tcp --dport 22 -j ACCEPT\n"
		     "-A INPUT -p udp -m multiport --dports 5060,5061 -j SIP\n"
		     "-A SIP -s 203.0.113.0/24 " WHO "-j ACCEPT\n"
		     "-A SIP -j DROP\n"),
	      "");
	finds("f", "203.0.113.7 # trunk\n198.51.100.0/24 # office\n198.51.100.9 deny # noisy\n",
	      "");
	finds("f", "", "");
}

Test(lint, open_to_all)
{
	finds("f", CLOSED("-A INPUT -p udp --dport 5060 -j ACCEPT\n"), "SG001:1");
	finds("f", CLOSED("-A INPUT -s 0.0.0.0/0 -p udp --dport 5060 -j ACCEPT\n"), "SG001:1");
	finds("f", CLOSED("-A INPUT -j ACCEPT\n"), "SG001:1");
	finds("f", CLOSED("-A INPUT -p udp --dport 5060 -m limit --limit 9/s -j ACCEPT\n"),
	      "SG001:1");
	finds("f", ":INPUT ACCEPT [0:0]\n", "SG001:1");
	finds("f", "0.0.0.0/1 # half\n", "SG001:1");
	/* Not reached, or not about SIP. */
	finds("f", CLOSED("-A INPUT -p udp --dport 10000:20000 -j ACCEPT\n"), "");
	finds("f", CLOSED("-A INPUT -p udp --dport 5060 -j DROP\n-A INPUT -p udp -j ACCEPT\n"), "");
}

Test(lint, no_drop)
{
	finds("f", "-A INPUT -s 203.0.113.7 " UDP WHO "-j ACCEPT\n", "SG002:1");
	finds("f",
	      "-A INPUT -s 203.0.113.7 " UDP WHO "-j ACCEPT\n"
	      "-A INPUT -s 203.0.113.8 " UDP WHO "-j ACCEPT\n"
	      "-P INPUT ACCEPT\n",
	      "SG002:2 SG001:3");
	finds("f", CLOSED("-A INPUT -s 203.0.113.7 " UDP WHO "-j ACCEPT\n"), "");
}

Test(lint, order)
{
	finds("f",
	      CLOSED("-A INPUT " UDP "-j DROP\n-A INPUT -s 203.0.113.7 " UDP WHO "-j ACCEPT\n"),
	      "SG003:2");
	finds("f",
	      CLOSED("-A INPUT -s 203.0.113.0/24 " UDP WHO "-j ACCEPT\n"
		     "-A INPUT -s 203.0.113.7 " UDP "-j DROP\n"),
	      "SG004:2");
	finds("f",
	      CLOSED("-A INPUT -s 203.0.113.7 " UDP "-j DROP\n"
		     "-A INPUT -s 203.0.113.0/24 " UDP WHO "-j ACCEPT\n"),
	      "");
	/* A rule that is about other ports as well has something left to decide. */
	finds("f", CLOSED("-A INPUT " UDP "-j DROP\n-A INPUT -s 203.0.113.7 " WHO "-j ACCEPT\n"),
	      "");
}

Test(lint, redundant)
{
	finds("f",
	      CLOSED("-A INPUT -s 203.0.113.0/24 " UDP WHO "-j ACCEPT\n"
		     "-A INPUT -s 203.0.113.7 " UDP WHO "-j ACCEPT\n"),
	      "SG009:2");
	finds("f",
	      CLOSED("-A INPUT -s 203.0.113.7 " UDP WHO "-j ACCEPT\n"
		     "-A INPUT -s 203.0.113.7 -p tcp --dport 5060 " WHO "-j ACCEPT\n"),
	      "");
	finds("f", "10.0.0.0/8 # a\n10.1.0.0/16 # b\n", "SG009:2");
	finds("f", "10.0.0.1 # a\n10.0.0.1 # b\n", "SG021:2");
	finds("f", "10.0.0.0/8 # a\n10.1.0.0/16 deny # b\n10.1.1.0/24 # c\n", "");
	/* It stays when the wider one ends. */
	finds("f", "10.0.0.0/8 until 2037-01-01T00:00Z # a\n10.1.0.0/16 # b\n", "");
}

Test(lint, forgotten)
{
	finds("f", "-A INPUT " UDP "-j DROP\nip6tables -P INPUT DROP\n", "SG005:1 SG006:1");
	finds("f",
	      "-A INPUT -p udp -m multiport --dports 5060,5061 -j DROP\n"
	      "-A INPUT -p tcp --dport 5060 -j DROP\nip6tables -P INPUT DROP\n",
	      "SG005:1");
	finds("f",
	      "-A INPUT -p tcp --dport 5060 -j DROP\n-A INPUT " UDP
	      "-j DROP\nip6tables -P INPUT DROP\n",
	      "SG005:1");
	finds("f", "-P INPUT DROP\n", "SG007:1");
	finds("f",
	      "-P INPUT DROP\nip6tables -A INPUT " UDP "-j DROP\n"
	      "ip6tables -A INPUT -p tcp -m multiport --dports 5060,5061 -j DROP\n",
	      "");
	finds("f", "-P INPUT DROP\nip6tables -P INPUT ACCEPT\n", "SG007:1");
	/* All but one source is as good as all. */
	finds("f", "-A INPUT ! -s 203.0.113.7 -j DROP\nip6tables -P INPUT DROP\n", "");
}

Test(lint, broad)
{
	finds("f", CLOSED("-A INPUT -s 44.0.0.0/8 " UDP WHO "-j ACCEPT\n"), "SG008:1");
	finds("f", CLOSED("-A INPUT -s 10.0.0.0/8 " UDP WHO "-j ACCEPT\n"), "");
	finds("f", "44.0.0.0/15 # a\n44.128.0.0/16 # b\n2001::/31 # c\n2001:db8::/32 # d\n",
	      "SG008:1 SG008:3");
}

Test(lint, unlabelled)
{
	finds("f", CLOSED("-A INPUT -s 203.0.113.7 " UDP "-j ACCEPT\n"), "SG010:1");
	finds("f", CLOSED("-A INPUT -s 203.0.113.7 -p tcp --dport 22 -j ACCEPT\n"), "");
	finds("f", "203.0.113.7\n203.0.113.8 # b\n", "SG010:1");
}

Test(lint, wrong_chain)
{
	finds("f", CLOSED("-A LOST -s 203.0.113.7 " UDP WHO "-j ACCEPT\n"), "SG011:1");
	finds("f", CLOSED("-A FORWARD -s 203.0.113.7 " UDP WHO "-j ACCEPT\n"), "SG011:1");
	/* A gateway has rules in both. */
	finds("f",
	      CLOSED("-A FORWARD -s 203.0.113.7 " UDP WHO "-j ACCEPT\n"
		     "-A INPUT -s 203.0.113.7 " UDP WHO "-j ACCEPT\n"),
	      "");
}

Test(lint, states_ports_and_names)
{
	finds("f",
	      CLOSED("-A INPUT -s 203.0.113.7 " UDP WHO "-m state --state ESTABLISHED -j ACCEPT\n"),
	      "SG012:1");
	finds("f", CLOSED("-A INPUT -s 203.0.113.7 " UDP WHO "-m state --state NEW -j ACCEPT\n"),
	      "");
	finds("f", CLOSED("-A INPUT -p udp --sport 5060 -j ACCEPT\n"), "SG013:1");
	finds("f", CLOSED("-A INPUT -s 203.0.113.7 -p udp --sport 5060 " WHO "-j ACCEPT\n"), "");
	finds("f", CLOSED("-A INPUT -s sip.example.com " UDP WHO "-j ACCEPT\n"), "SG014:1");
}

Test(lint, entries_that_do_nothing)
{
	finds("f", "203.0.113.7 until 2020-01-01T00:00Z # a\n", "SG015:1");
	finds("f", "203.0.113.7 until 2037-01-01T00:00Z # a\n", "");
	finds("f", "203.0.113.7 deny # a\n", "SG016:1");
	finds("f", "203.0.113.0/24 until 2020-01-01T00:00Z # a\n203.0.113.7 deny # b\n",
	      "SG015:1 SG016:2");
}

Test(lint, a_comment_keeps_a_finding_away)
{
	finds("f", "# sipguard lint: ignore SG010\n203.0.113.7\n203.0.113.8\n", "SG010:3");
	finds("f", "# sipguard lint: ignore SG008\n203.0.113.7\n", "SG010:2");
	finds("f", CLOSED("  # sipguard lint: ignore SG013 SG001\n-A INPUT " UDP "-j ACCEPT\n"),
	      "");
	finds("f", "203.0.113.7 # sipguard lint: ignore SG010\n203.0.113.8\n", "SG010:2");
}

Test(lint, dumps)
{
	static const struct {
		const char *name;
		size_t count;
	} dumps[] = {
		/* SG005, SG006, SG007, and who the two sources are */
		{"guide.iptables", 5},
		{"nft.iptables", 2},
		{"legacy.iptables", 2},
		/* 198.18.0.0/15 is broad, and three rules have no comment */
		{"rules.nft.json", 4},
	};

	for (size_t i = 0; i < sizeof(dumps) / sizeof(dumps[0]); i++) {
		struct dump dump = dump_read(dumps[i].name);
		struct findings findings = lint_text(dumps[i].name, dump.text, dump.size);

		cr_assert_eq(findings.count, dumps[i].count, "%s: %zu", dumps[i].name,
			     findings.count);
		lint_findings_clear(&findings);
		dump_free(&dump);
	}
}

Test(lint, formats_are_recognised)
{
	static const struct {
		const char *name;
		const char *text;
		enum lint_format format;
	} cases[] = {
		{"f", "# Generated by iptables-save\n", LINT_IPTABLES},
		{"f", "\n*filter\n", LINT_IPTABLES},
		{"f", "-A INPUT -j DROP\n", LINT_IPTABLES},
		{"f", "create a hash:ip\n", LINT_IPTABLES},
		{"f", " { \"nftables\" : [", LINT_NFT},
		{"f", "---\n", LINT_ANSIBLE},
		{"f", "# tasks\n- name: a\n", LINT_ANSIBLE},
		{"main.yml", "tasks: []\n", LINT_ANSIBLE},
		{"f", "# who\n203.0.113.7\n", LINT_LIST},
		{"f", "", LINT_LIST},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_assert_eq(lint_guess_format(cases[i].name, cases[i].text, strlen(cases[i].text)),
			     cases[i].format, "%s", cases[i].text);
}

Test(lint, identifiers_are_unique_and_found)
{
	for (unsigned int i = 0; i < LINT_ID_COUNT; i++) {
		cr_assert_eq(lint_find_check(lint_checks[i].id), i);
		cr_assert_eq(lint_find_check(lint_checks[i].name), i);
	}
	cr_assert_eq(lint_find_check("SG999"), LINT_ID_COUNT);
}

static json_t *sarif_of(const char *name, const char *text)
{
	struct findings findings = lint_text(name, text, strlen(text));
	const char *names[8] = {name, name, name, name, name, name, name, name};
	json_t *log;

	cr_assert_leq(findings.count, 8);
	log = lint_sarif(&findings, names, "1.2.3");
	lint_findings_clear(&findings);
	return log;
}

/* What the schema of SARIF 2.1.0 demands of the objects that are written. */
Test(lint, sarif)
{
	json_t *log = sarif_of("lists/K\xc3\xb6ln #1.list",
			       "  203.0.113.7\n10.0.0.1 # \xc3\xb6\n10.0.0.1 # b\n");
	json_t *run, *rules, *result, *place;
	const char *uri;
	int line, column, end;

	cr_assert_str_eq(json_string_value(json_object_get(log, "version")), "2.1.0");
	run = json_array_get(json_object_get(log, "runs"), 0);
	cr_assert_str_eq(json_string_value(json_object_get(run, "columnKind")),
			 "unicodeCodePoints");
	rules = json_object_get(json_object_get(json_object_get(run, "tool"), "driver"), "rules");
	cr_assert_eq(json_array_size(rules), LINT_ID_COUNT);
	cr_assert_eq(json_array_size(json_object_get(run, "results")), 2);
	/* The warning about line 3 does more harm, and comes first. */
	result = json_array_get(json_object_get(run, "results"), 1);
	cr_assert_str_eq(json_string_value(json_object_get(result, "ruleId")), "SG010");
	cr_assert_str_eq(json_string_value(json_object_get(
				 json_array_get(rules, (size_t)json_integer_value(json_object_get(
							       result, "ruleIndex"))),
				 "id")),
			 "SG010");
	cr_assert_str_eq(json_string_value(json_object_get(result, "level")), "note");
	place = json_object_get(json_array_get(json_object_get(result, "locations"), 0),
				"physicalLocation");
	cr_assert_eq(json_unpack(place, "{s:{s:s}, s:{s:i, s:i, s:i}}", "artifactLocation", "uri",
				 &uri, "region", "startLine", &line, "startColumn", &column,
				 "endColumn", &end),
		     0);
	cr_assert_str_eq(uri, "lists/K%C3%B6ln%20%231.list");
	cr_assert_eq(line, 1);
	cr_assert_eq(column, 3);
	cr_assert_eq(end, 14);
	json_decref(log);
}

/* Rules by the ten thousand, and none of them costs a look at all the others. */
Test(lint, many_rules, .timeout = 120)
{
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	struct findings findings;

	for (unsigned int i = 0; i < 20000; i++)
		fprintf(stream, "-I INPUT -s 10.%u.%u.%u " UDP WHO "-j ACCEPT\n", i >> 16,
			i >> 8 & 255, i & 255);
	fputs("-A INPUT -j DROP\n-P INPUT DROP\nip6tables -P INPUT DROP\n", stream);
	fclose(stream);
	findings = lint_text("f", text, size);
	cr_assert_eq(findings.count, 0);
	lint_findings_clear(&findings);
	free(text);
}

static void refuses_format(const char *text, const char *words, const char *command)
{
	struct lint_input input = {"f", text, strlen(text),
				   lint_guess_format("f", text, strlen(text))};
	struct lint_document document = {};
	struct error error;

	cr_assert_eq(lint_read(&input, &document, &error), -EINVAL, "%s", text);
	cr_assert(strstr(error.message, words), "%s", error.message);
	cr_assert(strstr(error.hint, command), "%s", error.hint);
}

/* What programs print for people is named, with the command whose output can be judged. */
Test(lint, output_for_people)
{
	refuses_format("Chain INPUT (policy DROP 12 packets, 3456 bytes)\n"
		       " pkts bytes target     prot opt in     out     source   destination\n",
		       "iptables -L", "iptables-save");
	refuses_format("# Warning: iptables-legacy tables present\nChain SIP (1 references)\n",
		       "iptables -L", "iptables-save");
	refuses_format("Name: peers\nType: hash:net\nRevision: 7\n", "ipset list", "ipset save");
	refuses_format("table inet filter {\n\tchain input {\n", "nft list ruleset",
		       "nft -j list ruleset");
	refuses_format("#!/usr/sbin/nft -f\n\nflush ruleset\n", "nft", "nft -j list ruleset");
	refuses_format("# ours\ntable filter {\n", "nft", "nft -j list ruleset");
	refuses_format("Status: active\n\nTo  Action  From\n", "ufw status", "iptables-save");
	refuses_format("public (active)\n  target: default\n", "firewall-cmd", "nft -j");
	/* A playbook and a script may begin with nearly anything. */
	finds("f.yml", "Name: x\nType: y\n", "");
	finds("f.sh", "#!/bin/sh\nChain=x\n", "SG020:1");
}

/* The worst of all files come first. */
Test(lint, order_of_several_documents)
{
	struct finding all[] = {
		{LINT_UNLABELLED, 0, {.line = 1}, NULL}, {LINT_BROAD, 0, {.line = 3}, NULL},
		{LINT_BROAD, 1, {.line = 2}, NULL},	 {LINT_OPEN, 1, {.line = 9}, NULL},
		{LINT_NO_DROP, 1, {.line = 4}, NULL},
	};
	struct findings findings = {all, 5, 5};
	static const struct {
		enum lint_id id;
		size_t document;
	} wanted[] = {
		{LINT_NO_DROP, 1}, {LINT_OPEN, 1},	 {LINT_BROAD, 0},
		{LINT_BROAD, 1},   {LINT_UNLABELLED, 0},
	};

	lint_findings_sort(&findings);
	for (size_t i = 0; i < 5; i++) {
		cr_assert_eq(all[i].id, wanted[i].id, "finding %zu", i);
		cr_assert_eq(all[i].document, wanted[i].document, "finding %zu", i);
	}
}

/* The message of the first finding with this identifier; the caller frees it. NULL: there is none.
 */
static char *message_of(const char *text, enum lint_id id)
{
	struct findings findings = lint_text("f", text, strlen(text));
	char *message = NULL;

	for (size_t i = 0; !message && i < findings.count; i++) {
		if (findings.findings[i].id == id)
			message = strdup(findings.findings[i].message);
	}
	lint_findings_clear(&findings);
	return message;
}

#define NAT "*nat\n:PREROUTING ACCEPT [0:0]\n"

/* What is sent elsewhere is neither open nor closed here, and the translation is named. */
Test(lint, translated_ports)
{
	static const char away[] = NAT "-A PREROUTING " UDP "-j DNAT --to-destination 192.0.2.5\n"
				       "*filter\n" CLOSED("-A INPUT " UDP "-j ACCEPT\n");
	char *message = message_of(away, LINT_TRANSLATED);

	finds("f", away, "SG023:3");
	cr_assert(message && strstr(message, "192.0.2.5") && strstr(message, "udp/5060"));
	free(message);
	finds("f",
	      NAT "-A PREROUTING " UDP
		  "-j REDIRECT --to-ports 5080\n*filter\n" CLOSED("-A INPUT " UDP "-j ACCEPT\n"),
	      "SG023:3");
	/* The same port of this host, and strangers who are not translated. */
	finds("f",
	      NAT "-A PREROUTING " UDP
		  "-j REDIRECT --to-ports 5060\n*filter\n" CLOSED("-A INPUT " UDP "-j ACCEPT\n"),
	      "SG001:5");
	finds("f",
	      NAT "-A PREROUTING -s 203.0.113.7 " UDP
		  "-j REDIRECT --to-ports 5080\n*filter\n" CLOSED("-A INPUT " UDP "-j ACCEPT\n"),
	      "SG001:5");
	finds("f",
	      NAT "-A PREROUTING " UDP "-j ACCEPT\n"
		  "-A PREROUTING " UDP
		  "-j REDIRECT --to-ports 5080\n*filter\n" CLOSED("-A INPUT " UDP "-j ACCEPT\n"),
	      "SG001:6");
	/* It may match: strangers may be here, and may be elsewhere. */
	finds("f",
	      NAT "-A PREROUTING " UDP "-m foo --bar -j REDIRECT --to-ports 5080\n*filter\n" CLOSED(
		      "-A INPUT " UDP "-j ACCEPT\n"),
	      "SG023:3 SG018:5");
	/* Before a port is translated other chains drop it. */
	finds("f",
	      "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING " UDP "-j DROP\n" NAT
	      "-A PREROUTING " UDP "-j REDIRECT --to-ports 5080\n*filter\n" CLOSED(""),
	      "");
	/* Where SIP is forwarded, rules about it stand rightly in FORWARD. */
	finds("f",
	      NAT "-A PREROUTING " UDP "-j DNAT --to-destination 192.0.2.5\n*filter\n"
		  ":FORWARD DROP [0:0]\n-A FORWARD -s 203.0.113.7 " UDP WHO
		  "-j ACCEPT\n" CLOSED(""),
	      "SG023:3");
}

/* A device by which SIP is not translated is named where it lets in strangers. */
Test(lint, translated_on_some_devices)
{
	char *message = message_of(NAT "-A PREROUTING ! -i lan0 " UDP
				       "-j DNAT --to-destination 192.0.2.5\n*filter\n" CLOSED(
					       "-A INPUT " UDP "-j ACCEPT\n"),
				   LINT_OPEN);

	cr_assert(message && strstr(message, "on lan0"), "%s", message);
	free(message);
}

/* As finds(), where 192.0.2.1 is the address of this host. */
static void finds_with_local(const char *text, const char *wanted)
{
	const struct prefix ours = {{192, 0, 2, 1}, SG_FAMILY_IPV4, 32};
	struct lint_input input = {"f", text, strlen(text), LINT_IPTABLES};
	__attribute__((cleanup(lint_document_clear))) struct lint_document document = {};
	__attribute__((cleanup(lint_findings_clear))) struct findings findings = {};
	struct lint_question question;
	char found[512] = "";
	size_t length = 0;
	struct error error;

	cr_assert_eq(lint_question_init(&question, NULL, &error), 0);
	question.locals = &ours;
	question.local_count = 1;
	cr_assert_eq(lint_read(&input, &document, &error), 0, "%s", error.message);
	question.families = document.families;
	cr_assert_eq(lint_document(&document, &question, 0, &findings, &error), 0, "%s",
		     error.message);
	for (size_t i = 0; i < findings.count; i++)
		length += (size_t)snprintf(found + length, sizeof(found) - length, "%s%s:%zu",
					   i ? " " : "", lint_checks[findings.findings[i].id].id,
					   findings.findings[i].place.line);
	cr_assert_str_eq(found, wanted, "%s\ngives %s\ninstead of %s", text, found, wanted);
}

#define AWAY NAT "-A PREROUTING " UDP "-j DNAT --to-destination 192.0.2.5\n*filter\n"

/* What surely goes to another host is judged by FORWARD. */
Test(lint, forwarded_ports)
{
	finds_with_local(AWAY ":FORWARD DROP [0:0]\n" CLOSED(""), "");
	finds_with_local(AWAY ":FORWARD DROP [0:0]\n"
			      "-A FORWARD -d 192.0.2.5 -s 203.0.113.7 " UDP WHO
			      "-j ACCEPT\n" CLOSED(""),
			 "");
	finds_with_local(AWAY ":FORWARD ACCEPT [0:0]\n" CLOSED(""), "SG001:5 SG023:3");
	finds_with_local(AWAY ":FORWARD DROP [0:0]\n-A FORWARD -d 192.0.2.5 " UDP
			      "-j ACCEPT\n" CLOSED(""),
			 "SG001:6 SG023:3");
	/* Another destination, and one that is known only in part. */
	finds_with_local(AWAY ":FORWARD DROP [0:0]\n-A FORWARD -d 192.0.2.6 " UDP
			      "-j ACCEPT\n" CLOSED(""),
			 "");
	finds_with_local(AWAY ":FORWARD DROP [0:0]\n-A FORWARD -o br0 " UDP
			      "-j ACCEPT\n" CLOSED(""),
			 "SG023:3 SG018:6");
	finds_with_local(AWAY ":DOCKER-USER - [0:0]\n:FORWARD DROP [0:0]\n"
			      "-A FORWARD -j DOCKER-USER\n-A FORWARD -d 192.0.2.5 -j ACCEPT\n"
			      "-A DOCKER-USER -s 203.0.113.7 " UDP WHO "-j RETURN\n"
			      "-A DOCKER-USER " UDP "-j DROP\n" CLOSED(""),
			 "");
	/* Nobody tells that it surely goes there. */
	finds_with_local(NAT "-A PREROUTING " UDP
			     "-m foo --bar -j DNAT --to-destination 192.0.2.5\n"
			     "*filter\n:FORWARD DROP [0:0]\n" CLOSED(""),
			 "SG023:3");
	finds_with_local(NAT "-A PREROUTING " UDP "-m foo --bar -j ACCEPT\n"
			     "-A PREROUTING " UDP "-j DNAT --to-destination 192.0.2.5\n"
			     "*filter\n:FORWARD DROP [0:0]\n" CLOSED(""),
			 "SG023:4");
	/* Its own address is no other host. */
	finds_with_local(NAT "-A PREROUTING " UDP "-j DNAT --to-destination 192.0.2.1\n"
			     "*filter\n:FORWARD DROP [0:0]\n" CLOSED("-A INPUT " UDP "-j ACCEPT\n"),
			 "SG001:6");
	/* Whether it is another host is not known. */
	finds("f", AWAY ":FORWARD ACCEPT [0:0]\n" CLOSED(""), "SG023:3");
}
