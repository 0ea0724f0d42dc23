# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What changes about a device after it was guarded: status, doctor and the metrics tell, and attach again mends it.

# changed DEVICE CHANGE: all three tell
changed() {
	holds ".devices[] | select(.device == \"$1\") | .changed | has(\"$2\")" status
	run 1 guard doctor "$1"
	grep -q 'changed' "$OUTPUT" || fail 'doctor says nothing'
	run 0 guard metrics
	grep -qxF "sipguard_guard_changed{device=\"$1\",change=\"$2\"} 1" "$OUTPUT" || fail 'no metric'
}

# is_as_it_was DEVICE...: and the metrics have every series at 0
is_as_it_was() {
	local device
	holds '[.devices[].changed] | all(. == {})' status
	equal '' "$(cat "$ERRORS")" 'what status says beside the table'
	for device in "$@"; do
		holds "[.findings[] | select(.check == \"changed\" and .device == \"$device\") | .severity] == [\"ok\"]" doctor
		run 0 guard metrics
		equal 10 "$(grep -c "^sipguard_guard_changed{device=\"$device\",.*} 0\$" "$OUTPUT")" 'series at 0'
	done
}

guard_both() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
	is_as_it_was eth0 eth1
}

# flows NAMESPACE SOURCE ADDRESS COUNT: datagrams from so many ports, which spread over the receive queues
flows() {
	# shellcheck disable=SC2016
	in_namespace "$1" bash -c 'for ((i = 0; i < $2; i++)); do echo x >"/dev/udp/$1/5060"; done' bash "$2" "$3" 2>/dev/null
}

# The kernel gives a receive queue of veth that is added later no program (veth_set_channels()).
test_channels() {
	local before drops
	guard_both
	in_namespace server ethtool -L eth1 rx 2
	in_namespace stranger ethtool -L eth0 tx 2
	changed eth1 channels
	run 0 guard status
	prints '^eth1 +changed'
	grep -q '2 receive channels, 1 when it was guarded.*unseen' "$ERRORS" || fail "$(cat "$ERRORS")"
	grep -q 'sipguard attach eth1' "$ERRORS" || fail "$(cat "$ERRORS")"
	run 1 guard doctor eth1
	prints 'problem +changed +2 receive channels'
	prints 'mend: sipguard attach eth1'
	before=$(received) drops=$(dropped)
	flows stranger "$OUTSIDE4" 64
	(($(received) > before)) || fail 'the gap that this test is about is not there'
	run 0 guard attach eth1
	is_as_it_was eth0 eth1
	before=$(received) drops=$(dropped)
	flows stranger "$OUTSIDE4" 64
	within 3 more_than $((drops + 63)) dropped
	equal "$before" "$(received)" 'datagrams received'
}

test_more_queues_before_the_guard_are_no_change() {
	run 0 guard allow "$TRUSTED4"
	in_namespace server ethtool -L eth1 rx 2
	run 0 guard attach eth1
	is_as_it_was eth1
}

test_hint_for_more_queues_is_one_that_the_driver_takes() {
	local command
	guard_both
	command=$(json '.findings[] | select(.check == "queues" and .device == "eth1") | .mend' doctor)
	if [[ -z $command ]]; then
		(($(nproc) == 1)) || fail 'nothing is said of queues'
		return
	fi
	[[ $command =~ ^(ethtool\ -L\ eth1\ rx\ [0-9]+)\ \&\&\ sipguard\ attach\ eth1$ ]] || fail "$command"
	run 0 in_namespace server bash -c "${BASH_REMATCH[1]}"
	run 0 guard attach eth1
	is_as_it_was eth1
}

test_mtu_and_address() {
	guard_both
	ip -n server link set eth1 mtu 1400
	changed eth1 mtu
	ip -n server link set eth1 down
	ip -n server link set eth1 address 02:00:00:00:00:77
	ip -n server link set eth1 up
	changed eth1 address
	holds '.devices[] | select(.device == "eth0") | .changed == {}' status
	run 0 guard attach eth1
	is_as_it_was eth0 eth1
	is_dropped stranger "$OUTSIDE4" 5060
}

test_master_and_new_ports() {
	guard_both
	ip -n server link add br0 type bridge
	ip -n server link set eth1 master br0
	changed eth1 master
	run 0 guard attach eth1
	is_as_it_was eth1
	ip -n server link add vx0 type vxlan id 7 remote "$TRUSTED4" dstport 4789 dev eth0
	ip -n server link set vx0 master br0
	changed eth1 ports
	run 1 guard doctor eth1
	prints 'problem +changed +vx0 is a new port beside it'
	run 0 guard attach vx0 --mode generic
	is_as_it_was eth1
	ip -n server link set eth1 nomaster
	changed eth1 master
}

# Containers come and go on a bridge.
test_new_ports_of_containers_are_no_change() {
	ip -n server link add br0 type bridge
	ip -n server link set eth1 master br0
	guard_both
	world_link veth7 trusted eth7
	ip -n server link set veth7 master br0
	is_as_it_was eth0 eth1
}

test_namespace_and_back() {
	guard_both
	ip -n server link set eth1 netns trusted name moved
	holds '[.devices[].state] == ["attached", "elsewhere"]' status
	in_namespace trusted "$SIPGUARD" --json status >"$OUTPUT" || true
	jq -e '.devices[] | select(.device == "eth1") | .changed | has("namespace")' "$OUTPUT" >/dev/null ||
		fail "$(cat "$OUTPUT")"
}

test_link_that_was_taken_off() {
	local link
	guard_both
	link=$(bpftool --json link show pinned "$SIPGUARD_PIN_DIR/devices/eth1/link" | jq .id)
	bpftool link detach id "$link"
	run 3 guard status
	grep -q 'the guard was taken off eth1, which is NOT guarded: sipguard attach eth1' "$ERRORS" || fail "$(cat "$ERRORS")"
	run 1 guard doctor eth1
	prints 'problem +guard +its link was taken off'
	arrives stranger "$OUTSIDE4" 5060
	run 0 guard attach eth1
	is_as_it_was eth0 eth1
	is_dropped stranger "$OUTSIDE4" 5060
}

# keeps DEVICE: a record from before anything was received, with what the guard has counted by now
keeps() {
	python3 - "$SIPGUARD_RUN_DIR/guards/$1.guard" \
		"$(json "[.counters[] | select(.device == \"$1\") | .packets] | add" stats)" <<-'PYTHON'
			import sys, zlib
			path, counted = sys.argv[1:]
			lines = [line for line in open(path) if not line.startswith(('packets', '# sealed'))]
			text = ''.join(lines) + f'packets 0 0 {counted}\n'
			open(path, 'w').write(text + '# sealed %08x\n' % zlib.crc32(text.encode()))
		PYTHON
}

# No driver keeps packets from its program at will, so what was kept is written anew. Until the devices are quiet the
# counters move on.
seems_silent() {
	keeps eth1
	[[ $(json '.devices[] | select(.device == "eth1") | .changed | has("silent")' status) == true ]]
}

test_silent_counters() {
	guard_both
	flows stranger "$OUTSIDE4" 120
	within 3 counts 120 eth1 not_allowed
	within 10 seems_silent
	run 0 guard metrics
	grep -q '^sipguard_guard_changed{device="eth1",change="silent"} 1' "$OUTPUT" || fail "$(cat "$OUTPUT")"
	run 1 guard doctor eth1
	prints 'problem +changed +[0-9]+ packets received since it was guarded, and the guard saw none'
	send stranger "$OUTSIDE4" 5060 1
	within 3 counts 121 eth1 not_allowed
	holds '.devices[] | select(.device == "eth1") | .changed == {}' status
}

test_a_damaged_record_is_no_record() {
	local file=$SIPGUARD_RUN_DIR/guards/eth1.guard
	guard_both
	echo damage >>"$file"
	holds '.devices[] | select(.device == "eth1") | .changed == {}' status
	holds 'any(.findings[]; .check == "changed" and .device == "eth1" and .severity == "note" and (.mend | contains("sipguard attach eth1")))' doctor
	rm "$file"
	holds 'any(.findings[]; .check == "changed" and .device == "eth1" and .severity == "note")' doctor
	run 0 guard attach eth1
	is_as_it_was eth0 eth1
	run 0 guard detach eth1
	[[ ! -e $file ]] || fail 'the record of a device that is not guarded any more'
}

# The exporter runs without root, whatever umask the administrator has.
test_the_record_is_for_everybody_to_read() {
	run 0 guard allow "$TRUSTED4"
	(umask 077 && run 0 guard attach eth1)
	in_namespace server setpriv --reuid 65534 --regid 65534 --clear-groups cat "$SIPGUARD_RUN_DIR/guards/eth1.guard" >/dev/null ||
		fail "$(ls -ld "$SIPGUARD_RUN_DIR" "$SIPGUARD_RUN_DIR"/guards/*)"
}
