// SPDX-License-Identifier: GPL-2.0-or-later
/* Shell scripts and tasks of Ansible as rules of the model. */
#include "rules/formats/filter_command.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/formats/ansible.h"
#include "unit/dumps.h"

static void write_rule(FILE *stream, const struct ruleset *rules, const struct rule *rule)
{
	static const char *const actions[] = {"none", "accept", "drop", "jump",
					      "goto", "return", "other"};

	fprintf(stream, "%s%s %s", rules->chains[rule->chain].name,
		rule->families == FAMILIES_IPV6 ? "6" : "", actions[rule->action]);
	for (size_t i = 0; i < rule->service.range_count; i++)
		fprintf(stream, " %u", rule->service.ranges[i].first);
	for (size_t i = 0; i < rule->match_count; i++) {
		for (size_t j = 0; j < rule->matches[i].list.count; j++) {
			char prefix[PREFIX_TEXT_SIZE];

			prefix_format(&rule->matches[i].list.sources[j].prefix, prefix);
			fprintf(stream, " %s%s", rule->matches[i].negated ? "!" : "", prefix);
		}
	}
	fprintf(stream, "%s%s\n", rule->unknown ? " ? " : "", rule->unknown ?: "");
}

/* Each rule in a line of its own, then what was not read. */
static char *dump(const struct ruleset *rules)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	for (size_t i = 0; i < rules->rule_count; i++)
		write_rule(stream, rules, &rules->rules[i]);
	for (size_t i = 0; i < rules->unread_count; i++)
		fprintf(stream, "unread: %s\n", rules->unread[i].words);
	fclose(stream);
	return text;
}

static void check(int (*parse)(const char *name, const char *text, size_t size,
			       struct ruleset *rules, struct error *error),
		  const char *text, const char *wanted)
{
	struct ruleset rules = {};
	struct error error;
	char *found;

	cr_assert_eq(parse("f", text, strlen(text), &rules, &error), 0, "%s: %s", text,
		     error.message);
	found = dump(&rules);
	cr_expect_str_eq(found, wanted, "%s\ngives\n%s\ninstead of\n%s", text, found, wanted);
	free(found);
	ruleset_clear(&rules);
}

static void script(const char *text, const char *wanted)
{
	check(filter_script_parse, text, wanted);
}

static void task(const char *text, const char *wanted)
{
	check(ansible_parse, text, wanted);
}

#define SIP "-p udp --dport 5060 "

Test(filter_command, rules_of_a_script)
{
	script("iptables -A INPUT " SIP "-s 203.0.113.7 -j ACCEPT",
	       "INPUT accept 5060 203.0.113.7/32\n");
	script("/sbin/ip6tables -A INPUT " SIP "-j DROP", "INPUT6 drop 5060\n");
	script("sudo -n iptables-nft -A INPUT " SIP "\\\n -s 203.0.113.7 -j ACCEPT",
	       "INPUT accept 5060 203.0.113.7/32\n");
	script("for s in 203.0.113.7 203.0.113.8; do iptables -A INPUT -s $s -j ACCEPT; done",
	       "INPUT accept 203.0.113.7/32\nINPUT accept 203.0.113.8/32\n");
	script("iptables -C INPUT " SIP "-j DROP || iptables -A INPUT " SIP "-j DROP",
	       "INPUT drop 5060\n");
	script("iptables -A INPUT " SIP "-m comment --comment 'a; b && c' -j DROP && echo done",
	       "INPUT drop 5060\n");
	script("cat >x <<E\niptables -A INPUT -j ACCEPT\nE\n", "");
}

Test(filter_command, what_a_script_does_not_tell_is_unknown_or_unread)
{
	script("[ -n \"$1\" ] && iptables -A INPUT " SIP "-j ACCEPT",
	       "INPUT accept 5060 ? whether this command runs at all\n");
	script("iptables -A INPUT " SIP "-s $OFFICE -j ACCEPT", "INPUT accept 5060 ? -s $OFFICE\n");
	script("iptables -A $CHAIN " SIP "-j ACCEPT",
	       "unread: iptables -A $CHAIN " SIP "-j ACCEPT\n");
	script("$IPT -A INPUT " SIP "-j ACCEPT", "unread: $IPT -A INPUT " SIP "-j ACCEPT\n");
	script("iptables -A INPUT -p udp --dport $P -j ACCEPT", "INPUT accept ? --dport $P\n");
	script("if x; then iptables -P INPUT DROP; fi", "unread: iptables -P INPUT DROP\n");
	script("iptables-restore </etc/rules", "unread: iptables-restore </etc/rules\n");
	script("nft add rule inet filter input accept",
	       "unread: nft add rule inet filter input accept\n");
	script("service iptables restart; echo iptables", "unread: service iptables restart\n");
	script(". /etc/firewall/rules", "unread: . /etc/firewall/rules\n");
}

Test(filter_command, ufw)
{
	script("ufw allow 5060/udp", "INPUT accept 5060\nINPUT6 accept 5060\n");
	script("ufw --force enable; ufw allow from 203.0.113.0/24 to any port 5060 proto udp",
	       "INPUT accept 5060 203.0.113.0/24\n");
	script("ufw deny proto tcp from 2001:db8::/32", "INPUT6 drop 2001:db8::/32\n");
	script("ufw allow 5060", "INPUT accept 5060\nINPUT6 accept 5060\n"
				 "INPUT accept 5060\nINPUT6 accept 5060\n");
	script("ufw allow out 5060/udp; ufw route allow 5060/udp; ufw default allow outgoing", "");
	script("ufw allow SIP", "INPUT accept ? SIP\nINPUT6 accept ? SIP\n");
	script("ufw delete allow 5060/udp", "unread: ufw delete allow 5060/udp\n");
	script("ufw allow from $OFFICE", "unread: ufw allow from $OFFICE\n");
}

Test(filter_command, tasks_that_are_written_in_any_way)
{
	task("- iptables: chain=INPUT protocol=udp destination_port=5060 jump=ACCEPT\n",
	     "INPUT accept 5060\n");
	task("- action: iptables chain=INPUT protocol=tcp destination_port=5060 jump=DROP\n",
	     "INPUT drop 5060\n");
	task("- action: {module: iptables, chain: INPUT, protocol: udp, jump: DROP}\n",
	     "INPUT drop\n");
	task("- raw: iptables -A INPUT " SIP "-j ACCEPT\n", "INPUT accept 5060\n");
	task("- command: {argv: [iptables, -A, INPUT, -s, 203.0.113.7, -j, ACCEPT]}\n",
	     "INPUT accept 203.0.113.7/32\n");
	task("- shell: |\n    iptables -A INPUT " SIP "\\\n      -s 203.0.113.7 -j ACCEPT\n"
	     "    iptables -A INPUT " SIP "-j DROP\n",
	     "INPUT accept 5060 203.0.113.7/32\nINPUT drop 5060\n");
	task("- community.general.ufw: {rule: allow, port: '5060', proto: udp}\n",
	     "INPUT accept 5060\nINPUT6 accept 5060\n");
	task("- ufw: {rule: allow, from_ip: 203.0.113.7, to_port: 5060, proto: udp}\n",
	     "INPUT accept 5060 203.0.113.7/32\n");
}

Test(filter_command, what_a_task_does_not_tell_is_unknown_or_unread)
{
	task("- iptables: {chain: INPUT, protocol: udp, jump: ACCEPT, tcp_flags: {flags: SYN}}\n",
	     "INPUT accept ? tcp_flags: ...\n");
	task("- iptables: {chain: INPUT, source: '{{ office }}', jump: ACCEPT}\n",
	     "INPUT accept ? -s {{ office }}\n");
	task("- iptables: {chain: INPUT, source: 203.0.113.7, jump: ACCEPT}\n  when: x is defined\n",
	     "INPUT accept 203.0.113.7/32 ? whether this command runs at all\n");
	task("- iptables: {chain: '{{ chain }}', jump: ACCEPT}\n",
	     "unread: iptables: {chain: '{{ chain }}', jump: ACCEPT}\n");
	task("- iptables: {chain: INPUT, flush: true}\n", "unread: the module iptables\n");
	task("- ansible.posix.firewalld: {service: sip, state: enabled}\n",
	     "unread: the module ansible.posix.firewalld\n");
	task("- copy: {src: rules.v4, dest: /etc/iptables/rules.v4}\n- copy: {dest: /etc/motd}\n",
	     "unread: the module copy\n");
	task("- iptables: {chain: INPUT, jump: ACCEPT, state: absent}\n", "");
	task("- ufw: {rule: allow, port: '{{ port }}'}\n", "unread: the module ufw\n");
}

/* A text has no terminator, and its last command may end with it. */
Test(filter_command, a_script_is_not_read_past_its_end)
{
	static const char text[] = "iptables -P INPUT DROP\niptables -A INPUT -j FOO";

	for (size_t size = 0; size < sizeof(text); size++) {
		struct dump dump = dump_of(text, size);
		struct ruleset rules = {};
		struct error error;

		filter_script_parse("f", dump.text, dump.size, &rules, &error);
		for (size_t i = 0; i < rules.rule_count; i++)
			cr_assert(rules.rules[i].place.text + rules.rules[i].place.length <=
				  dump.text + dump.size);
		ruleset_clear(&rules);
		dump_free(&dump);
	}
}
