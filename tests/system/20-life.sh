# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The guard outlives the command, and goes only when it is told to.

guard_both() {
	run 0 guard allow "$TRUSTED4" "$TRUSTED6"
	run 0 guard attach eth0 eth1
}

holds_both() {
	arrives trusted "$SERVER4" 5060
	is_dropped stranger "$OUTSIDE4" 5060
	is_dropped stranger "$OUTSIDE6" 5060
}

test_holds_after_the_command_has_ended() {
	guard_both
	holds_both
}

# killed_after SECONDS COMMAND...
killed_after() {
	nsenter --net=/run/netns/server -- "$SIPGUARD" "${@:2}" >/dev/null 2>&1 &
	sleep "$1"
	kill -KILL $! 2>/dev/null || true
	wait $! 2>/dev/null || true
}

test_survives_kill_of_attach() {
	local moment
	guard_both
	for moment in 0.001 0.003 0.01 0.03 0.1 0.2 0.3 0.4 0.5; do
		killed_after "$moment" attach eth1
		holds_both
	done
	run 0 guard attach eth1
	holds_both
}

test_survives_kill_of_allow_and_delete() {
	local moment
	guard_both
	for moment in 0.000 0.001 0.0015 0.002 0.0025 0.003 0.004; do
		killed_after "$moment" allow 203.0.113.0/24 203.0.113.7 2001:db8:113::/48
		killed_after "$moment" delete 203.0.113.0/24
		holds_both
		run 0 guard allow 203.0.113.0/24 203.0.113.7 2001:db8:113::/48
	done
	run 0 guard check 203.0.113.9
}

test_kill_of_the_first_attach_leaves_nothing_in_the_way() {
	local moment
	run 0 guard allow "$TRUSTED4"
	for moment in 0.001 0.003 0.01 0.03 0.1 0.2 0.3 0.4 0.5; do
		killed_after "$moment" attach eth1
		run 0 guard attach eth1
		is_dropped stranger "$OUTSIDE4" 5060
		run 0 guard detach --all
	done
}

# What a detach leaves when it is killed after its first step: no guard, but its maps.
test_detach_finishes_what_a_killed_one_left() {
	guard_both
	rm "$SIPGUARD_PIN_DIR/devices/eth0/link" "$SIPGUARD_PIN_DIR/devices/eth1/link"
	run 3 guard status
	run 0 guard detach --all
	equal '' "$(find "$SIPGUARD_PIN_DIR" -mindepth 1 2>/dev/null)" 'pins'
}

# What an allow leaves when it is killed between the kernel and the file: an entry in force that is in no file.
test_entry_that_is_in_no_file_can_be_deleted() {
	guard_both
	cp "$SIPGUARD_STATE_DIR/entries.list" "$WORLD/entries"
	run 0 guard allow "$STRANGER4"
	cp "$WORLD/entries" "$SIPGUARD_STATE_DIR/entries.list"
	arrives stranger "$OUTSIDE4" 5060
	run 0 guard delete "$STRANGER4" --drop-recent
	is_dropped stranger "$OUTSIDE4" 5060
}

has_ended() {
	! bpftool "$@"
}

test_detach_leaves_nothing_behind() {
	local program maps map
	guard_both
	program=$(program_on server eth0)
	maps=$(bpftool --json prog show id "$program" | jq '.map_ids[]')
	run 0 guard detach eth1
	run 3 guard detach eth1
	run 0 guard detach --all
	equal '' "$(program_on server eth0)$(program_on server eth1)" 'programs on the devices'
	# The directory of the pins stays: an exporter may stand in it.
	equal '.' "$(cd "$SIPGUARD_PIN_DIR" && find .)" 'pins'
	within 3 has_ended prog show id "$program"
	for map in $maps; do
		within 3 has_ended map show id "$map"
	done
	equal lock "$(ls -A "$SIPGUARD_RUN_DIR")" 'runtime files'
	equal $'entries.list\nguards\nversions' "$(ls -A "$SIPGUARD_STATE_DIR")" 'state files'
	arrives stranger "$OUTSIDE4" 5060
}

test_ip_link_cannot_take_it_off() {
	guard_both
	run 2 in_namespace server ip link set dev eth0 xdp off
	grep -Eq 'active BPF XDP link|busy' "$ERRORS" || fail "ip says: $(cat "$ERRORS")"
	run 0 guard attach eth0 eth1
	holds_both
	run 0 guard detach --all
	run 0 guard attach eth0 eth1 --mode generic
	run 2 in_namespace server ip link set dev eth0 xdpgeneric off
	holds_both
}

# Some 30,000 packets a second, until one of them is answered, be it with an error: that leaves the swaps a processor.
start_flood() {
	start flood stranger bash -c "exec 3<>/dev/udp/$OUTSIDE4/5061
		until read -rt 0.001 -u 3; do for _ in {1..50}; do printf x >&3 || exit; done; done"
}

# A phone that asks steadily and a stranger that floods, while the program is swapped again and again.
test_swap_under_traffic_has_no_gap() {
	local before programs=() step
	start_sip_server
	guard_both
	hears trusted "$TRUSTED4" "$SERVER4" u1
	before=$(in_namespace server nstat -asz UdpNoPorts | awk '/NoPorts/ { print $2 }')
	start_flood
	start phone trusted sipp "$SERVER4:5060" -i "$TRUSTED4" -sf "$SCENARIOS/options.xml" -nr -nostdin -r 500 -m 100000
	within 5 counts 1000 eth1 not_allowed
	within 5 counts 100 eth0 allowed
	for ((step = 0; step < 25; step++)); do
		run 0 guard attach eth0 eth1
		programs+=("$(program_on server eth0)" "$(program_on server eth1)")
	done
	is_running flood || fail "a packet of the flood was answered: $(cat "$WORLD/logs/flood")"
	stop flood
	# Asks it to end when the calls that are under way have had their answers; 0 says that all had.
	ends phone USR1 || fail "a phone's question was lost: $(tail -n 30 "$WORLD/logs/phone")"
	equal 50 "$(printf '%s\n' "${programs[@]}" | sort -u | wc -l)" 'programs, after 50 swaps'
	equal "$before" "$(in_namespace server nstat -asz UdpNoPorts | awk '/NoPorts/ { print $2 }')" 'a stranger came through'
}

test_swap_keeps_counters_and_entries() {
	local before
	guard_both
	holds_both
	before=$(guard --json stats | jq -c '[.counters[] | select(.reason != "other_port")]')
	run 0 guard attach eth0 eth1
	prints 'swapped'
	equal "$before" "$(guard --json stats | jq -c '[.counters[] | select(.reason != "other_port")]')" 'counters'
	holds '.entries | length == 2' list
}

has_no_program() {
	[[ -z $(program_on server "$1") ]]
}

test_reboot_brings_entries_and_ports_back() {
	guard_both
	run 0 guard allow 203.0.113.7 label 'branch office'
	run 0 guard allow 203.0.113.8 --runtime
	run 0 guard ports set udp/5060 udp/15060
	umount "$WORLD/bpf"
	mount -t bpf -o mode=0700 bpf "$WORLD/bpf"
	rm -rf "$SIPGUARD_RUN_DIR"
	within 3 has_no_program eth0
	run 3 guard status
	run 0 guard attach eth0 eth1
	arrives trusted "$SERVER4" 15060
	is_dropped stranger "$OUTSIDE4" 15060
	arrives stranger "$OUTSIDE4" 5061
	holds '[.entries[].prefix] == ["192.0.2.10/32", "203.0.113.7/32", "2001:db8:1::10/128"]' list
	holds '.entries[1].label == "branch office"' list
	run 0 guard check 203.0.113.7
	run 1 guard check 203.0.113.8
}
