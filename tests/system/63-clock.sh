# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A wall clock that jumps: entries that are in force end when they were to, by the time since boot.

# at OFFSET COMMAND...: sipguard, whose wall clock is so far off
at() {
	FAKETIME_DONT_FAKE_MONOTONIC=1 in_namespace server faketime -f "$1" "$SIPGUARD" "${@:2}"
}

guard_for_an_hour() {
	run 0 guard allow 203.0.113.7
	run 0 guard allow "$TRUSTED4" for 1h
	run 0 guard attach eth0 eth1
}

still_guards() {
	arrives trusted "$SERVER4" 5060
	is_dropped stranger "$OUTSIDE4" 5060
}

test_a_jump_ends_nothing_that_is_in_force() {
	local offset
	guard_for_an_hour
	for offset in +2d -2d +20y -20y; do
		run 0 at "$offset" status
		run 0 at "$offset" list
		run 0 at "$offset" check "$TRUSTED4"
		run 0 at "$offset" allow 203.0.113.8
		run 0 at "$offset" delete 203.0.113.8
		run 0 at "$offset" attach eth0 eth1
		still_guards
	done
	holds '[.entries[].prefix] == ["192.0.2.10/32", "203.0.113.7/32"]' list
}

test_an_end_is_so_far_off_as_its_command_says() {
	guard_for_an_hour
	run 0 at -2d allow "$STRANGER4" for 2s
	arrives stranger "$OUTSIDE4" 5060
	within 5 decides "$STRANGER4" not_allowed
	is_dropped stranger "$OUTSIDE4" 5060
	run 0 at +2d allow "$STRANGER4" for 2s
	arrives stranger "$OUTSIDE4" 5060
	within 5 decides "$STRANGER4" not_allowed
	is_dropped stranger "$OUTSIDE4" 5060
}

# By a clock that is wrong, an entry may have ended; that is nothing the file forgets.
test_an_entry_comes_back_with_the_clock() {
	guard_for_an_hour
	run 0 guard detach --all
	run 0 at +2d attach eth0 eth1
	is_dropped trusted "$SERVER4" 5060
	holds '[.entries[] | .in_kernel] == [false, true]' list
	run 0 guard detach --all
	run 0 guard attach eth0 eth1
	still_guards
}
