# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A PBX that registers with a provider from its guarded port loses the answers when the guard enforces: this is said
# beforehand, with the command that keeps them.

registers() {
	start provider trusted python3 "$SCENARIOS/registrar.py" provider "$TRUSTED4"
	within 5 is_listening trusted udp 5060
	start pbx server python3 "$SCENARIOS/registrar.py" pbx "$SERVER4" "$TRUSTED4"
}

is_answered() {
	grep -q '^answered SIP/2.0 401' "$WORLD/logs/pbx"
}

logged() {
	grep -Eq -- "$2" "$WORLD/logs/$1"
}

# has_logged COUNT NAME PATTERN
has_logged() {
	(($(grep -Ec -- "$3" "$WORLD/logs/$2") == $1))
}

# watches NAME WORD...: learn in the background
watches() {
	start "$1" server "$SIPGUARD" learn "${@:2}"
	within 2 logged "$1" '^sipguard: watching for'
}

seen() {
	(($(counted eth0 not_allowed) > 1))
}

test_learn_says_what_would_be_lost() {
	run 0 guard attach eth0 eth1 --monitor
	watches table for 1m --write "$WORLD/new.list"
	watches json --json for 1m
	registers
	within 5 is_answered
	within 5 seen
	ends table INT || fail "exit status $?"
	ends json INT || fail "exit status $?"
	logged table "^$TRUSTED4 +not_allowed .* replies to REGISTER " || fail "$(cat "$WORLD/logs/table")"
	logged table "^  sipguard allow $TRUSTED4 +# answers REGISTER$" || fail "$(cat "$WORLD/logs/table")"
	jq -e '.sources[0].replies_to == ["REGISTER"]' <(grep '^{' "$WORLD/logs/json") >/dev/null || fail "$(cat "$WORLD/logs/json")"
	grep -A 1 '^# not allowed, and they answer requests of this host' "$WORLD/new.list" |
		grep -q "^# $TRUSTED4/32 # seen .* replies to REGISTER" || fail "$(cat "$WORLD/new.list")"
}

test_drops_say_what_is_lost_and_allow_brings_it_back() {
	run 0 guard attach eth0 eth1 --allow-empty
	start drops server "$SIPGUARD" drops --follow
	within 2 logged drops ^TIME
	start json server "$SIPGUARD" --json drops --follow
	registers
	within 5 logged drops "it answers our REGISTER and is lost without an entry; to trust it: sipguard allow $TRUSTED4$"
	within 5 logged json '"reply_to": ?"REGISTER"'
	run 0 guard drops for 1s
	prints '^1 of the sources answer requests that this host sent'
	! is_answered || fail 'an answer got through'
	run 0 guard allow "$TRUSTED4"
	within 5 is_answered
}

# A response that names another host, or another port of this one, answers nobody here.
test_other_responses_are_no_replies() {
	local via
	run 0 guard attach eth1 --allow-empty
	start drops server "$SIPGUARD" drops --follow
	within 2 logged drops ^TIME
	for via in 192.0.2.99:5060 "$OUTSIDE4:5062" 'pbx.example.com:5060' "$OUTSIDE4.example.com:5060"; do
		# shellcheck disable=SC2016
		in_namespace stranger bash -c 'printf "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP %s;branch=1\r\nCSeq: 1 REGISTER\r\n\r\n" "$2" |
			dd bs=4096 iflag=fullblock status=none >"/dev/udp/$1/5060"' bash "$OUTSIDE4" "$via"
	done
	within 5 has_logged 4 drops 'udp/5060 +SIP/2.0 200'
	! logged drops 'it answers' || fail "$(cat "$WORLD/logs/drops")"
}

test_doctor_says_what_is_lost() {
	in_namespace server nft -f - <<-'RULES'
		table inet track {
			chain out {
				type filter hook output priority 0
				ct state new accept
			}
		}
	RULES
	run 0 guard attach eth0 eth1 --monitor
	registers
	within 5 is_answered
	run 1 guard doctor
	prints "warning +outgoing +this host sends requests to $TRUSTED4 from udp/5060, is answered, and no entry allows it"
	prints "mend: sipguard allow $TRUSTED4$"
	run 0 guard allow "$TRUSTED4"
	guard doctor >"$OUTPUT" || true
	prints_not 'outgoing +this host'
}
