# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the commands print with --json, and the schema and the manual that say what that is.

SCHEMA=$WORLD_TOP/user/manual/sipguard.schema.json
MANUAL=$WORLD_TOP/user/manual/sipguard-json.7
ANSWERS=$WORLD/answers
ETC=$WORLD/etc

# says STATUS WORD...: an answer, which is kept
says() {
	run "$1" guard --json "${@:2}"
	cat "$OUTPUT" >>"$ANSWERS"
}

# watches NAME WORD...: a command that answers about what it sees of a stranger's packets
watches() {
	start "$1" server "$SIPGUARD" --json --quiet "${@:2}"
	within 5 eval "send stranger $OUTSIDE4 5060 3; ! is_running $1"
	cat "$WORLD/logs/$1" >>"$ANSWERS"
}

declare_policy() {
	mkdir -p "$ETC/allow.d"
	printf '[guard]\ndevices = eth0 nothere\n' >"$ETC/sipguard.conf"
	printf '%s # reception\n' "$TRUSTED4" >"$ETC/allow.d/phones.list"
}

list_answers() {
	says 0 allow "$TRUSTED4" 203.0.113.0/24 label 'front desk'
	says 0 allow 2001:db8::1 until 2099-12-31T18:00Z
	says 0 deny 203.0.113.9
	printf '203.0.113.128/25 allow\n198.51.100.0/25\n198.51.100.128/25\nnonsense\n' >"$WORLD/plain"
	printf '*filter\n-A INPUT -s 192.0.2.99 -p udp --dport 5060 -j ACCEPT\n-A INPUT -m time -j DROP\nCOMMIT\n' >"$WORLD/rules"
	says 0 import iptables-save "$WORLD/rules" --dry-run
	says 0 import iptables-save "$WORLD/rules"
	says 0 import registrations "$WORLD_TOP/tests/fuzz/corpus/registrations/kamctl"
	says 1 lint "$WORLD/rules"
	says 0 list
	says 0 check "$TRUSTED4"
	says 1 check 198.51.100.66
	says 1 check 203.0.113.0/24
	says 1 check 2001:db8::/32
}

guard_answers() {
	says 0 attach eth0 eth1
	arrives trusted "$SERVER4" 5060
	says 0 delete "$TRUSTED4" --drop-recent
	says 0 ports add udp/5070
	says 1 test --src 198.51.100.66
	says 0 mode monitor eth1
	says 0 mode enforce eth1 --confirm 1h
	says 0 status
	says 0 confirm
	is_dropped stranger "$OUTSIDE4" 5060
	says 0 stats
	says 0 metrics
	# What it finds is up to the host.
	guard --json doctor >>"$ANSWERS" || true
	says 0 version
	says 0 restore
}

traffic_answers() {
	# A flood, of which not every packet is shown.
	start packets server "$SIPGUARD" --json --quiet drops --follow
	within 10 eval "send stranger $OUTSIDE4 5060 2000; grep -q share '$WORLD/logs/packets'"
	ends packets INT
	cat "$WORLD/logs/packets" >>"$ANSWERS"
	watches summary drops for 1s
	watches learn learn for 1s
	watches top top --batch --count 2
	watches capture capture -w "$WORLD/packets" for 1s
}

policy_answers() {
	declare_policy
	says 1 diff
	says 1 apply --check
	says 3 apply --diff
	says 0 export
	printf '%s\n' "$TRUSTED6" >>"$ETC/allow.d/phones.list"
	says 3 apply --confirm 1h
	says 3 status
}

rollback_answers() {
	# The list that waits for its confirmation, the list before, and the guards of a damaged file.
	says 0 rollback
	says 0 rollback --drop-recent
	printf 'xxxx' | dd of="$SIPGUARD_STATE_DIR/guards" bs=1 conv=notrunc status=none
	says 0 rollback
	says 0 rollback --list
	says 0 detach --all
	says 1 diff
	# What would be refused: the one entry that calls goes.
	says 3 apply
	arrives trusted "$SERVER4" 5060
	echo 203.0.113.1 >"$ETC/allow.d/phones.list"
	says 7 apply --check
}

test_answers_are_as_the_schema_says() {
	list_answers
	guard_answers
	traffic_answers
	policy_answers
	rollback_answers
	run 0 python3 "$SCENARIOS/answers.py" answers "$SCHEMA" "$ANSWERS"
	jq -c 'if .command == "list" then del(.entries[0].label) else . end' <(grep '^{' "$ANSWERS") >"$WORLD/lacking"
	run 1 python3 "$SCENARIOS/answers.py" answers "$SCHEMA" "$WORLD/lacking"
	prints "'label' is a required property"
}

test_the_schema_has_every_command_and_reason() {
	run 0 guard --help
	equal "$(sed -nE 's/^  ([a-z]+)( .*)?$/\1/p' "$OUTPUT" | sort -u)" "$(jq -r '.properties.command.enum[]' "$SCHEMA" | sort)" commands
	equal "$(sed -nE 's/^\tX\([A-Z_]+, ([a-z_]+), .*/\1/p' "$WORLD_TOP/include/sipguard/reasons.h")" \
		"$(jq -r '."$defs".reason.enum[]' "$SCHEMA")" reasons
}

test_the_manual_describes_the_fields_of_the_schema() {
	run 0 python3 "$SCENARIOS/answers.py" manual "$SCHEMA" "$MANUAL"
	sed '/^\.BR packets_missed/d; /^\.B packets_missed/d' "$MANUAL" >"$WORLD/manual"
	run 1 python3 "$SCENARIOS/answers.py" manual "$SCHEMA" "$WORLD/manual"
	prints 'does not describe packets_missed of learn'
	sed 's/^\.BR map_layout/.BR map_width/' "$MANUAL" >"$WORLD/manual"
	run 1 python3 "$SCENARIOS/answers.py" manual "$SCHEMA" "$WORLD/manual"
	prints 'gives version a field map_width'
}
