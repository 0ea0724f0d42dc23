# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The declared policy: from the administrator's files to what packets meet.

ETC=$WORLD/etc

# declare_policy [LINE...]: a configuration file of these lines, and an empty directory of lists
declare_policy() {
	mkdir -p "$ETC/allow.d"
	printf '%s\n' "$@" >"$ETC/sipguard.conf"
}

# lists NAME LINE...: allow.d/NAME.list
lists() {
	printf '%s\n' "${@:2}" >"$ETC/allow.d/$1.list"
}

# origin_of PREFIX
origin_of() {
	json ".entries[] | select(.prefix == \"$1\") | .file // .origin" list
}

packets_of() {
	json ".entries[] | select(.prefix == \"$1\").packets" list
}

# Everything that the kernel, the state and the administrator's files say.
everything() {
	guard --json list | jq -c '[.entries[] | {prefix, verdict, origin, file, "label": .label, expires}]'
	guard ports
	guard --json status | jq -c '[.devices[] | {device, mode, attach_mode}]'
	guard rollback --list
	[[ ! -d $ETC ]] || cat "$ETC/sipguard.conf" "$ETC"/allow.d/*
}

# unchanged COMMAND...: it changes nothing
unchanged() {
	local before
	before=$(everything)
	"$@"
	equal "$before" "$(everything)" "after $*, everything"
}

test_declared_policy_comes_into_force_and_stays() {
	declare_policy '[guard]' 'devices = eth0 eth1' '[ports]' 'guard = udp/5060 udp/5070'
	lists trunks "$TRUSTED4 # the trunk" '203.0.113.0/24 deny'
	lists offices "$TRUSTED6"
	run 1 guard apply --check
	prints 'eth1: a new guard'
	unchanged run 1 guard diff
	prints '^\+ guard on eth0$'
	prints '^\+ 192\.0\.2\.10/32 # the trunk$'
	prints '^\+ 203\.0\.113\.0/24 deny$'
	prints '^- port tcp/5060$'
	run 0 guard apply
	prints '^entries: added 3$'
	prints '^eth0: guarded, native mode$'
	arrives trusted "$SERVER4" 5060
	arrives trusted "$SERVER6" 5070
	is_dropped stranger "$OUTSIDE4" 5070
	equal trunks.list "$(origin_of 192.0.2.10/32)" 'the origin of what stands in trunks.list'
	holds '.entries[] | select(.prefix == "192.0.2.10/32") | .label == "the trunk" and .origin == "declared"' list
	run 0 guard list
	prints '2001:db8:1::10/128 .* offices\.list'
	run 0 guard apply --check
	prints '^in sync$'
	unchanged run 0 guard apply
	prints '^in sync$'
	# What belongs to the tool is enough after a reboot, whatever has become of the files.
	rm -r "$ETC"
	run 0 guard detach --all
	run 0 guard attach eth0
	arrives trusted "$SERVER4" 5060
	decides 203.0.113.7 denied || fail 'what was declared is lost with the guards'
}

test_what_stays_keeps_its_counters_and_its_calls() {
	declare_policy '[guard]' 'devices = eth0 eth1'
	lists trunks "$TRUSTED4" "$TRUSTED6" 203.0.113.7 203.0.113.8
	run 0 guard apply
	arrives trusted "$SERVER4" 5060
	local program
	program=$(program_on server eth0)
	lists trunks "$TRUSTED4 # renamed" "$TRUSTED6" 203.0.113.8 203.0.113.9
	run 0 guard apply --diff
	prints '^- 203\.0\.113\.7/32$'
	prints '^\+ 203\.0\.113\.9/32$'
	prints '^- 192\.0\.2\.10/32$'
	prints '^\+ 192\.0\.2\.10/32 # renamed$'
	prints_not '203\.0\.113\.8'
	equal 1 "$(packets_of 192.0.2.10/32)" 'packets of an entry that stayed'
	equal "$program" "$(program_on server eth0)" 'the program of a guard that was there'
	decides 203.0.113.7 not_allowed || fail 'an entry that was taken out of its file is in force'
	decides 203.0.113.9 allowed || fail 'an entry that came into a file is not in force'
}

test_entries_of_three_origins_live_side_by_side() {
	declare_policy '[guard]' 'devices = eth0'
	lists trunks 203.0.113.1 203.0.113.2
	run 0 guard allow 203.0.113.3
	run 0 guard apply
	run 0 guard allow 203.0.113.4 --runtime
	run 0 guard deny 203.0.113.2
	lists trunks 203.0.113.1 203.0.113.2 203.0.113.5
	run 0 guard apply
	prints '^entries: added 1$'
	grep -q 'sipguard: 203.0.113.2/32 of trunks.list is hidden by the command line' "$ERRORS" || fail "$(cat "$ERRORS")"
	equal '["trunks.list","command","command","runtime","trunks.list"]' \
		"$(json '[.entries[] | .file // .origin]' list)" 'origins'
	decides 203.0.113.2 denied || fail 'the command line is not above the files'
	run 0 guard delete 203.0.113.2
	decides 203.0.113.2 allowed || fail 'the entry of the file does not come back'
	run 6 guard delete 203.0.113.2
	complains '203.0.113.2/32 stands in trunks.list' '^hint: .*apply'
	run 3 guard delete 203.0.113.77
	# An entry of the command line that a file takes over is the file's from then on.
	lists trunks 203.0.113.1 203.0.113.2 203.0.113.3 203.0.113.5
	run 0 guard apply
	equal trunks.list "$(origin_of 203.0.113.3/32)" 'the origin of what a file took over'
	run 7 guard allow 203.0.113.1 for 8h
	complains '203.0.113.1/32 stands in trunks.list'
}

# When an entry ends, the kernel has nothing for its prefix.
test_what_is_declared_does_not_end_with_a_temporary_entry() {
	declare_policy '[guard]' 'devices = eth0'
	lists trunks 203.0.113.1
	run 0 guard apply
	run 0 guard allow "$TRUSTED4" for 2s
	run 0 guard allow 203.0.113.2 for 2s --runtime
	lists trunks 203.0.113.1 "$TRUSTED4" 203.0.113.2
	run 0 guard apply
	prints '^entries: changed 2$'
	holds '[.entries[] | .file] | unique == ["trunks.list"]' list
	holds '[.entries[] | .expires] | unique == [null]' list
	arrives trusted "$SERVER4" 5060
}

test_what_strays_is_mended() {
	declare_policy '[guard]' 'devices = eth0' 'mode = enforce'
	lists trunks "$TRUSTED4" 203.0.113.1 203.0.113.2
	run 0 guard apply
	run 0 guard mode monitor
	run 0 guard ports set udp/5060
	run 1 guard diff
	prints '^- mode of eth0: monitor$'
	prints '^\+ mode of eth0: enforce$'
	prints_not port
	run 0 guard apply
	prints '^eth0: enforce$'
	run 0 guard detach eth0
	run 1 guard apply --check
	run 0 guard apply
	is_dropped trusted "$SERVER6" 5060
}

test_a_guard_that_nobody_declared_is_left_alone() {
	declare_policy '[guard]' 'devices = eth0' 'mode = enforce'
	lists trunks "$TRUSTED4"
	run 0 guard attach eth1 --monitor
	run 0 guard apply
	grep -q 'sipguard: eth1 is guarded and not declared' "$ERRORS" || fail "$(cat "$ERRORS")"
	holds '.devices[] | select(.device == "eth1").mode == "monitor"' status
}

test_one_bad_line_and_nothing_is_applied() {
	declare_policy '[guard]' 'devices = eth0'
	lists trunks "$TRUSTED4"
	run 0 guard apply
	lists trunks "$TRUSTED4" 203.0.113.9
	lists wrong '# fine' '  203.0.113.300 # who?'
	unchanged run 2 guard apply
	complains 'allow\.d/wrong\.list:2:3: .*203\.0\.113\.300'
	run 2 guard diff
	lists wrong 203.0.113.9
	unchanged run 2 guard apply
	complains 'trunks\.list:2.*203\.0\.113\.9/32|wrong\.list:1.*203\.0\.113\.9/32'
	rm "$ETC/allow.d/wrong.list"
	declare_policy '[guard]' 'devices = eth0' 'mode = enforced'
	unchanged run 2 guard apply
	complains 'sipguard\.conf:3:8: .*enforced'
	declare_policy '[guard]' 'devices = eth0 eth9'
	run 3 guard apply
	prints '^entries: added 1$'
	grep -q 'eth9 is declared and not there: it is guarded when it comes' "$ERRORS" || fail 'the absent device is not named'
	run 3 guard diff
	prints 'guard on eth9, when it comes'
	run 0 guard detach eth9
	declare_policy '[guard]' 'devices = eth0'
	run 0 guard apply
	rm -r "$ETC"
	run 3 guard apply
	complains 'there is no .*sipguard\.conf'
}

test_what_is_unsafe_is_refused() {
	declare_policy '[guard]' 'devices = eth0' '[policy]' 'max_shrink = 25%'
	lists trunks "$TRUSTED4" 203.0.113.1 203.0.113.2 203.0.113.3
	run 0 guard apply
	lists trunks "$TRUSTED4" 203.0.113.1
	unchanged run 7 guard apply
	complains '2 of 4 would no longer.* 25%' '^hint: .*--allow-shrink'
	run 7 guard apply --check
	complains '^hint: .*--allow-shrink'
	prints '^entries: deleted 2$'
	holds '.refusal.status == 7 and .entries.deleted == 2 and (.in_sync | not)' apply --check
	run 0 guard apply --allow-shrink
	lists trunks "$TRUSTED4" 0.0.0.0/0
	unchanged run 7 guard apply
	complains '0\.0\.0\.0/0 is half the internet' '--allow-broad'
	lists trunks '# nobody'
	unchanged run 7 guard apply --allow-shrink
	complains 'nobody allowed' '--allow-empty'
	run 0 guard apply --allow-shrink --allow-empty --drop-recent
	is_dropped trusted "$SERVER4" 5060
}

# An entry that has ended is no loss; one that ends, or denies, is as good as gone.
test_a_list_shrinks_by_those_whom_it_no_longer_lets_in() {
	declare_policy '[guard]' 'devices = eth0'
	lists trunks 203.0.113.1 "203.0.113."{2..4}' until 2020-01-01T00:00Z'
	run 0 guard apply
	lists trunks "203.0.113."{1..4}
	run 0 guard apply
	lists trunks 203.0.113.1 "203.0.113."{2..4}' deny'
	unchanged run 7 guard apply
	complains '3 of 4 would no longer' '--allow-shrink'
	lists trunks 203.0.113.1 "203.0.113."{2..4}' until 2020-01-01T00:00Z'
	unchanged run 7 guard apply
	run 0 guard apply --allow-shrink
	lists trunks 203.0.113.1
	run 0 guard apply
}

test_whoever_has_just_called_is_not_dropped_by_mistake() {
	declare_policy '[guard]' 'devices = eth0'
	lists trunks "$TRUSTED4" "$TRUSTED6" 203.0.113.1 203.0.113.2
	run 0 guard apply
	arrives trusted "$SERVER4" 5060
	lists trunks "$TRUSTED6" 203.0.113.1 203.0.113.2
	unchanged run 7 guard apply
	complains '192\.0\.2\.10/32 called [0-9]+s ago' '^hint: .*--drop-recent'
	# Nobody called from there.
	lists trunks "$TRUSTED4" 203.0.113.1 203.0.113.2
	run 0 guard apply
	# Somebody did, and a wider entry goes on to allow him: but not with a hole where he is.
	lists trunks 192.0.2.0/24 "$TRUSTED4 deny" 203.0.113.1 203.0.113.2
	unchanged run 7 guard apply
	lists trunks 192.0.2.0/24 203.0.113.1 203.0.113.2
	run 0 guard apply
	arrives trusted "$SERVER4" 5060
	lists trunks "$NEIGHBOUR4" 203.0.113.1 203.0.113.2
	unchanged run 7 guard apply
	lists trunks "$TRUSTED4" 203.0.113.1 203.0.113.2
	run 0 guard apply
	arrives trusted "$SERVER4" 5060
	# Temporary entries are not remembered by host: the entry itself tells.
	lists trunks "$TRUSTED4 until 2099-01-01T00:00Z" 203.0.113.1 203.0.113.2
	run 0 guard apply
	arrives trusted "$SERVER4" 5060
	lists trunks "$NEIGHBOUR4" 203.0.113.1 203.0.113.2
	unchanged run 7 guard apply
	run 0 guard apply --drop-recent
	lists trunks "$TRUSTED4" 203.0.113.1 203.0.113.2
	run 0 guard apply
	arrives trusted "$SERVER4" 5060
	declare_policy '[guard]' 'devices = eth0' '[policy]' 'protect_recent = off'
	lists trunks "$TRUSTED6" 203.0.113.1 203.0.113.2
	run 0 guard apply
	is_dropped trusted "$SERVER4" 5060
}

# They called while nobody was dropped yet.
test_an_apply_that_enforces_does_not_drop_callers_either() {
	declare_policy '[guard]' 'devices = eth0'
	lists trunks "$TRUSTED4" 203.0.113.1
	run 0 guard apply
	run 0 guard mode monitor
	arrives trusted "$SERVER4" 5060
	declare_policy '[guard]' 'devices = eth0' 'mode = enforce'
	lists trunks 203.0.113.1
	unchanged run 7 guard apply
	complains '192\.0\.2\.10/32 called [0-9]+s ago' '--drop-recent'
	declare_policy '[guard]' 'devices = eth0'
	run 0 guard apply
}

test_who_is_dropped_already_is_not_protected() {
	run 0 guard allow 192.0.2.0/24 203.0.113.1
	run 0 guard attach eth0
	arrives trusted "$SERVER4" 5060
	run 0 guard delete 192.0.2.0/24 --drop-recent
	run 0 guard deny 192.0.2.0/24
	is_dropped trusted "$SERVER4" 5060
}

# The same of every command that can drop somebody.
test_other_commands_do_not_drop_callers_either() {
	run 0 guard allow "$TRUSTED4" 203.0.113.1
	run 0 guard attach eth0
	arrives trusted "$SERVER4" 5060
	unchanged run 7 guard deny - <<<"$TRUSTED4"
	complains '192\.0\.2\.10/32 called [0-9]+s ago' '--drop-recent'
	# A network allows him: nobody else of it has called.
	run 0 guard allow 192.0.2.0/24
	run 0 guard delete "$TRUSTED4"
	arrives trusted "$SERVER4" 5060
	unchanged run 7 guard delete 192.0.2.0/24
	complains '192\.0\.2\.0/24 called|192\.0\.2\.10/32 called [0-9]+s ago'
	unchanged run 7 guard deny 192.0.2.0/24
	unchanged run 7 guard deny 192.0.2.0/24 "$NEIGHBOUR4"
	run 0 guard deny "$NEIGHBOUR4"
	run 0 guard delete "$NEIGHBOUR4"
	run 0 guard allow "$TRUSTED4"
	run 0 guard delete 192.0.2.0/24
	printf '203.0.113.1\n203.0.113.2\n' >"$WORLD/list"
	unchanged run 7 guard import plain "$WORLD/list" --replace
	run 0 guard delete 203.0.113.1
	# Nobody is dropped by a guard that monitors.
	run 0 guard mode monitor
	run 0 guard delete "$TRUSTED4"
	run 0 guard allow "$TRUSTED4"
	run 0 guard mode enforce
	arrives trusted "$SERVER4" 5060
	run 0 guard delete "$TRUSTED4" --drop-recent --allow-empty
	is_dropped trusted "$SERVER4" 5060
}

# Fraud is stopped by one command: a host that is named is meant.
test_a_host_that_is_named_is_dropped_though_it_was_active() {
	run 0 guard allow "$TRUSTED4" "$TRUSTED6" 203.0.113.1
	run 0 guard attach eth0
	arrives trusted "$SERVER4" 5060
	run 0 guard delete "$TRUSTED4"
	prints '^deleted: 192\.0\.2\.10/32$'
	prints '^192\.0\.2\.10/32 was active [0-9]+s ago$'
	is_dropped trusted "$SERVER4" 5060
	run 0 guard allow 192.0.2.0/24
	arrives trusted "$SERVER4" 5060
	holds '.were_active | length == 1 and .[0].prefix == "192.0.2.10/32" and .[0].seconds_ago < 300' deny "$TRUSTED4"
	is_dropped trusted "$SERVER4" 5060
	# Nobody has called from there.
	run 0 guard deny "$NEIGHBOUR4"
	prints_not active
	run 0 guard delete "$TRUSTED4"
	prints_not active
	# By an entry with an end, which is remembered by itself.
	run 0 guard allow "$TRUSTED6" for 1h
	arrives trusted "$SERVER6" 5060
	run 0 guard delete "$TRUSTED6"
	prints 'was active'
	is_dropped trusted "$SERVER6" 5060
}

# A confirmation that nobody gave is over: what it left does not keep anything back.
test_after_a_missed_confirmation_everything_works() {
	declare_policy '[guard]' 'devices = eth0'
	lists trunks "$TRUSTED4" 203.0.113.1
	run 0 guard apply
	lists trunks "$TRUSTED4" 203.0.113.1 203.0.113.2
	run 0 guard apply --confirm 10s
	run 6 guard apply --check
	within 20 missed
	run 1 guard diff
	prints '203\.0\.113\.2'
	run 1 guard apply --check
	holds '.refusal == null' apply --check
	run 0 guard apply
	run 0 guard apply --check
	arrives trusted "$SERVER4" 5060
}

missed() {
	grep -q 'was not confirmed' < <(guard status)
}

test_export_prints_what_apply_reads() {
	run 0 guard allow "$TRUSTED4" label 'the trunk # 1'
	run 0 guard allow 203.0.113.7 until 2099-01-01T00:00Z
	run 0 guard deny 203.0.113.0/24
	run 0 guard ports set udp/5070 tcp/5061
	run 0 guard attach eth0 eth1 --mode generic --monitor
	run 0 guard allow 198.51.100.7 --runtime
	run 0 guard export
	prints '^192\.0\.2\.10/32 # the trunk # 1$'
	prints_not '198\.51\.100\.7'
	guard export | guard apply -f - --check --diff >"$OUTPUT" || fail "$(cat "$OUTPUT")"
	run 0 guard export "$WORLD/exported"
	run 7 guard export "$WORLD/exported"
	local before
	before=$(json '[.entries[] | select(.origin != "runtime") | [.prefix, .verdict, .expires, .label]]' list)
	run 0 guard detach --all
	rm -r "$WORLD/state"
	run 0 guard apply -f "$WORLD/exported"
	equal "$before" "$(json '[.entries[] | [.prefix, .verdict, .expires, .label]]' list)" 'entries'
	run 0 guard ports
	prints '^udp/5070'
	holds '[.devices[] | [.mode, .attach_mode]] | unique == [["monitor", "generic"]]' status
	run 0 guard apply -f "$WORLD/exported" --check
}

test_export_passes_over_guards_whose_device_is_gone() {
	run 0 guard attach eth0 --monitor
	run 0 guard attach eth1 --mode generic --monitor
	ip -n server link delete eth0
	run 0 guard export "$WORLD/exported"
	grep -q '^attach = generic$' "$WORLD/exported/sipguard.conf" || fail "$(cat "$WORLD/exported/sipguard.conf")"
}

is_waiting() {
	[[ $(cat "/proc/$1/comm") == sipguard ]] && grep -q '^State:.S' "/proc/$1/status"
}

# Whoever writes to standard input may take his time: nobody waits for him.
test_a_list_from_standard_input_keeps_nobody_waiting() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0
	mkfifo "$WORLD/list"
	exec 3<>"$WORLD/list"
	# shellcheck disable=SC2016
	start apply server sh -c 'exec "$0" apply -f - <"$1"' "$SIPGUARD" "$WORLD/list"
	# shellcheck disable=SC2154
	within 5 is_waiting "${processes[apply]}"
	run 0 guard allow 203.0.113.9
	stop apply
}

test_unconfirmed_apply_goes_back() {
	declare_policy '[guard]' 'devices = eth0'
	lists trunks "$TRUSTED4" "$TRUSTED6"
	run 0 guard apply
	arrives trusted "$SERVER4" 5060
	lists trunks "$TRUSTED6" "$NEIGHBOUR4"
	run 0 guard apply --confirm 10s --drop-recent
	grep -q 'sipguard confirm makes it stay' "$ERRORS" || fail "$(cat "$ERRORS")"
	is_dropped trusted "$SERVER4" 5060
	run 6 guard allow 203.0.113.7
	complains 'waits for its confirmation'
	run 6 guard apply
	run 6 guard apply --check
	run 6 guard ports set udp/5060
	within 12 decides "$TRUSTED4" allowed
	arrives trusted "$SERVER4" 5060
	run 3 guard confirm
	complains 'too late'
	# Another change was in time: that says nothing of this one.
	run 0 guard mode monitor --confirm 1h
	run 0 guard confirm
	grep -q 'warning: for the allowlist the confirmation comes too late' "$ERRORS" || fail "$(cat "$ERRORS")"
	run 0 guard mode enforce
	run 0 guard allow 203.0.113.7
	grep -q 'was not confirmed' "$ERRORS" || fail "$(cat "$ERRORS")"
	decides "$TRUSTED4" allowed || fail 'the list on trial is in force again'
	equal '["192.0.2.10/32","203.0.113.7/32","2001:db8:1::10/128"]' "$(json '[.entries[].prefix]' list)" entries
	run 0 guard detach --all
	run 0 guard attach eth0
	arrives trusted "$SERVER4" 5060
}

test_confirmed_apply_stays() {
	declare_policy '[guard]' 'devices = eth0' 'mode = enforce'
	lists trunks "$TRUSTED4" "$TRUSTED6"
	run 0 guard attach eth0 --monitor
	holds '.waits_for_confirmation' apply --confirm 10s
	arrives trusted "$SERVER4" 5060
	run 0 guard confirm
	prints '^allowlist: confirmed$'
	prints '^eth0: enforce$'
	run 0 guard apply --check
	run 0 guard detach --all
	run 0 guard attach eth0
	arrives trusted "$SERVER4" 5060
	# A trial that was never confirmed does not outlive the guards.
	lists trunks "$TRUSTED6" "$NEIGHBOUR4" 203.0.113.1
	run 0 guard apply --confirm 1h --drop-recent
	run 0 guard detach --all
	run 0 guard attach eth0
	arrives trusted "$SERVER4" 5060
	lists trunks "$TRUSTED4" "$TRUSTED6"
	run 0 guard apply --check
}

# revert_at MAP OFFSET: the moment at which what stands in the map ends
revert_at() {
	bpftool --json map dump pinned "$SIPGUARD_PIN_DIR/$1" | jq -c ".[0].value[$2:$2 + 8]"
}

test_list_and_modes_on_trial_end_at_the_same_moment() {
	run 0 guard attach eth0 --monitor
	declare_policy '[guard]' 'devices = eth0 eth1' 'mode = enforce'
	lists trunks "$TRUSTED4" "$TRUSTED6"
	run 0 guard apply --confirm 1h
	local ends
	ends=$(revert_at policy/settings 16)
	[[ $ends == '["0x'* ]] || fail "no moment: $ends"
	equal "$ends" "$(revert_at devices/eth0/device 16)" 'the end of the mode of a guard that was there'
	equal "$ends" "$(revert_at devices/eth1/device 16)" 'the end of the mode of a new guard'
	run 0 guard confirm
	declare_policy '[guard]' 'devices = eth0 eth1' 'mode = monitor'
	lists trunks "$TRUSTED4" "$TRUSTED6" 203.0.113.1
	run 0 guard apply --confirm 1h
	equal "$(revert_at policy/settings 16)" "$(revert_at devices/eth1/device 16)" 'the end of monitoring'
}

test_ports_are_no_part_of_a_trial() {
	declare_policy '[guard]' 'devices = eth0' '[ports]' 'guard = udp/5070'
	lists trunks "$TRUSTED4"
	run 0 guard allow 203.0.113.7
	run 0 guard attach eth0
	unchanged run 2 guard apply --confirm 10s
	complains 'ports differ' '^hint: .*ports set'
	run 0 guard detach eth0
	run 0 guard apply --confirm 10s
}

# As the unit of a device does when the machine boots.
test_attach_guards_as_declared() {
	declare_policy '[guard]' 'devices = eth0' 'mode = monitor' 'attach = generic'
	lists trunks "$TRUSTED4"
	run 0 guard apply
	run 0 guard detach --all
	run 0 guard attach eth0
	holds '.devices[0] | .mode == "monitor" and .attach_mode == "generic"' status
	run 0 guard attach eth1 --mode native
	holds '.devices[1] | .mode == "monitor" and .attach_mode == "native"' status
	run 0 guard mode enforce
	run 0 guard attach eth0
	holds '.devices[0] | .mode == "enforce" and .attach_mode == "generic"' status
	run 0 guard detach --all
	declare_policy '[guard]' 'mode = enforced'
	run 0 guard attach eth0
	grep -q 'warning: .*sipguard.conf:2:8: ' "$ERRORS" || fail "$(cat "$ERRORS")"
	is_dropped trusted "$SERVER6" 5060
}

# The driver of the second device knows no XDP.
test_a_failing_attach_takes_everything_back() {
	declare_policy '[guard]' 'devices = eth0 lo' 'mode = enforce' '[ports]' 'guard = udp/5070'
	lists trunks "$TRUSTED4"
	run 0 guard attach eth1 --monitor
	run 0 guard allow 203.0.113.7
	unchanged run 5 guard apply
	complains 'lo'
	declare_policy '[guard]' 'devices = eth0 lo' 'mode = enforce'
	lists trunks "$TRUSTED4"
	unchanged run 5 guard apply --confirm 1h
	run 0 guard allow 203.0.113.8
}

test_the_first_apply_fails_and_leaves_nothing() {
	declare_policy '[guard]' 'devices = lo'
	lists trunks "$TRUSTED4"
	run 5 guard apply
	holds '.entries == []' list
	run 5 guard apply --confirm 1h
	holds '.entries == []' list
}

# A guard goes on to wait for the confirmation that it waited for.
test_a_failing_apply_leaves_a_change_of_the_mode_on_trial() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 --confirm 1h
	declare_policy '[guard]' 'devices = eth0 lo' 'mode = monitor'
	lists trunks 203.0.113.1
	run 5 guard apply
	run 0 guard status
	prints 'enforce, back to monitor in'
	run 0 guard confirm
}

test_how_an_apply_ended_is_told() {
	declare_policy '[guard]' 'devices = eth0'
	lists trunks "$TRUSTED4"
	run 0 guard apply
	grep -q '^sipguard_policy_last_apply_successful 1$' < <(guard metrics) || fail 'a success is not told'
	lists trunks nonsense
	run 2 guard apply
	grep -q '^sipguard_policy_last_apply_successful 0$' < <(guard metrics) || fail 'a failure is not told'
	grep -Eq '^sipguard_policy_last_apply_success_timestamp_seconds [1-9]' < <(guard metrics) || fail 'the last success is forgotten'
	run 2 guard diff
	grep -q '^sipguard_policy_last_apply_successful 0$' < <(guard metrics) || fail 'a question counts as an apply'
}

# When it ended, the kernel would have nothing for its prefix.
test_a_temporary_entry_does_not_stand_before_a_declared_one() {
	declare_policy '[guard]' 'devices = eth0'
	lists trunks "$TRUSTED4" 203.0.113.1
	run 0 guard allow 203.0.113.1
	run 0 guard attach eth0
	run 0 guard deny "$TRUSTED4" for 1h
	unchanged run 7 guard apply
	complains '192\.0\.2\.10/32 of trunks\.list is hidden' '^hint: sipguard delete 192\.0\.2\.10/32'
	run 7 guard diff
	run 0 guard delete "$TRUSTED4"
	run 0 guard apply
	arrives trusted "$SERVER4" 5060
}

test_a_mode_that_waits_is_not_in_sync() {
	declare_policy '[guard]' 'devices = eth0' 'mode = enforce'
	lists trunks "$TRUSTED4"
	run 0 guard apply
	run 0 guard mode monitor
	run 0 guard mode enforce --confirm 1h
	run 1 guard apply --check
	run 0 guard apply
	run 3 guard confirm
	holds '.devices[0] | .mode == "enforce" and .confirmation == null' status
	run 0 guard apply --check
}

test_attach_says_when_there_is_nothing_to_confirm() {
	declare_policy '[guard]' 'mode = monitor'
	run 0 guard attach eth0 --confirm 1h
	grep -q 'nothing to confirm' "$ERRORS" || fail "$(cat "$ERRORS")"
	run 3 guard confirm
}
