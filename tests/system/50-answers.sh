# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the commands print, for people and for programs, and how they exit.

# Entries and guards for the questions below, and one packet of each kind.
prepare() {
	run 0 guard allow "$TRUSTED4" label 'front desk'
	run 0 guard allow 203.0.113.0/24 2001:db8:113::/48
	run 0 guard deny 203.0.113.9
	run 0 guard attach eth0 eth1
	arrives trusted "$SERVER4" 5060
	is_dropped stranger "$OUTSIDE4" 5060
}

test_status() {
	run 3 guard status
	prepare
	run 0 guard status
	prints '^DEVICE +STATE'
	prints '^eth0 +attached +native +enforce'
	prints 'allowlist: 3 IPv4 and 1 IPv6 entries'
	prints 'guarded ports: .*udp/5060'
	holds '[.devices[] | [.device, .state, .attach_mode, .mode]] == [["eth0", "attached", "native", "enforce"], ["eth1", "attached", "native", "enforce"]]' status
	holds '.devices[0].packets.pass >= 1 and .devices[1].packets.drop == 1' status
}

test_stats() {
	run 3 guard stats
	prepare
	run 0 guard stats
	prints '^eth0 +ipv4 +udp +pass +allowed +1 '
	prints '^eth1 +ipv4 +udp +drop +not_allowed +1 '
	holds '.counters[] | select(.device == "eth1" and .reason == "not_allowed") | .family == "ipv4" and .protocol == "udp" and .verdict == "drop" and .packets == 1 and .bytes >= 43' stats
}

test_list() {
	prepare
	run 0 guard list
	prints '^192\.0\.2\.10(/32)? +allow +1 .*front desk$'
	prints '^203\.0\.113\.9(/32)? +deny +0 '
	holds '[.entries[].prefix] == ["192.0.2.10/32", "203.0.113.0/24", "203.0.113.9/32", "2001:db8:113::/48"]' list
	holds '.entries[0] | .verdict == "allow" and .packets == 1 and .last_seen != null and .expires == null and .label == "front desk"' list
	holds '[.entries[].prefix] | length == 3 and index("192.0.2.10/32") == null' list --unused 1h
	holds '.entries[0].prefix == "192.0.2.10/32"' list --sort hits
	run 0 guard allow 203.0.113.50 for 1h
	holds '.entries[0].prefix == "203.0.113.50/32"' list --sort expiry
	run 2 guard list --sort colour
}

test_check() {
	prepare
	run 0 guard check "$TRUSTED4"
	prints 'pass \(allowed\)'
	prints 'front desk'
	run 1 guard check 203.0.113.9
	prints 'drop \(denied\)'
	prints 'deny 203\.0\.113\.9'
	run 1 guard check 198.51.100.7
	run 0 guard check 198.51.100.7 port udp/53
	run 1 guard check 198.51.100.7 port tcp/5061
	run 1 guard check ::ffff:192.0.2.10
	run 2 guard check 198.51.100
	run 2 guard check 198.51.100.7/24
	complains 'host bits|198.51.100.0/24'
	run 2 guard check "$TRUSTED4" port 5060
	holds '.verdict == "pass" and .reason == "allowed" and .entry.prefix == "192.0.2.10/32"' check "$TRUSTED4"
	holds '.verdict == "drop" and .reason == "not_allowed" and .entry == null' check 198.51.100.7
}

test_test() {
	prepare
	run 0 guard test --src "$TRUSTED4"
	run 0 guard test --src "$TRUSTED4" --vlan 7
	run 1 guard test --src 198.51.100.7 --vlan 7
	run 1 guard test --src 203.0.113.9 --proto tcp --dport 5061
	run 1 guard test --src 2001:db8::1 --proto sctp
	run 0 guard test --src 198.51.100.7 --dport 53
	run 2 guard test
	run 2 guard test --src 198.51.100.7 --dport 99999
	holds '[.results[] | [.device, .verdict, .reason]] == [["eth0", "drop", "denied"], ["eth1", "drop", "denied"]]' test --src 203.0.113.9
}

# Without what the kernel of the other end says of its own accord.
counted_and_listed() {
	json '.entries[] | [.prefix, .packets, .last_seen != null]' list
	json '.counters[] | select(.reason != "other_port" and .reason != "not_ip")' stats
}

test_questions_leave_no_trace() {
	local before
	prepare
	before=$(counted_and_listed)
	run 0 guard test --src "$TRUSTED4"
	run 1 guard test --src 203.0.113.9
	run 0 guard check "$TRUSTED4"
	equal "$before" "$(counted_and_listed)" 'entries and counters'
}

test_version() {
	run 0 guard version
	prints '^sipguard [0-9]+\.[0-9]+\.[0-9]+'
	holds '.version and .revision and .libbpf' version
	run 0 guard --version
}

# Every answer in JSON is one object of this form, whatever the command.
test_json_form() {
	local words command
	for words in version "allow $TRUSTED4" 'attach eth0 eth1' 'deny 203.0.113.9' 'delete 203.0.113.9' status stats list \
		"check $TRUSTED4" "test --src $TRUSTED4" 'mode monitor' ports 'ports set udp/5060' 'attach eth0' 'detach --all'; do
		command=${words%% *}
		# shellcheck disable=SC2086
		run 0 guard --json $words
		jq -es "length == 1 and .[0].schema == \"sipguard/1\" and .[0].command == \"$command\"" "$OUTPUT" >/dev/null ||
			fail "$words: $(cat "$OUTPUT")"
	done
}

test_usage_errors() {
	local words
	for words in '' 'nonsense' '--nonsense status' 'status --nonsense' 'status eth0' attach 'attach eth0 --mode offload' detach \
		'detach eth0 --all' allow 'allow 192.0.2' 'allow 192.0.2.0/33' 'allow 192.0.2.1 for' 'allow 192.0.2.1 for 5parsecs' \
		'allow 192.0.2.1 until yesterday' 'allow 192.0.2.1 until 2001-01-01T00:00Z' 'allow for 5m' 'ports get' 'ports set' \
		'mode' 'mode maybe' 'delete' 'check'; do
		# shellcheck disable=SC2086
		run 2 guard $words
		equal '' "$(cat "$OUTPUT")" "output of the wrong command '$words'"
		[[ -s $ERRORS ]] || fail "nothing is said of '$words'"
	done
	holds '.entries == []' list
}

test_help() {
	run 0 guard --help
	prints '^Usage: sipguard'
	run 0 guard help attach
	prints 'attach DEV'
	run 0 guard attach --help
	prints '--mode'
	run 2 guard help nonsense
}

test_absent() {
	local words
	for words in status stats 'mode monitor' 'test --src 192.0.2.1' 'detach eth0' 'delete 192.0.2.1' 'attach eth7'; do
		# shellcheck disable=SC2086
		run 3 guard $words
	done
	run 0 guard list
	run 0 guard ports
	run 1 guard check 192.0.2.1
}

test_quiet_and_colour() {
	local escape=$'\e'
	run 0 guard --quiet allow "$TRUSTED4"
	run 0 guard --quiet attach eth0
	equal '' "$(cat "$OUTPUT" "$ERRORS")" 'quiet commands'
	run 0 guard status
	prints_not "$escape"
	run 0 guard --color=always status
	prints "$escape"
	run 0 guard --color=never status
	prints_not "$escape"
}

# On a terminal, which `script` is.
test_colour_on_a_terminal() {
	local escape=$'\e'
	run 0 guard attach eth0 --allow-empty
	run 0 in_namespace server script -qec "TERM=xterm '$SIPGUARD' status" /dev/null
	prints "$escape"
	run 0 in_namespace server script -qec "TERM=dumb '$SIPGUARD' status; TERM=dumb '$SIPGUARD' detach nothere || :" /dev/null
	prints 'error: '
	prints_not "$escape"
	run 0 in_namespace server script -qec "TERM=xterm NO_COLOR=1 '$SIPGUARD' status" /dev/null
	prints_not "$escape"
}

test_bytes_of_labels_and_names_are_escaped() {
	local escape=$'\e'
	guard allow "$TRUSTED4" label "${escape}[31mred" >/dev/null 2>&1 || true
	run 0 guard list
	prints_not "$escape"
	run 3 guard attach "${escape}[31m"
	! grep -q "$escape" "$ERRORS" || fail 'an escape sequence in an error'
	run 2 guard "${escape}[31m"
	! grep -q "$escape" "$ERRORS" || fail 'an escape sequence in an error'
}

test_del_is_delete() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard del "$TRUSTED4"
	holds '.entries == []' list
}

test_check_says_how_much_of_a_network_is_allowed() {
	run 0 guard allow 203.0.113.0/24 label 'the trunk'
	run 0 guard deny 203.0.113.7
	run 1 guard check 203.0.113.0/24
	prints '^203.0.113.0/24 to udp/5060: 255 of 256 addresses pass \(allowed\), the others get drop$'
	prints '^  allow 203.0.113.0/24 \(the trunk\): the network itself$'
	prints '^  deny 203.0.113.7/32: inside$'
	run 0 guard attach eth0
	run 0 guard check 203.0.113.128/25
	prints 'every address passes'
	prints '^  allow 203.0.113.0/24 \(the trunk\): decides where no entry below does$'
	run 1 guard check 203.0.113.7/32
	prints 'denied'
	run 1 guard check 2001:db8::/32
	prints 'every address gets drop'
	run 0 guard check 2001:db8::/32 port udp/53
	run 0 guard mode monitor
	holds '.allowed == "some" and .addresses_allowed == 255 and .others == "would_drop" and .attached
		and .around == null and [.entries[].verdict] == ["allow", "deny"]' check 203.0.113.0/24
}
