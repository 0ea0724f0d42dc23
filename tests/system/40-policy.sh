# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The allowlist, the ports and the modes, as packets meet them.

test_allow_takes_effect_at_once_on_both_devices() {
	run 0 guard attach eth0 eth1 --allow-empty
	is_dropped trusted "$SERVER4" 5060
	is_dropped stranger "$OUTSIDE4" 5060
	run 0 guard allow "$TRUSTED4" "$STRANGER4" "$STRANGER6"
	arrives trusted "$SERVER4" 5060
	arrives stranger "$OUTSIDE4" 5060
	arrives stranger "$OUTSIDE6" 5060
	run 0 guard delete "$STRANGER4" --drop-recent
	is_dropped stranger "$OUTSIDE4" 5060
	arrives stranger "$OUTSIDE6" 5060
}

test_longest_prefix_decides() {
	run 0 guard attach eth0 --allow-empty
	run 0 guard allow 192.0.2.0/24
	arrives trusted "$SERVER4" 5060
	run 0 guard deny "$TRUSTED4" --drop-recent
	is_dropped trusted "$SERVER4" 5060
	counts 1 eth0 denied || fail 'not counted as denied'
	run 0 guard delete 192.0.2.0/24 --allow-empty --drop-recent
	run 0 guard allow "$TRUSTED4"
	arrives trusted "$SERVER4" 5060
}

test_expiry_in_real_time() {
	run 0 guard allow 203.0.113.7
	run 0 guard attach eth0
	run 0 guard allow 192.0.2.0/24
	run 0 guard deny "$TRUSTED4" for 2s
	is_dropped trusted "$SERVER4" 5060
	within 4 decides "$TRUSTED4" allowed
	arrives trusted "$SERVER4" 5060
	run 0 guard delete 192.0.2.0/24 --drop-recent
	run 0 guard allow "$TRUSTED4" for 2s
	arrives trusted "$SERVER4" 5060
	holds '.entries[] | select(.prefix == "192.0.2.10/32") | .expires != null and .verdict == "allow"' list
	within 4 decides "$TRUSTED4" not_allowed
	is_dropped trusted "$SERVER4" 5060
}

test_expiry_counts_time_spent_detached() {
	run 0 guard allow 203.0.113.7
	run 0 guard allow "$TRUSTED4" for 2s
	within 4 decides "$TRUSTED4" not_allowed
	run 0 guard attach eth0
	is_dropped trusted "$SERVER4" 5060
}

test_empty_list_is_refused() {
	run 7 guard attach eth0
	complains '^hint: .*--allow-empty'
	run 3 guard status
	run 0 guard attach eth0 --monitor
	run 7 guard mode enforce
	complains '^hint: .*--allow-empty'
	holds '.devices[0].mode == "monitor"' status
	run 0 guard allow "$TRUSTED4"
	run 0 guard mode enforce
	run 7 guard delete "$TRUSTED4"
	complains '^hint: .*--allow-empty'
	run 7 guard deny "$TRUSTED4"
	arrives trusted "$SERVER4" 5060
	run 0 guard delete "$TRUSTED4" --allow-empty --drop-recent
	is_dropped trusted "$SERVER4" 5060
	run 0 guard attach eth1 --allow-empty
}

test_everybody_is_refused() {
	local prefix
	run 0 guard attach eth1 --allow-empty
	for prefix in 0.0.0.0/0 ::/0; do
		run 7 guard allow "$prefix"
		complains "$prefix" '^hint: '
		run 7 guard allow "$TRUSTED4" "$prefix"
	done
	holds '.entries == []' list
	is_dropped stranger "$OUTSIDE4" 5060
	run 0 guard allow 0.0.0.0/0 --allow-broad
	arrives stranger "$OUTSIDE4" 5060
	# Nothing becomes broader by what is allowed already.
	run 0 guard allow "$TRUSTED4"
	run 0 guard delete 0.0.0.0/0 --drop-recent
}

test_many_halves_of_the_internet_are_refused_too() {
	local quarters='0.0.0.0/2 64.0.0.0/2 128.0.0.0/2 192.0.0.0/2'
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
	# shellcheck disable=SC2086
	run 7 guard allow $quarters
	complains '100% of all IPv4' '^hint: .*--allow-broad'
	run 0 guard allow 64.0.0.0/2
	run 7 guard allow 128.0.0.0/2
	run 7 guard allow 128.0.0.0/2 --runtime
	seq 128 191 | sed 's/$/.0.0.0\/8/' >"$WORLD/list"
	run 7 guard import plain "$WORLD/list"
	complains '50% of all IPv4'
	run 7 guard import plain "$WORLD/list" --dry-run
	cp "$WORLD/list" "$WORLD/declared.list"
	run 7 guard apply -f "$WORLD/declared.list"
	complains '50% of all IPv4' '--allow-broad'
	run 7 guard apply --check -f "$WORLD/declared.list"
	# A hole that goes opens as much as an entry that comes.
	run 0 guard deny 128.0.0.0/3
	run 0 guard allow 128.0.0.0/2
	run 7 guard delete 128.0.0.0/3
	run 0 guard delete 128.0.0.0/2
	run 0 guard delete 128.0.0.0/3
	run 7 guard allow 2000::/4
	run 7 guard allow 2000::/5 2800::/5
	run 0 guard allow 2000::/5
	run 0 guard import plain "$WORLD/list" --allow-broad
	run 0 guard rollback --allow-shrink
	run 7 guard rollback
	complains '50% of all IPv4'
	run 0 guard rollback --allow-broad
}

test_monitor_counts_and_passes() {
	start_sip_server
	run 0 guard attach eth0 eth1 --monitor
	hears stranger "$STRANGER4" "$OUTSIDE4" u1
	hears stranger "[$STRANGER6]" "[$OUTSIDE6]" t1
	holds '.counters[] | select(.device == "eth1" and .reason == "not_allowed" and .family == "ipv4") | .verdict == "would_drop" and .packets > 0' stats
	equal 0 "$(dropped)" 'packets dropped'
	run 0 guard mode enforce --allow-empty
	hears_nothing stranger "$STRANGER4" "$OUTSIDE4" u1
	run 0 guard mode monitor
	hears stranger "$STRANGER4" "$OUTSIDE4" u1
	# A swap of the program is no change of mode.
	run 0 guard attach eth0 eth1 --monitor
	holds '[.devices[].mode] == ["monitor", "monitor"]' status
}

test_attach_of_a_monitoring_guard_leaves_its_mode() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth1 --monitor
	run 0 guard attach eth1
	holds '.devices[0].mode == "monitor"' status
}

test_ports() {
	run 0 guard attach eth1 --allow-empty
	is_dropped stranger "$OUTSIDE4" 5061
	run 0 guard ports set udp/15060 tcp/5060
	arrives stranger "$OUTSIDE4" 5060
	arrives stranger "$OUTSIDE4" 5061
	is_dropped stranger "$OUTSIDE4" 15060
	run 1 guard test --src "$STRANGER4" --proto tcp
	run 0 guard test --src "$STRANGER4" --proto udp
	holds '.ports == ["udp/15060", "tcp/5060"]' ports
	run 2 guard ports set udp/70000
	run 2 guard ports set udp/5060 nonsense/5060
	holds '.ports == ["udp/15060", "tcp/5060"]' ports
	run 0 guard ports set default
	is_dropped stranger "$OUTSIDE4" 5061
	arrives stranger "$OUTSIDE4" 15060
	run 0 guard ports add udp/15060 udp/5060
	is_dropped stranger "$OUTSIDE4" 15060
	is_dropped stranger "$OUTSIDE4" 5061
	run 0 guard ports delete udp/5061 udp/15060
	holds '.ports == ["udp/5060", "tcp/5060", "tcp/5061", "sctp/5060", "sctp/5061"]' ports
	arrives stranger "$OUTSIDE4" 5061
	run 3 guard ports delete udp/5060 udp/5061
	complains 'udp/5061 is not guarded'
	run 2 guard ports add
	run 2 guard ports remove udp/5060
	run 7 guard ports delete udp/5060 tcp/5060 tcp/5061 sctp/5060 sctp/5061
	complains 'no port guarded' '--allow-unguarded'
	holds '.ports | length == 5' ports
}

test_a_port_that_is_listened_on_is_not_opened_by_a_typo() {
	start_sip_server
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
	for words in 'set udp/5061 tcp/5060' 'delete tcp/5060' 'set udp/15060'; do
		# shellcheck disable=SC2086
		run 7 guard ports $words
		complains 'kamailio.* listens on .*5060' '^hint: .*ports add.*--allow-unguarded'
	done
	mkdir -p "$WORLD/etc"
	printf '[ports]\nguard = tcp/5060\n' >"$WORLD/etc/sipguard.conf"
	run 7 guard apply
	run 7 guard apply --check
	hears_nothing stranger "$STRANGER4" "$OUTSIDE4" u1
	run 0 guard ports delete udp/5061 sctp/5060
	run 0 guard apply --allow-unguarded
	run 0 guard ports add udp/5060
	run 7 guard rollback
	run 0 guard rollback --allow-unguarded
	hears stranger "$STRANGER4" "$OUTSIDE4" u1
	holds '.ports == ["tcp/5060"]' ports
}

test_a_list_is_applied_whole_or_not_at_all() {
	run 0 guard attach eth0 --allow-empty
	run 2 guard allow "$TRUSTED4" 192.0.2.300
	run 2 guard allow "$TRUSTED4" 203.0.113.7/24
	complains '203\.0\.113\.0/24' '203\.0\.113\.7(/32)?'
	run 0 guard allow 203.0.113.7
	run 3 guard delete 203.0.113.7 203.0.113.8
	holds '[.entries[].prefix] == ["203.0.113.7/32"]' list
	is_dropped trusted "$SERVER4" 5060
}

test_repeated_allow_is_unchanged() {
	run 0 guard attach eth0 --allow-empty
	run 0 guard allow "$TRUSTED4" label reception
	prints '^added'
	run 0 guard allow "$TRUSTED4" label reception
	prints 'unchanged'
	run 0 guard allow "$TRUSTED4" label 'front desk'
	holds '.entries[0].label == "front desk"' list
}

test_runtime_entries_do_not_persist() {
	run 0 guard allow 203.0.113.7
	run 0 guard attach eth0
	run 0 guard allow "$TRUSTED4" --runtime
	arrives trusted "$SERVER4" 5060
	holds '.entries[] | select(.prefix == "192.0.2.10/32") | .origin == "runtime"' list
	run 0 guard attach eth0
	arrives trusted "$SERVER4" 5060
	run 0 guard detach --all
	run 0 guard attach eth0
	is_dropped trusted "$SERVER4" 5060
}

test_runtime_entry_does_not_end_a_persistent_one() {
	run 0 guard allow "$TRUSTED4" "$STRANGER4"
	run 0 guard attach eth0 eth1
	run 7 guard deny "$STRANGER4" for 1h --runtime
	complains persistent
	arrives stranger "$OUTSIDE4" 5060
	run 0 guard allow 203.0.113.7 for 1h
	run 0 guard allow 203.0.113.7 for 2h --runtime
}

test_end_in_the_far_future() {
	run 0 guard allow "$TRUSTED4" until 9999-12-31T00:00Z
	run 0 guard attach eth0
	run 0 guard check "$TRUSTED4"
	holds '.entries[0].expires == "9999-12-31T00:00:00Z"' list
}

test_change_that_no_guard_has_says_so() {
	run 0 guard allow "$TRUSTED4"
	grep -q 'on file' "$ERRORS" || fail "it says: $(cat "$ERRORS")"
	run 0 guard attach eth0
	run 0 guard allow "$STRANGER4"
	equal '' "$(cat "$ERRORS")" 'notices with a guard'
	SIPGUARD_PIN_DIR=/tmp/sipguard run 0 guard allow 203.0.113.7
	grep -q 'no BPF file system' "$ERRORS" || fail "it says: $(cat "$ERRORS")"
	SIPGUARD_PIN_DIR=/tmp/sipguard run 3 guard status
	complains 'no BPF file system'
	holds '[.entries[] | select(.in_kernel | not).prefix] == ["203.0.113.7/32"]' list
}

test_runtime_entries_of_a_former_guard_are_gone() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth1
	run 0 guard allow "$STRANGER4" --runtime
	cp "$SIPGUARD_RUN_DIR/runtime.list" "$WORLD/runtime"
	run 0 guard detach --all
	cp "$WORLD/runtime" "$SIPGUARD_RUN_DIR/runtime.list"
	run 0 guard attach eth1
	is_dropped stranger "$OUTSIDE4" 5060
	holds '.entries | length == 1' list
}
