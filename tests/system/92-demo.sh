# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The demonstration that `make demo` runs: it shows what it announces, and leaves the place where it runs as it was.

test_it_shows_what_it_announces_and_leaves_nothing() {
	local namespaces
	namespaces=$(ip netns list)
	DEMO_PACE=0 run 0 "$SCRIPTS/demo"
	prints ' kamailio \('
	prints ' drop +not_allowed +192\.0\.2\.66 +udp/5060 +REGISTER '
	prints ' would_drop +not_allowed +192\.0\.2\.66 +udp/5060 +REGISTER '
	prints ' drop +not_allowed +198\.51\.100\.66 +udp/5060 +OPTIONS +friendly-scanner$'
	prints 'found nothing$'
	prints 'Called, answered, hung up\.$'
	equal '' "$(cat "$ERRORS")" 'standard error'
	equal "$namespaces" "$(ip netns list)" namespaces
	equal '' "$(program_on server eth0)$(program_on server eth1)" 'programs on devices of this place'
	[[ ! -e $SIPGUARD_PIN_DIR && ! -e $SIPGUARD_STATE_DIR ]] || fail 'a guard or a list of it is left'
}

test_it_says_what_it_lacks() {
	# A copy, because a clone may stand where nobody else may enter.
	cp -r "$SCRIPTS" "$WORLD/scripts"
	run 4 setpriv --reuid 65534 --regid 65534 --clear-groups "$WORLD/scripts/demo"
	grep -q 'run it as root, as in: sudo make demo' "$ERRORS" || fail "$(cat "$ERRORS")"
	SIPGUARD=$WORLD/nothing run 1 "$SCRIPTS/demo"
	grep -q "there is no $WORLD/nothing: run make first" "$ERRORS" || fail "$(cat "$ERRORS")"
}
