// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/import/import.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "policy/list_file.h"
#include "random.h"
#include "unit/dumps.h"

#define NOW 1800000000

struct imported {
	struct entry_list entries;
	struct rules_report report;
	char *list; /* the entries as a list file */
};

static struct imported import_text(const char *format, const char *text, size_t size)
{
	struct imported imported = {};
	struct sg_ports ports;
	struct rules_input input = {"f", text, size, &ports, NOW};
	struct error error;
	size_t length;
	FILE *stream;

	ports_default(&ports);
	cr_assert_eq(rules_import(format, &input, &imported.entries, &imported.report, &error), 0,
		     "%s", error.message);
	stream = open_memstream(&imported.list, &length);
	list_file_write(stream, &imported.entries);
	fclose(stream);
	return imported;
}

static void imported_clear(struct imported *imported)
{
	entry_list_clear(&imported->entries);
	rules_report_clear(&imported->report);
	free(imported->list);
}

/* The reason that is told of a line, or NULL. */
static const char *remark_of(const struct imported *imported, size_t line)
{
	for (size_t i = 0; i < imported->report.count; i++) {
		if (imported->report.remarks[i].place.line == line)
			return imported->report.remarks[i].reason;
	}
	return NULL;
}

static void becomes(const char *format, const char *text, const char *list)
{
	struct imported imported = import_text(format, text, strlen(text));

	cr_assert_str_eq(imported.list, list, "%s\nbecame\n%s", text, imported.list);
	imported_clear(&imported);
}

static void tells(const char *text, size_t line, const char *reason)
{
	struct imported imported = import_text("iptables-save", text, strlen(text));
	const char *told = remark_of(&imported, line);

	cr_assert(told && strstr(told, reason), "%s: line %zu: %s", text, line,
		  told ? told : "nothing");
	imported_clear(&imported);
}

Test(rules_import, the_rules_of_the_usual_guide)
{
	struct dump dump = dump_read("guide.iptables");
	struct imported imported = import_text("iptables-save", dump.text, dump.size);

	cr_assert_str_eq(imported.list, "198.51.100.0/24 # iptables INPUT line 7\n"
					"203.0.113.7/32 # iptables INPUT line 6\n");
	imported_clear(&imported);
	dump_free(&dump);
	becomes("iptables-save",
		"-A INPUT -s 203.0.113.7 -p udp --dport 5060 -j ACCEPT\n"
		"-A INPUT -p udp --dport 5060 -j DROP\n",
		"203.0.113.7/32 # iptables INPUT line 1\n");
}

Test(rules_import, rules_with_their_sets)
{
	struct dump sets = dump_read("all.ipset"), rules = dump_read("nft.iptables");
	struct dump both = {malloc(sets.size + rules.size), sets.size + rules.size};
	struct imported imported;

	memcpy(both.text, sets.text, sets.size);
	memcpy(both.text + sets.size, rules.text, rules.size);
	imported = import_text("iptables-save", both.text, both.size);
	cr_assert_not_null(strstr(imported.list, "192.0.2.20/32 # iptables SIP line "));
	cr_assert_null(strstr(imported.list, "192.0.2.21/32"));
	cr_assert_not_null(strstr(imported.list, "198.51.100.7/32 until 2027-01-15T08:59"));
	cr_assert_not_null(strstr(imported.list, "198.51.100.15/32 deny # iptables PREROUTING"));
	cr_assert_not_null(strstr(imported.list, "198.51.100.20/32 # branch phones\n"));
	cr_assert_not_null(
		strstr(imported.list, "203.0.113.0/24 # trunk of \"Example\" Telecom\n"));
	cr_assert_not_null(strstr(imported.list, "203.0.113.66/32 deny # "));
	cr_assert_null(strstr(imported.list, "10.1.0.0/16"));
	cr_assert_eq(imported.entries.count, 9);
	imported_clear(&imported);
	dump_free(&both);
	dump_free(&sets);
	dump_free(&rules);
}

Test(rules_import, nft)
{
	struct dump dump = dump_read("rules.nft.json");
	struct imported imported = import_text("nft", dump.text, dump.size);

	cr_assert_not_null(strstr(imported.list, "192.0.2.9/32 until 2027-01-15T08:59"));
	cr_assert_not_null(strstr(imported.list, "192.0.2.20/32 # nft inet filter sip\n"));
	cr_assert_not_null(strstr(imported.list, "192.0.2.30/32 # nft inet filter sip\n"));
	cr_assert_null(strstr(imported.list, "192.0.2.31/32"));
	cr_assert_not_null(strstr(imported.list, "198.51.100.15/32 deny # nft ip raw pre\n"));
	cr_assert_not_null(strstr(imported.list, "203.0.113.0/24 # the trunk\n"));
	cr_assert_not_null(strstr(imported.list, "203.0.113.66/32 deny # noisy neighbour\n"));
	cr_assert_not_null(strstr(imported.list, "2001:db8::/32 # nft inet filter sip\n"));
	cr_assert_eq(imported.entries.count, 13);
	imported_clear(&imported);
	dump_free(&dump);
}

Test(rules_import, one_set_of_ipset)
{
	static const char two[] = "create a hash:ip\ncreate b hash:ip\n";
	struct rules_input input = {"f", two, strlen(two), &(struct sg_ports){}, NOW};
	struct entry_list entries = {};
	struct rules_report report = {};
	struct error error;

	becomes("ipset",
		"create t hash:net family inet comment timeout 0\n"
		"add t 203.0.113.0/24 timeout 0 comment \"the trunk\"\n"
		"add t 203.0.113.66 nomatch\n"
		"add t 198.51.100.7 timeout 60\n",
		"198.51.100.7/32 until 2027-01-15T08:01Z # ipset t\n"
		"203.0.113.0/24 # the trunk\n"
		"203.0.113.66/32 deny # ipset t\n");
	becomes("ipset", "create t hash:ip,port\nadd t 10.0.0.1,udp:5060\nadd t 10.0.0.2,tcp:22\n",
		"10.0.0.1/32 # ipset t\n");
	cr_assert_lt(rules_import("ipset", &input, &entries, &report, &error), 0);
	cr_assert_str_eq(error.message, "f holds 2 sets, and one is imported");
}

Test(rules_import, order)
{
	/* A denial inside of what is accepted behind it is needed, before it is not. */
	becomes("iptables-save",
		"-A INPUT -s 10.0.0.5 -p udp --dport 5060 -j DROP\n"
		"-A INPUT -s 10.0.0.0/24 -p udp --dport 5060 -j ACCEPT -m comment --comment office\n"
		"-A INPUT -s 10.0.0.6 -p udp --dport 5060 -j DROP\n"
		"-A INPUT -p udp --dport 5060 -j DROP\n",
		"10.0.0.0/24 # office\n10.0.0.5/32 deny # iptables INPUT line 1\n");
	/* The first match decides, though the longest prefix would say otherwise. */
	becomes("iptables-save",
		"-A INPUT -s 10.0.0.0/24 -p udp --dport 5060 -j DROP\n"
		"-A INPUT -s 10.0.0.5 -p udp --dport 5060 -j ACCEPT\n",
		"");
	/* A set, and what it leaves out. */
	becomes("iptables-save",
		"create t hash:net\nadd t 10.0.0.0/24\nadd t 10.0.0.7 nomatch\n"
		"-A INPUT -p udp --dport 5060 -m set --match-set t src -j ACCEPT\n"
		"-A INPUT -j DROP\n",
		"10.0.0.0/24 # iptables INPUT line 4\n10.0.0.7/32 deny # iptables INPUT line 4\n");
	/* Which a rule behind may accept. */
	becomes("iptables-save",
		"create t hash:net\nadd t 10.0.0.0/24\nadd t 10.0.0.0/28 nomatch\n"
		"-A INPUT -p udp --dport 5060 -m set --match-set t src -j ACCEPT\n"
		"-A INPUT -s 10.0.0.7 -p udp --dport 5060 -j ACCEPT\n"
		"-A INPUT -j DROP\n",
		"10.0.0.0/24 # iptables INPUT line 4\n10.0.0.0/28 deny # iptables INPUT line 4\n"
		"10.0.0.7/32 # iptables INPUT line 5\n");
}

Test(rules_import, jumps_are_followed)
{
	becomes("iptables-save",
		":SIP - [0:0]\n:OFFICE - [0:0]\n"
		"-A INPUT -p udp -m multiport --dports 5060,5061 -j SIP\n"
		"-A INPUT -s 192.0.2.1 -p udp --dport 5060 -j ACCEPT\n"
		"-A SIP -s 10.0.0.0/8 -j OFFICE\n"
		"-A SIP -j RETURN\n"
		"-A SIP -s 203.0.113.7 -j ACCEPT\n"
		"-A OFFICE -s 10.1.0.0/16 -j ACCEPT\n"
		"-A OFFICE -s 11.0.0.0/8 -j ACCEPT\n"
		"-A INPUT -j DROP\n",
		"10.1.0.0/16 # iptables OFFICE line 8\n192.0.2.1/32 # iptables INPUT line 4\n");
}

Test(rules_import, what_cannot_be_said_is_told)
{
	static const struct {
		const char *rule;
		const char *reason;
	} cases[] = {
		{"-A INPUT -i eth1 -s 10.0.0.1 -j ACCEPT", "the interface (-i eth1)"},
		{"-A INPUT -m limit --limit 1/s -j ACCEPT", "a rate (-m limit, --limit 1/s)"},
		{"-A INPUT -m state --state ESTABLISHED -j ACCEPT", "the guard knows none"},
		{"-A INPUT -s sip.example.com -j ACCEPT", "a source that is no address"},
		{"-A INPUT -m set --match-set t src -j ACCEPT",
		 "a set that is not in the text (t)"},
		{"-A INPUT -d 192.0.2.1 -j ACCEPT", "the destination address (-d 192.0.2.1/32)"},
		{"-A INPUT -p udp --sport 5060 -j ACCEPT", "the source port"},
		{"-A INPUT -j NFQUEUE --queue-num 1", "the target's affair"},
		{"-A INPUT -p udp --dport 5060 -j ACCEPT", "accepts SIP from everybody"},
		{"-A INPUT -s 0.0.0.0/1 -j ACCEPT", "half of the internet"},
		{"-A INPUT -s ::ffff:192.0.2.1 -j ACCEPT", "spells an IPv4 address"},
		{"-A INPUT -s 10.0.0.1 -p udp --dport 5060 -j DROP", "no entry is needed"},
		{"-A FORWARD -p udp --dport 5060 -j ACCEPT", "not about packets to this host"},
		{"-A LOST -p udp --dport 5060 -j ACCEPT", "nothing leads to its chain"},
		{"-t nat -A PREROUTING -p udp --dport 5060 -j ACCEPT", "translating addresses"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256];

		/* Where the policy accepts everybody, these rules do not matter. */
		snprintf(text, sizeof(text), "%s\n-P INPUT DROP\nip6tables -P INPUT DROP\n",
			 cases[i].rule);
		tells(text, 1, cases[i].reason);
	}
	tells("-A INPUT -i eth1 -j S\n-A S -s 10.0.0.1 -j ACCEPT\n-P INPUT DROP\n", 2,
	      "reached from line 1 alone, which asks for the interface (-i eth1)");
	tells("-A INPUT -s 10.0.0.0/8 -p udp --dport 5060 -j DROP\n"
	      "-A INPUT -s 10.0.0.1 -p udp --dport 5060 -j ACCEPT\n",
	      2, "never reached: the rule on line 1 decides before");
}

/* What one port is denied is denied on all; what one port is allowed is allowed on all. */
Test(rules_import, ports)
{
	static const char rules[] = "-A INPUT -s 10.0.0.5 -p tcp --dport 5060 -j DROP\n"
				    "-A INPUT -s 10.0.0.0/24 -j ACCEPT\n"
				    "-A INPUT -s 10.0.1.5 -p udp --dport 5060 -j ACCEPT\n"
				    "-A INPUT -j DROP\n";

	becomes("iptables-save", rules,
		"10.0.0.0/24 # iptables INPUT line 2\n"
		"10.0.0.5/32 deny # iptables INPUT line 1\n"
		"10.0.1.5/32 # iptables INPUT line 3\n");
	tells(rules, 1, "accepted on udp/5060 udp/5061 tcp/5061");
	tells(rules, 0, "1 of the sources are accepted on some guarded ports only");
	becomes("iptables-save", "-A INPUT -s 10.0.0.1 -p udp --dport 5090 -j ACCEPT\n", "");
}

/* Rules of one port over a few addresses, whose first match decides. */
struct oracle {
	struct prefix prefixes[12];
	bool accepts[12];
	size_t count;
};

static struct oracle random_rules(struct random *random, FILE *stream)
{
	struct oracle oracle = {.count = 1 + random_below(random, 12)};

	for (size_t i = 0; i < oracle.count; i++) {
		struct prefix *prefix = &oracle.prefixes[i];
		char text[PREFIX_TEXT_SIZE];

		*prefix = (struct prefix){{10, 0, 0, (uint8_t)random_below(random, 16)},
					  SG_FAMILY_IPV4,
					  (uint8_t)(28 + random_below(random, 5))};
		prefix_truncate(prefix);
		prefix_format(prefix, text);
		oracle.accepts[i] = random_below(random, 2);
		fprintf(stream, "-A INPUT -s %s -p udp --dport 5060 -j %s\n", text,
			oracle.accepts[i] ? "ACCEPT" : "DROP");
	}
	fputs("-A INPUT -p udp --dport 5060 -j DROP\n", stream);
	return oracle;
}

static bool first_match(const struct oracle *oracle, const struct prefix *host)
{
	for (size_t i = 0; i < oracle->count; i++) {
		if (prefix_covers(&oracle->prefixes[i], host))
			return oracle->accepts[i];
	}
	return false;
}

static bool longest_match(const struct entry_list *entries, const struct prefix *host)
{
	const struct entry *longest = NULL;

	for (size_t i = 0; i < entries->count; i++) {
		const struct entry *entry = &entries->entries[i];

		if (prefix_covers(&entry->prefix, host) &&
		    (!longest || entry->prefix.length > longest->prefix.length))
			longest = entry;
	}
	return longest && longest->verdict == SG_ENTRY_ALLOW;
}

Test(rules_import, entries_answer_as_the_rules_do)
{
	struct random random = {48};

	for (int i = 0; i < 3000; i++) {
		char *text;
		size_t size;
		FILE *stream = open_memstream(&text, &size);
		struct oracle oracle = random_rules(&random, stream);
		struct imported imported;

		fclose(stream);
		imported = import_text("iptables-save", text, size);
		for (uint8_t last = 0; last < 16; last++) {
			struct prefix host = {{10, 0, 0, last}, SG_FAMILY_IPV4, 32};

			cr_assert_eq(longest_match(&imported.entries, &host),
				     first_match(&oracle, &host), "10.0.0.%u:\n%s\n%s", last, text,
				     imported.list);
		}
		imported_clear(&imported);
		free(text);
	}
}

/* Chains that all jump to the next one twice: 2^20 ways. */
Test(rules_import, ways_that_multiply_are_refused)
{
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	struct rules_input input;
	struct entry_list entries = {};
	struct rules_report report = {};
	struct sg_ports ports;
	struct error error;

	fputs("-A INPUT -j C0\n", stream);
	for (int i = 0; i < 14; i++) {
		for (int j = 0; j < 4; j++)
			fprintf(stream, "-A C%d -j C%d\n", i, i + 1);
	}
	fclose(stream);
	ports_default(&ports);
	input = (struct rules_input){"f", text, size, &ports, NOW};
	cr_assert_eq(rules_import("iptables-save", &input, &entries, &report, &error), -E2BIG);
	cr_assert_eq(error.status, EXIT_USAGE);
	free(text);
}

/* What programs print for people makes no entry, and the command is told whose output does. */
Test(rules_import, output_for_people)
{
	static const struct {
		const char *format, *text, *command;
	} cases[] = {
		{"iptables-save", "Chain INPUT (policy ACCEPT)\n", "iptables-save"},
		{"ipset", "Name: peers\nType: hash:net\n", "ipset save"},
		{"nft", "table ip filter {\n", "nft -j list ruleset"},
		{"iptables-save", "Status: active\n", "iptables-save"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct entry_list entries = {};
		struct rules_report report = {};
		struct sg_ports ports;
		struct rules_input input = {"f", cases[i].text, strlen(cases[i].text), &ports, NOW};
		struct error error;

		ports_default(&ports);
		cr_assert_eq(rules_import(cases[i].format, &input, &entries, &report, &error),
			     -EINVAL);
		cr_assert(strstr(error.hint, cases[i].command), "%s", error.hint);
		cr_assert_eq(entries.count, 0);
	}
}

/* A destination that is not ours matches nothing, and our own address is no condition. */
Test(rules_import, destinations_of_this_host)
{
	static const char text[] =
		":INPUT DROP [0:0]\n"
		"-A INPUT -s 203.0.113.7 -d 192.0.2.1 -p udp --dport 5060 -j ACCEPT\n"
		"-A INPUT -s 203.0.113.8 -d 192.0.2.9 -p udp --dport 5060 -j ACCEPT\n"
		"-A INPUT -s 203.0.113.9 ! -d 192.0.2.9 -p udp --dport 5060 -j ACCEPT\n";
	const struct prefix ours = {{192, 0, 2, 1}, SG_FAMILY_IPV4, 32};
	struct sg_ports ports;
	struct rules_input input = {"f", text, strlen(text), &ports, NOW, NULL, 0};
	struct error error;

	ports_default(&ports);
	for (size_t known = 0; known < 2; known++) {
		struct imported imported = {};

		input.locals = &ours;
		input.local_count = known;
		cr_assert_eq(rules_import("iptables-save", &input, &imported.entries,
					  &imported.report, &error),
			     0, "%s", error.message);
		cr_assert_eq(imported.entries.count, known ? 2 : 0);
		for (size_t i = 0; i < imported.entries.count; i++)
			cr_assert_eq(imported.entries.entries[i].prefix.address[3], i ? 9 : 7);
		if (!known)
			cr_assert(remark_of(&imported, 2) && remark_of(&imported, 3) &&
				  remark_of(&imported, 4));
		imported_clear(&imported);
	}
}

/* Nobody is trusted on a port that is sent elsewhere, and the translation is named. */
Test(rules_import, translated_ports)
{
	static const char text[] =
		"*nat\n:PREROUTING ACCEPT [0:0]\n"
		"-A PREROUTING -p udp --dport 5060 -j DNAT --to-destination 192.0.2.5\n"
		"*filter\n:INPUT DROP [0:0]\n"
		"-A INPUT -s 203.0.113.7 -p udp --dport 5060 -j ACCEPT\n"
		"-A INPUT -s 203.0.113.8 -p tcp --dport 5060 -j ACCEPT\n";
	struct imported imported = import_text("iptables-save", text, strlen(text));
	const char *remark = remark_of(&imported, 3);

	cr_assert_str_eq(imported.list, "203.0.113.8/32 # iptables INPUT line 7\n", "%s",
			 imported.list);
	cr_assert(remark && strstr(remark, "192.0.2.5") && strstr(remark, "udp/5060"), "%s",
		  remark);
	cr_assert(remark_of(&imported, 6));
	imported_clear(&imported);
}

/* In raw there is no connection yet: what asks for one is not known to match. */
Test(rules_import, questions_about_connections_before_there_are_any)
{
	static const char rest[] = "*filter\n:INPUT DROP [0:0]\n"
				   "-A INPUT -s 203.0.113.7 -p udp --dport 5060 -j ACCEPT\n";
	static const struct {
		const char *rule;
		size_t count;
	} cases[] = {
		{"-A PREROUTING -p udp --dport 5060 -j ACCEPT\n", 1},
		{"-A PREROUTING -p udp --dport 5060 -m conntrack --ctorigdstport 5060 -j ACCEPT\n",
		 0},
		{"-A PREROUTING -p udp --dport 5060 -m conntrack --ctstate NEW -j ACCEPT\n", 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct imported imported;
		char text[512];

		snprintf(text, sizeof(text), "*raw\n:PREROUTING DROP [0:0]\n%s%s", cases[i].rule,
			 rest);
		imported = import_text("iptables-save", text, strlen(text));
		cr_assert_eq(imported.entries.count, cases[i].count, "%s", text);
		imported_clear(&imported);
	}
}
