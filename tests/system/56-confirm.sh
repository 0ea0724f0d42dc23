# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The dead man's switch: a change that nobody confirms ends by itself, in the kernel.

# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/exporter.sh"

guard_both() {
	run 0 guard allow "$TRUSTED4" "$TRUSTED6"
	run 0 guard attach eth0 eth1 "$@"
}

# mode_is MODE STATE: of both guards, and of their confirmations
mode_is() {
	[[ $(json '[.devices[] | .mode + " " + (.confirmation.state // "none")] | unique | join(",")' status) == "$1 $2" ]]
}

# A stranger who passes again because the time is over. Nothing but packets and `status` has run meanwhile.
test_unconfirmed_enforcing_ends() {
	guard_both --monitor
	arrives stranger "$OUTSIDE4" 5060
	run 0 guard mode enforce --confirm 10s
	prints '^eth1: enforce, back to monitor in 10 s unless confirmed$'
	is_dropped stranger "$OUTSIDE4" 5060
	is_dropped stranger "$OUTSIDE6" 5060
	run 0 guard status
	prints 'enforce, back to monitor in [0-9]+ s unless confirmed'
	holds '.devices[0].confirmation | .reverts_to == "monitor" and .seconds_left <= 10 and .seconds_left > 0' status
	within 12 mode_is monitor missed
	arrives stranger "$OUTSIDE4" 5060
	arrives stranger "$OUTSIDE6" 5060
	run 0 guard status
	prints 'monitor \(not confirmed\)'
	run 3 guard confirm
	complains 'too late: monitor is in force' 'hint: .*sipguard mode enforce --confirm'
	mode_is monitor missed || fail 'a late confirmation changed something'
	run 0 guard mode monitor
	mode_is monitor none || fail "$(json . status)"
}

# The one who typed it is killed, and so is all that was his.
test_the_end_comes_though_the_session_is_gone() {
	guard_both --monitor
	start session server bash -c "'$SIPGUARD' mode enforce --confirm 10s; exec sleep 100"
	within 3 mode_is enforce pending
	stop session
	is_dropped stranger "$OUTSIDE4" 5060
	within 12 mode_is monitor missed
	arrives stranger "$OUTSIDE4" 5060
}

test_confirmed_attach_stays() {
	guard_both --confirm 10s
	prints 'enforce, back to monitor in'
	is_dropped stranger "$OUTSIDE4" 5060
	# The swap of a program is no confirmation.
	run 0 guard attach eth0 eth1
	mode_is enforce pending || fail "$(json . status)"
	run 0 guard confirm
	prints '^eth0: enforce$'
	mode_is enforce none || fail "$(json . status)"
	run 3 guard confirm
	complains 'nothing waits'
	is_dropped stranger "$OUTSIDE4" 5060
}

test_unconfirmed_attach_passes_everybody() {
	create_exporter_user
	start_exporter
	guard_both --confirm 10s
	is_dropped stranger "$OUTSIDE4" 5060
	shows 1 'sipguard_enforcing{device="eth1"}'
	within 12 mode_is monitor missed
	arrives stranger "$OUTSIDE4" 5060
	shows 0 'sipguard_enforcing{device="eth1"}'
	shows 1 "$(attached eth1 native)"
	# What follows starts from what is in force.
	run 0 guard attach eth1
	prints 'nothing is dropped'
	holds '.devices[] | select(.device == "eth1") | .mode == "monitor" and .confirmation == null' status
	arrives stranger "$OUTSIDE4" 5060
	# Taking the guards off leaves nothing that could end or be confirmed.
	run 0 guard mode enforce --confirm 1m
	run 0 guard detach --all
	run 3 guard confirm
	run 0 guard attach eth1
	mode_is enforce none || fail "$(json . status)"
	run 3 guard confirm
}

test_unconfirmed_upgrade_monitors() {
	guard_both
	run 0 guard attach eth1 --confirm 10s
	holds '.devices[0].confirmation == null and .devices[1].confirmation.state == "pending"' status
	run 0 guard mode enforce
	mode_is enforce none || fail 'a mode that is set for good waits for nothing'
}

test_monitoring_for_a_while() {
	guard_both
	run 0 guard mode monitor --confirm 10s
	arrives stranger "$OUTSIDE4" 5060
	# It will drop again: an empty list is as dangerous as now.
	run 7 guard delete "$TRUSTED4" "$TRUSTED6"
	within 12 mode_is enforce missed
	is_dropped stranger "$OUTSIDE4" 5060
}

test_what_cannot_wait_is_refused() {
	guard_both --monitor
	run 2 guard mode enforce --confirm 9s
	complains 'between 10 seconds and a day'
	run 2 guard mode enforce --confirm 2d
	run 2 guard mode enforce --confirm
	run 2 guard attach eth0 --monitor --confirm 2m
	run 2 guard confirm eth0
	mode_is monitor none || fail 'a refused command changed something'
	run 0 guard mode monitor --confirm 1m
	mode_is monitor none || fail 'there is something to confirm where nothing was changed'
	run 0 guard detach --all
	run 3 guard confirm
	complains 'no device is guarded'
}
