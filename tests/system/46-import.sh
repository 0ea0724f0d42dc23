# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Rules of other tools, written down by these tools, become entries that packets meet.

# The rules of the usual guide, in the server's own firewall.
guide() {
	in_namespace server iptables -A INPUT -s "$TRUSTED4" -p udp --dport 5060 -j ACCEPT
	in_namespace server iptables -A INPUT -p udp --dport 5060 -j DROP
}

# imports FORMAT TOOL...: what the tool prints is imported.
imports() {
	in_namespace server "${@:2}" | guard import "$1" - >"$OUTPUT" 2>"$ERRORS" ||
		fail "cannot import:" $'\n'"$(cat "$OUTPUT" "$ERRORS")"
}

entries() {
	json '[.entries[] | .prefix + " " + .verdict + " " + (.label // "-")] | join(", ")' list
}

test_the_rules_of_the_usual_guide_make_the_round_trip() {
	guide
	imports iptables-save iptables-save
	prints '^added 1$'
	prints 'the guard will drop it'
	equal "$TRUSTED4/32 allow iptables INPUT line 6" "$(entries)" 'what was imported'
	imports iptables-save iptables-save
	prints '^unchanged 1$'
	in_namespace server iptables -F INPUT
	run 0 guard attach eth0 eth1
	arrives trusted "$SERVER4" 5060
	is_dropped stranger "$OUTSIDE4" 5060
}

test_rules_with_sets_chains_and_both_families() {
	in_namespace server ipset create trunks hash:net comment
	in_namespace server ipset add trunks 192.0.2.0/24 comment 'the trunk'
	in_namespace server ipset add trunks "$NEIGHBOUR4" nomatch
	in_namespace server iptables -N SIP
	in_namespace server iptables -A INPUT -p udp -m multiport --dports 5060,5061 -j SIP
	in_namespace server iptables -A SIP -i eth1 -s 198.51.100.0/24 -j ACCEPT
	in_namespace server iptables -A SIP -m set --match-set trunks src -j ACCEPT
	in_namespace server iptables -A SIP -j DROP
	in_namespace server ip6tables -A INPUT -s "$TRUSTED6" -p udp --dport 5060 -m comment --comment six -j ACCEPT
	in_namespace server ip6tables -A INPUT -p udp --dport 5060 -j DROP
	imports iptables-save sh -c 'ipset save; iptables-save; ip6tables-save'
	equal "192.0.2.0/24 allow the trunk, $NEIGHBOUR4/32 deny iptables SIP line 12, $TRUSTED6/128 allow six" \
		"$(entries)" 'what was imported'
	prints '^standard input:[0-9]+:1: not imported: it asks for the interface \(-i eth1\).*: -A SIP -s 198.51.100.0/24 -i eth1 -j ACCEPT$'
}

test_nft_and_ipset() {
	in_namespace server nft -f - <<-EOF
		table inet filter {
			set trunks { type ipv4_addr; flags interval; elements = { 192.0.2.8-192.0.2.11 comment "the trunk" }; }
			chain input {
				type filter hook input priority 0; policy drop;
				ct state established,related accept
				ip saddr @trunks udp dport { 5060, 5061 } accept
				ip6 saddr 2001:db8:1::/64 th dport 5060 accept comment "six"
			}
		}
	EOF
	in_namespace server ipset create banned hash:ip
	in_namespace server ipset create office hash:ip timeout 0
	in_namespace server ipset add office 198.51.100.7 timeout 600
	imports nft nft -j list ruleset
	prints 'not imported: it accepts what belongs to a connection'
	equal '192.0.2.8/30 allow the trunk, 2001:db8:1::/64 allow six' "$(entries)" 'what was imported'
	in_namespace server ipset save >"$WORLD/sets"
	run 2 guard import ipset "$WORLD/sets"
	complains 'holds 2 sets' '^hint: ipset save NAME'
	imports ipset ipset save office
	holds '.entries[] | select(.prefix == "198.51.100.7/32") | .expires != null and .label == "ipset office"' list
}

test_a_bad_line_applies_nothing() {
	printf -- '-A INPUT -s 192.0.2.1 -j ACCEPT\nnonsense\n' >"$WORLD/rules"
	run 2 guard import iptables-save "$WORLD/rules"
	complains "$WORLD/rules:2:1: this is no line of iptables-save"
	equal '' "$(entries)" 'what was imported'
	run 2 guard import nft "$WORLD/rules"
	run 2 guard import cisco "$WORLD/rules"
}

test_the_remarks_in_json() {
	printf -- '-A INPUT -i eth1 -s 192.0.2.1 -j ACCEPT\n' >"$WORLD/rules"
	holds '.remarks[] | select(.line == 1) | .skipped and (.reason | test("eth1")) and (.text | test("^-A INPUT"))' \
		import iptables-save "$WORLD/rules" --dry-run
}

test_guarded_ports_decide_what_is_about_sip() {
	printf -- '-A INPUT -s 192.0.2.1 -p udp --dport 5080 -j ACCEPT\n' >"$WORLD/rules"
	run 0 guard import iptables-save "$WORLD/rules" --dry-run
	prints 'nothing to do'
	run 0 guard ports set udp/5080
	run 0 guard import iptables-save "$WORLD/rules" --dry-run
	prints 'added: allow 192.0.2.1/32'
}

test_destinations_are_those_of_this_host() {
	cat >"$WORLD/rules.v4" <<-EOF
		:INPUT DROP [0:0]
		-A INPUT -s $TRUSTED4 -d $SERVER4 -p udp --dport 5060 -j ACCEPT
		-A INPUT -s $OUTSIDE4 -d 203.0.113.99 -p udp --dport 5060 -j ACCEPT
	EOF
	run 0 guard import iptables-save "$WORLD/rules.v4"
	prints '^nothing to do$'
	run 0 guard import iptables-save "$WORLD/rules.v4" --local "$SERVER4"
	prints '^added 1$'
	equal "$TRUSTED4/32 allow iptables INPUT line 2" "$(entries)" 'what was imported'
	run 0 guard import iptables-save "$WORLD/rules.v4" --local host --dry-run
	prints_not "$OUTSIDE4"
	run 2 guard import plain "$WORLD/rules.v4" --local host
}
