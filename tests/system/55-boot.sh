# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a reboot brings back. It takes the pins, and with them the guards and everything in the kernel, and what stands
# under /run; devices may come later than the command that guards them.

reboot() {
	find "$SIPGUARD_PIN_DIR" -name link -delete
	rm -rf "$SIPGUARD_PIN_DIR" "$SIPGUARD_RUN_DIR"
	within 3 is_open eth0
	within 3 is_open eth1
}

is_open() {
	[[ -z $(program_on server "$1") ]]
}

# mode_of DEVICE MODE
mode_of() {
	holds ".devices | any(.device == \"$1\" and .state == \"attached\" and .mode == \"$2\")" status
}

remembers() {
	grep -Eq "$1" "$SIPGUARD_STATE_DIR/guards" || fail "no /$1/ is remembered:" $'\n'"$(cat "$SIPGUARD_STATE_DIR/guards")"
}

forgot() {
	! grep -Eq "$1" "$SIPGUARD_STATE_DIR/guards" || fail "/$1/ is remembered"
}

# udev COMMAND...: as the rule starts it for a device
udev() {
	in_namespace server env "INTERFACE=$1" "$SIPGUARD" restore --udev
}

test_every_choice_comes_back() {
	local mode
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0
	run 0 guard attach eth1 --monitor --mode generic
	reboot
	run 0 guard restore
	mode_of eth0 enforce
	mode_of eth1 monitor
	holds '.devices[1].attach_mode == "generic"' status
	for mode in monitor enforce; do
		run 0 guard mode "$mode"
		reboot
		run 0 guard restore
		mode_of eth0 "$mode"
		mode_of eth1 "$mode"
	done
	run 0 guard mode monitor eth1
	reboot
	run 0 guard restore
	mode_of eth0 enforce
	mode_of eth1 monitor
	arrives stranger "$OUTSIDE4" 5060
	run 0 guard detach eth1
	reboot
	run 0 guard restore
	holds '.devices | map(.device) == ["eth0"]' status
}

test_what_is_for_the_time_being_does_not() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 --runtime
	forgot eth0
	run 0 guard attach eth1
	run 0 guard mode monitor --runtime
	mode_of eth1 monitor
	run 0 guard status
	prints '^eth0 +attached +native +monitor +runtime +not guarded '
	prints '^eth1 +attached +native +monitor +typed +enforce '
	run 2 guard mode enforce --runtime --confirm 1m
	run 2 guard attach eth0 --runtime --confirm 1m
	reboot
	run 0 guard restore
	is_open eth0 || fail 'a guard for the time being came back'
	mode_of eth1 enforce
	run 0 guard detach eth1 --runtime
	reboot
	run 0 guard restore
	is_dropped stranger "$OUTSIDE4" 5060
}

# Of a change that waits for its confirmation, a reboot brings back what was before.
test_what_is_not_confirmed_does_not() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 --confirm 1h
	run 0 guard attach eth1 --monitor
	run 0 guard mode enforce eth1 --confirm 1h
	reboot
	run 0 guard restore
	mode_of eth0 monitor
	mode_of eth1 monitor
	run 0 guard mode enforce --confirm 1h
	run 0 guard confirm
	reboot
	run 0 guard restore
	mode_of eth0 enforce
	mode_of eth1 enforce
}

test_a_device_that_is_not_there_holds_nothing_up() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
	ip -n server link del eth1
	reboot
	run 3 guard restore
	grep -q 'eth1: is not there; it is guarded when it comes' "$ERRORS" || fail "$(cat "$ERRORS")"
	mode_of eth0 enforce
	run 3 guard status
	prints '^eth0 +attached +native +enforce +typed +enforce '
	prints '^eth1 +absent +native +- +typed +enforce '
	holds '.missing == [{"device": "eth1", "state": "absent", "mode": "enforce", "attach_mode": "native", "from": "typed"}]
		and .devices[0].from == "typed" and .devices[0].after_reboot == "enforce"' status
	run 0 guard metrics
	prints '^sipguard_guard_expected\{device="eth1"\} 1$'
	prints '^sipguard_guard_expected_enforcing\{device="eth1"\} 1$'
	prints_not '^sipguard_attached\{device="eth1"'
	run 0 guard mode monitor eth1
	world_link eth1 stranger eth0
	is_open eth1 || fail 'who guards eth1?'
	run 0 udev eth1
	mode_of eth1 monitor
	run 0 guard detach eth0 eth1
	run 3 guard detach eth1
	run 0 guard restore
}

# Between the two devices of a detach that was killed: the draft says that neither is guarded.
test_a_detach_that_was_killed_can_be_repeated() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
	cp "$SIPGUARD_STATE_DIR/guards" "$WORLD/guards"
	run 0 guard detach eth0 eth1
	cp "$SIPGUARD_STATE_DIR/guards" "$WORLD/none"
	run 0 guard attach eth1
	cp "$WORLD/guards" "$SIPGUARD_STATE_DIR/guards"
	cp "$WORLD/none" "$SIPGUARD_STATE_DIR/guards.new"
	run 0 guard detach eth0 eth1
	prints '^eth0: already not guarded$'
	prints '^eth1: no longer guarded$'
	forgot '^guarded'

	# By hand, of a device that is declared.
	mkdir "$SIPGUARD_CONFIG_DIR"
	printf '[guard]\ndevices = eth0\n' >"$SIPGUARD_CONFIG_DIR/sipguard.conf"
	run 0 guard apply --allow-empty
	run 0 guard detach eth0
	run 0 guard detach eth0
	prints '^eth0: already not guarded$'
	run 3 guard detach eth1
}

# The rule of udev runs for every device there is, and long before the machine is ready.
test_the_rule_does_nothing_where_nothing_is_to_be_done() {
	run 0 udev eth0
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0
	reboot
	run 0 udev eth1
	is_open eth1 || fail 'a device that is not remembered is guarded'
	run 2 in_namespace server "$SIPGUARD" restore --udev
	mv "$SIPGUARD_STATE_DIR" "$WORLD/not-mounted"
	run 0 udev eth0
	mv "$WORLD/not-mounted" "$SIPGUARD_STATE_DIR"
	SIPGUARD_PIN_DIR=$WORLD/nothing/sipguard run 0 udev eth0
	printf 'root=/dev/vda1 sipguard=off quiet\n' >"$WORLD/cmdline"
	mount --bind "$WORLD/cmdline" /proc/cmdline
	run 0 udev eth0
	is_open eth0 || fail 'sipguard=off guards'
	umount /proc/cmdline
	run 0 udev eth0
	mode_of eth0 enforce
}

# Where udev is at work, a name that it has not given may be another device's tomorrow.
test_a_device_without_its_name_is_left_to_the_rule() {
	ip link add wan0 type veth peer name wan1
	run 0 guard allow "$TRUSTED4"
	run 0 "$SIPGUARD" attach wan0
	find "$SIPGUARD_PIN_DIR" -name link -delete
	rm -rf "$SIPGUARD_PIN_DIR"
	mkdir -p /run/udev/data
	touch /run/udev/control
	run 3 "$SIPGUARD" restore
	grep -q 'wan0: has not got its name yet' "$ERRORS" || fail "$(cat "$ERRORS")"
	touch "/run/udev/data/n$(cat /sys/class/net/wan0/ifindex 2>/dev/null || ip -json link show wan0 | jq '.[0].ifindex')"
	run 0 "$SIPGUARD" restore
	run 0 "$SIPGUARD" --json restore
	prints '"device": ?"wan0", ?"result": ?"guarded"'
}

# A restart of the unit swaps programs, and leaves modes alone that were chosen for the time being.
test_restore_of_what_is_there_changes_nothing() {
	local before
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0
	run 0 guard mode monitor --runtime
	before=$(json '[.devices[] | del(.program_id, .packets)]' status)
	run 0 guard restore
	equal "$before" "$(json '[.devices[] | del(.program_id, .packets)]' status)" 'the guards'
}

# Guards of a version that remembered none are remembered by the first command that looks.
test_an_upgrade_takes_over_what_is_there() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1 --monitor
	rm "$SIPGUARD_STATE_DIR/guards" "$SIPGUARD_STATE_DIR"/versions/*/guards
	run 0 guard restore
	reboot
	run 0 guard restore
	mode_of eth0 monitor
	mode_of eth1 monitor
}

test_an_unreadable_configuration_keeps_the_mode() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 --monitor
	mkdir -p "$SIPGUARD_CONFIG_DIR"
	printf '[guard]\nmode = enforce\n' >"$SIPGUARD_CONFIG_DIR/sipguard.conf"
	reboot
	run 0 guard attach eth0
	mode_of eth0 monitor
	echo nonsense >"$SIPGUARD_CONFIG_DIR/sipguard.conf"
	reboot
	run 0 guard attach eth0
	grep -q 'warning: .*sipguard.conf:1.*keeps the mode that is remembered' "$ERRORS" || fail "$(cat "$ERRORS")"
	mode_of eth0 monitor
}

# It needs nothing but a shell, and no layout that it knows.
test_purge_ends_every_guard() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
	bpftool map create "$SIPGUARD_PIN_DIR/policy/unheard_of" type array key 4 value 4 entries 1 name other
	run 0 "$SCRIPTS/purge"
	prints '^eth0: no longer guarded$'
	prints '^eth1: no longer guarded$'
	within 3 is_open eth0
	within 3 is_open eth1
	[[ ! -e $SIPGUARD_PIN_DIR ]] || fail 'pins are left'
	run 0 "$SCRIPTS/purge"
	run 3 guard status
	prints '^eth0 +unguarded +native +- +typed +enforce '
	run 0 guard restore
	mode_of eth0 enforce
}

# br0 comes before eth1 by its name, and the kernel gives a port no program while its bridge has one.
test_devices_that_stand_on_others_come_back_last() {
	ip -n server link add br0 type bridge
	ip -n server link set eth1 master br0
	ip -n server link set br0 up
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0
	run 0 guard attach --mode generic br0 eth1
	reboot
	run 0 guard restore
	holds '[.devices[] | select(.state == "attached").device] == ["br0", "eth0", "eth1"]' status
}

# spoil FILE: bytes that were written wrongly, in whatever shares them
spoil() {
	printf 'xxxx' | dd of="$1" bs=1 conv=notrunc status=none
}

test_a_damaged_policy_is_read_around() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard allow 203.0.113.7 203.0.113.8
	run 0 guard attach eth0 eth1
	spoil "$SIPGUARD_STATE_DIR/entries.list"
	reboot
	run 0 guard restore
	grep -q 'warning: .*entries.list is damaged.*version [0-9]* .* is in force instead' "$ERRORS" || fail "$(cat "$ERRORS")"
	mode_of eth1 enforce
	arrives trusted "$SERVER4" 5060
	is_dropped stranger "$OUTSIDE4" 5060
	run 5 guard allow 203.0.113.9
	complains '^hint: .*sipguard rollback'
	run 0 guard rollback
	prints '^version [0-9]+ is in force again'
	run 0 guard allow 203.0.113.9
	holds '[.entries[].prefix] == ["192.0.2.10/32", "203.0.113.9/32"]' list
	reboot
	run 0 guard restore
	[[ ! -s $ERRORS ]] || fail "$(cat "$ERRORS")"
}

test_without_a_whole_version_guards_monitor() {
	local file
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0
	for file in "$SIPGUARD_STATE_DIR"/entries.list "$SIPGUARD_STATE_DIR"/versions/*/entries.list; do
		spoil "$file"
	done
	rm -rf "$SIPGUARD_STATE_DIR"/versions/1
	reboot
	run 0 guard restore
	grep -q 'no version is whole: there are no entries, and guards monitor' "$ERRORS" || fail "$(cat "$ERRORS")"
	mode_of eth0 monitor
	remembers '^guarded eth0 enforce '
	run 0 guard metrics
	prints '^sipguard_guard_expected_enforcing\{device="eth0"\} 1$'
	prints '^sipguard_enforcing\{device="eth0"\} 0$'
}

test_damaged_guards_come_back_from_their_copy() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0
	run 0 guard attach eth1 --monitor
	spoil "$SIPGUARD_STATE_DIR/guards"
	run 0 guard status
	prints '^eth0 .* enforce +\? +\? '
	reboot
	run 0 guard restore
	grep -q 'warning: .*guards is damaged.*; the copy of version [0-9]* counts' "$ERRORS" || fail "$(cat "$ERRORS")"
	mode_of eth0 enforce
	mode_of eth1 monitor
	run 0 guard rollback
	prints 'the remembered guards are whole again'
	remembers '^guarded eth1 monitor '
	holds '[.entries[].prefix] == ["192.0.2.10/32"]' list
	for file in "$SIPGUARD_STATE_DIR"/guards "$SIPGUARD_STATE_DIR"/versions/*/guards; do
		spoil "$file"
	done
	reboot
	run 0 guard restore
	grep -q 'no version has a whole copy: the 2 devices that can be read in it monitor' "$ERRORS" || fail "$(cat "$ERRORS")"
	mode_of eth0 monitor
}

# foreign_map PATH NAME: a map of layout 99 is pinned there
foreign_map() {
	local words=(63)
	rm "$1"
	while ((${#words[@]} < 64)); do words+=(00); done
	bpftool map create "$1" type array key 4 value 64 entries 1 name "$2"
	bpftool map update pinned "$1" key 0 0 0 0 value hex "${words[@]}"
}

# other_layout DEVICE: the guard's map becomes one that another version could have made
other_layout() {
	local pins=$SIPGUARD_PIN_DIR/devices/$1
	foreign_map "$pins/device" sg_device
	bpftool map create "$pins/unheard_of" type array key 4 value 4 entries 1 name other
	bpftool map create "$SIPGUARD_PIN_DIR/policy/unheard_of" type array key 4 value 4 entries 1 name other
}

# Whatever its layout: it is shown, can be made to pass, and can be taken off.
test_a_guard_of_another_version() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth1
	other_layout eth1
	is_open eth1 && fail 'eth1 is not guarded'
	run 0 guard status
	prints '^eth1 +layout 99 +- +not known +typed +enforce '
	holds '.other_layouts[0] | .device == "eth1" and .map_layout == 99 and .mode == null' status
	run 0 guard version
	prints '^eth1: program [0-9]+, map layout 99$'
	run 1 guard doctor
	prints 'warning +guard +a guard of another layout \(99\)'
	run 0 guard restore
	grep -q '^sipguard: eth1: ' "$ERRORS" || fail "$(cat "$ERRORS")"
	run 5 guard mode enforce
	complains 'another version' '^hint: .*sipguard detach eth1'
	run 0 guard mode monitor
	arrives stranger "$OUTSIDE4" 5060
	is_open eth1 && fail 'the guard is gone'
	run 0 guard status
	prints '^eth1 +layout 99 +- +monitor +typed +monitor '
	run 0 guard detach eth1
	within 3 is_open eth1
	equal '' "$(find "$SIPGUARD_PIN_DIR" -mindepth 1)" 'pins'
	run 0 guard attach eth1
	mode_of eth1 enforce
}

# The maps of the devices have the layout that this version knows, and those of the policy do not.
test_a_policy_of_another_version() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth1
	foreign_map "$SIPGUARD_PIN_DIR/policy/settings" sg_settings
	is_dropped stranger "$OUTSIDE4" 5060
	run 0 guard status
	prints '^eth1 +attached +native +enforce +typed +enforce '
	prints_not '^allowlist'
	grep -q 'another version of sipguard (layout 99)' "$ERRORS" || fail "$(<"$ERRORS")"
	holds '.policy_layout == 99 and .entries == null and .devices[0].mode == "enforce"' status
	run 1 guard doctor
	prints 'warning +pins +a policy of another layout \(99\)'
	run 5 guard allow "$NEIGHBOUR4"
	run 0 guard restore
	run 0 guard mode monitor
	arrives stranger "$OUTSIDE4" 5060
	run 0 guard mode enforce
	is_dropped stranger "$OUTSIDE4" 5060
	run 0 guard detach eth1
	within 3 is_open eth1
	equal '' "$(find "$SIPGUARD_PIN_DIR" -mindepth 1)" 'pins'
	run 0 guard attach eth1
	mode_of eth1 enforce
}

test_each_change_goes_to_the_journal() {
	export SIPGUARD_JOURNAL=$WORLD/journal
	start journal server python3 -c 'import socket, sys
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.bind(sys.argv[1])
while True: print(journal.recv(65536).decode(), flush=True)' "$SIPGUARD_JOURNAL"
	within 3 test -S "$SIPGUARD_JOURNAL"
	SUDO_USER=$'alice\nMESSAGE=forged' run 0 guard allow "$TRUSTED4" label 'the desk'
	within 3 grep -q '^SIPGUARD_SUDO_USER=alice$' "$WORLD/logs/journal"
	within 3 grep -q '^SIPGUARD_UID=0$' "$WORLD/logs/journal"
	run 0 guard attach eth0
	within 3 grep -q '^SIPGUARD_COMMAND=attach eth0$' "$WORLD/logs/journal"
	run 0 guard status
	run 0 guard list
	run 2 guard mode nonsense
	run 3 guard detach eth1
	within 3 grep -q '^SIPGUARD_COMMAND=detach eth1$' "$WORLD/logs/journal"
	equal $'allow 192.0.2.10 label the desk\nattach eth0\ndetach eth1' \
		"$(sed -n 's/^SIPGUARD_COMMAND=//p' "$WORLD/logs/journal")" 'what the journal has'
	equal $'0\n0\n3' "$(sed -n 's/^SIPGUARD_STATUS=//p' "$WORLD/logs/journal")" 'statuses'
	! grep -q forged "$WORLD/logs/journal" || fail 'a forged field'
}
