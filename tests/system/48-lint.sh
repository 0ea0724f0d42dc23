# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Findings in the rules of other tools and in our own lists, as people, scripts and code review see them.

write() {
	cat >"$WORLD/$1"
}

test_findings_and_exit_status() {
	write good.list <<<'203.0.113.7 # trunk'
	run 0 guard lint "$WORLD/good.list"
	prints '^findings: 0$'
	in_namespace server iptables -A INPUT -p udp --dport 5060 -j ACCEPT
	in_namespace server iptables-save >"$WORLD/rules.v4"
	run 1 guard lint "$WORLD/rules.v4" "$WORLD/good.list"
	prints "^$WORLD/rules.v4:[0-9]+:1: error: SIP is accepted from everybody: udp/5060 \[SG001\]$"
	prints '^    -A INPUT -p udp -m udp --dport 5060 -j ACCEPT$'
	run 2 guard lint "$WORLD/absent"
	run 2 guard lint
	write bad.list <<<'nobody # knows'
	run 2 guard lint "$WORLD/bad.list" "$WORLD/rules.v4"
	complains "$WORLD/bad.list:1:1: nobody is not an address"
}

test_standard_input_and_formats() {
	in_namespace server nft -f - <<<'table inet f { chain i { type filter hook input priority 0; policy accept; }; }'
	in_namespace server nft -j list ruleset >"$WORLD/nft"
	run 1 guard lint - <"$WORLD/nft"
	prints '^standard input: inet f i: error: no rule drops SIP over IPv4, and the policy accepts it \[SG001\]$'
	run 1 guard lint --format nft "$WORLD/nft"
	run 2 guard lint --format list "$WORLD/nft"
	run 2 guard lint --format cisco "$WORLD/nft"
	complains 'no format cisco' '^hint: one of: '
}

test_ipv6_rules_can_stand_in_another_file() {
	in_namespace server iptables -P INPUT DROP
	in_namespace server iptables-save >"$WORLD/rules.v4"
	in_namespace server ip6tables -P INPUT DROP
	in_namespace server ip6tables-save >"$WORLD/rules.v6"
	run 1 guard lint "$WORLD/rules.v4"
	prints 'SG007'
	run 0 guard lint "$WORLD/rules.v4" "$WORLD/rules.v6"
}

test_findings_are_disabled_by_option_and_by_comment() {
	write list <<-'EOF'
		203.0.113.7
		# sipguard lint: ignore SG010
		203.0.113.8
		44.0.0.0/8 # broad
	EOF
	run 1 guard lint "$WORLD/list"
	prints ':1:1: note: .*SG010'
	prints_not ':3:1:'
	prints ':4:1: warning: .*SG008'
	run 0 guard lint --disable SG010,over-broad-source "$WORLD/list"
	run 2 guard lint --disable SG999 "$WORLD/list"
	complains 'no finding SG999' '^hint: SG001 to SG'
}

test_playbooks() {
	write tasks.yml <<-'EOF'
		- name: Allow the trunks
		  ansible.builtin.iptables:
		    chain: INPUT
		    protocol: udp
		    destination_port: "5060"
		    source: "{{ item }}"
		    comment: trunk
		    jump: ACCEPT
		  loop: [203.0.113.7, 44.0.0.0/8]
	EOF
	run 1 guard lint "$WORLD/tasks.yml"
	prints ':1:3: error: nothing behind it drops other sources over IPv4: udp/5060 \[SG002\]'
	prints ':1:3: warning: hardly all sources in 44.0.0.0/8 are known \[SG008\]'
	prints '^    name: Allow the trunks$'
}

test_json() {
	write list <<<'203.0.113.7'
	holds '.schema == "sipguard/1" and .command == "lint" and .files[0].format == "list" and (.findings[0] |
		.id == "SG010" and .name == "unlabelled" and .severity == "note" and .line == 1 and .column == 1 and
		(.text == "203.0.113.7") and (.message | length > 0) and (.help | length > 0))' lint "$WORLD/list"
}

# What the schema of SARIF 2.1.0 demands of the objects that we write, in its own order.
test_sarif() {
	printf -- '-A INPUT -p udp --dport 5060 -m comment --comment "\033[31mred" -j ACCEPT\n' >"$WORLD/rules 1"
	run 1 guard lint --sarif "$WORLD/rules 1"
	jq -e '
		def level: . == "none" or . == "note" or . == "warning" or . == "error";
		def text: (.text | type) == "string" and (.text | length) > 0;
		def positive: type == "number" and . >= 1 and . == floor;
		.version == "2.1.0" and (.runs | length) == 1 and (.runs[0] |
			(.tool.driver.name | length) > 0 and
			(.columnKind == "unicodeCodePoints") and
			all(.tool.driver.rules[]; (.id | test("^SG[0-9]{3}$")) and (.shortDescription | text) and
				(.fullDescription | text) and (.help | text) and (.defaultConfiguration.level | level)) and
			([.tool.driver.rules[].id] | length == (unique | length)) and
			(.tool.driver.rules as $rules | all(.results[];
				(.message | text) and (.level | level) and $rules[.ruleIndex].id == .ruleId and
				all(.locations[].physicalLocation;
					(.artifactLocation.uri | test("^[!-~]+$")) and
					(.region | (.startLine | positive) and (.startColumn | positive) and
						.endColumn >= .startColumn and (.snippet | text))))) and
			any(.results[]; .ruleId == "SG001"))' "$OUTPUT" >/dev/null || fail "no SARIF:" $'\n'"$(cat "$OUTPUT")"
	prints_not $'\033'
	prints 'rules%201'
}

# policy NAME: a declared policy in a folder of its own, with the list on standard input
policy() {
	mkdir -p "$WORLD/$1/allow.d"
	printf '[guard]\ndevices = eth0\nmode = enforce\n' >"$WORLD/$1/sipguard.conf"
	cat >"$WORLD/$1/allow.d/trunks.list"
}

test_a_declared_policy_and_what_apply_refuses() {
	policy good <<-'EOF'
		203.0.113.7 # trunk
		203.0.113.8 # its second gateway
		198.51.100.0/24 # office
	EOF
	run 0 guard lint "$WORLD/good"
	run 0 guard lint "$WORLD/good/sipguard.conf"
	run 0 guard lint "$SCRIPTS/etc"

	policy twice <<<$'203.0.113.7 # trunk\n203.0.113.7 # again'
	echo '203.0.113.7 deny # fraud' >"$WORLD/twice/allow.d/west.list"
	run 1 guard lint "$WORLD/twice"
	prints 'trunks.list:2:1: error: the same prefix stands on line 1 already \[SG021\]'
	prints 'west.list:1:1: error: 203.0.113.7/32 stands in .*trunks.list:[12] already, with another verdict or end \[SG021\]'
	run 2 guard apply --check -f "$WORLD/twice"

	policy empty <<<'203.0.113.7 deny # fraud'
	run 1 guard lint --disable SG016 "$WORLD/empty"
	prints 'sipguard.conf:1:1: error: the guards would enforce an allowlist that allows nobody \[SG021\]'

	policy shrunk <<<'203.0.113.7 # trunk'
	run 1 guard lint --former "$WORLD/good" "$WORLD/shrunk"
	prints 'sipguard.conf:1:1: error: of 3 entries that allowed a source before, 2 no longer do: more than 50% \[SG021\]'
	run 0 guard lint --former "$WORLD/good" "$WORLD/good"
	run 0 guard lint --former "$WORLD/shrunk/allow.d/trunks.list" "$WORLD/good"
}

test_lists_that_disagree() {
	echo '203.0.113.7 # trunk' >"$WORLD/a.list"
	echo '203.0.113.7 deny # fraud' >"$WORLD/b.list"
	run 1 guard lint --disable SG016 "$WORLD/a.list" "$WORLD/b.list"
	prints 'b.list:1:1: warning: 203.0.113.7/32 stands in .*a.list:1 already, with another verdict or end \[SG022\]'
	cp "$WORLD/a.list" "$WORLD/c.list"
	run 0 guard lint "$WORLD/a.list" "$WORLD/c.list"
}

test_directories_and_files_that_cannot_be_read() {
	mkdir -p "$WORLD/roles/sip/tasks" "$WORLD/none"
	write roles/sip/tasks/main.yml <<-'EOF'
		- name: SIP for all
		  ansible.builtin.iptables: {chain: INPUT, protocol: udp, destination_port: "5060", jump: ACCEPT}
	EOF
	write roles/README.md <<<'a text that is not judged'
	run 1 guard lint "$WORLD/roles"
	prints 'tasks/main.yml:1:3: error: .*\[SG001\]'
	run 2 guard lint "$WORLD/none"
	complains 'holds no file to judge'

	printf 'a: [1\n' >"$WORLD/roles/bad.yml"
	run 2 guard lint "$WORLD/roles"
	prints 'tasks/main.yml:1:3: error: .*\[SG001\]'
	complains 'bad.yml:.*YAML'
	run 2 guard --json lint "$WORLD/absent" "$WORLD/roles/sip"
	jq -e '[.findings[].id] | index("SG001")' "$OUTPUT" >/dev/null || fail 'no SG001 beside a file that is absent'
}

test_scripts_and_tasks_in_every_form() {
	write firewall.sh <<-'EOF'
		#!/bin/sh
		IPT=/sbin/iptables
		$IPT -P INPUT DROP
		for source in 203.0.113.7 198.51.100.0/24; do
			$IPT -A INPUT -s $source -p udp --dport 5060 -m comment --comment trunk -j ACCEPT
		done
		$IPT -A INPUT -p udp --dport 5060 \
			-j ACCEPT
		iptables-restore </etc/more.rules
	EOF
	run 1 guard lint "$WORLD/firewall.sh"
	prints 'firewall.sh:7:1: error: SIP is accepted from everybody: udp/5060 \[SG001\]'
	prints 'firewall.sh:9:1: .*iptables-restore.*\[SG017\]'

	write tasks.yml <<-'EOF'
		- name: the old way of writing
		  action: iptables chain=INPUT protocol=udp destination_port=5060 jump=ACCEPT
		- name: by firewalld
		  ansible.posix.firewalld: {service: sip, state: enabled}
	EOF
	run 1 guard lint "$WORLD/tasks.yml"
	prints 'tasks.yml:1:3: error: SIP is accepted from everybody: udp/5060 \[SG001\]'
	prints 'tasks.yml:3:3: .*ansible.posix.firewalld.*\[SG017\]'
	write tasks.yml <<<'- ansible.posix.firewalld: {service: sip, state: enabled}'
	run 1 guard lint "$WORLD/tasks.yml"
	prints '\[SG020\]'
}

test_addresses_of_this_host() {
	write rules.v4 <<-EOF
		:INPUT DROP [0:0]
		-A INPUT -d 203.0.113.99 -p udp --dport 5060 -j ACCEPT
	EOF
	run 1 guard lint --disable SG007 "$WORLD/rules.v4"
	prints '203.0.113.99.*SG018'
	run 0 guard lint --disable SG007 --local "$SERVER4" "$WORLD/rules.v4"
	run 0 guard lint --disable SG007 --local host "$WORLD/rules.v4"
	run 1 guard lint --disable SG007 --local host,203.0.113.99 "$WORLD/rules.v4"
	prints 'SG018'
	run 2 guard lint --local nobody "$WORLD/rules.v4"
	complains 'nobody is not an IP address' '^hint: .*host'
}

test_output_for_people_is_refused_with_the_right_command() {
	in_namespace server iptables -L -nv >"$WORLD/list"
	in_namespace server nft -f - <<<'table inet f { chain i { type filter hook input priority 0; }; }'
	in_namespace server nft list table inet f >"$WORLD/text"
	in_namespace server ipset create peers hash:net
	in_namespace server ipset list >"$WORLD/sets"
	run 2 guard lint "$WORLD/list" "$WORLD/text" "$WORLD/sets"
	complains 'list is the output of iptables -L' '^hint: iptables-save' 'text is text for nft' 'hint: nft -j list ruleset' \
		'sets is the output of ipset list' 'hint: ipset save'
	run 2 guard import iptables-save "$WORLD/list"
	complains '^hint: iptables-save'
}
