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

# The kernel's own clock is what ends are kept by: another one of a time namespace must not give any.
test_a_time_namespace_gives_no_ends() {
	local elsewhere=(in_namespace server unshare --time --boottime 864000 "$SIPGUARD")
	"${elsewhere[@]}" version >/dev/null || return 0
	guard_for_an_hour
	run 5 "${elsewhere[@]}" allow "$STRANGER4" for 2s
	complains 'time namespace' '864000 s' '^hint: nsenter'
	run 5 "${elsewhere[@]}" allow "$STRANGER4" until 2099-01-01T00:00Z --runtime
	printf '%s until 2099-01-01T00:00Z\n' "$STRANGER4" >"$WORLD/a.list"
	run 5 "${elsewhere[@]}" import plain "$WORLD/a.list"
	run 5 "${elsewhere[@]}" apply -f "$WORLD/a.list"
	run 5 "${elsewhere[@]}" mode enforce --confirm 10s
	run 5 "${elsewhere[@]}" attach eth0 --confirm 10s
	run 5 "${elsewhere[@]}" apply -f "$WORLD/a.list" --confirm 10s
	holds '[.entries[].prefix] == ["192.0.2.10/32", "203.0.113.7/32"]' list
	holds 'all(.devices[]; .mode == "enforce" and .confirmation == null)' status
	# What has no end is changed, and what is there is read by the right clock.
	run 0 "${elsewhere[@]}" allow 203.0.113.8
	run 0 "${elsewhere[@]}" check "$TRUSTED4"
	run 0 guard mode monitor
	run 0 guard mode enforce --confirm 1h
	run 0 "${elsewhere[@]}" status
	prints 'back to monitor in 3[56][0-9][0-9] s'
	still_guards
}
