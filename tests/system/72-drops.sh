# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every drop can be seen: who it was, what it wanted, and how to allow it.

# follows NAME [OPTION...]: drops in the background, once it watches
follows() {
	start "$1" server "$SIPGUARD" drops --follow "${@:2}"
	within 2 grep -q ^TIME "$WORLD/logs/$1"
}

# shown NAME PATTERN...: in one line
shown() {
	local pattern found
	found=$(cat "$WORLD/logs/$1")
	for pattern in "${@:2}"; do
		found=$(grep -E -- "$pattern" <<<"$found") || return 1
	done
}

sees() {
	eventually 2 shown "$@" || fail "not shown: ${*:2}" $'\n'"$(cat "$WORLD/logs/$1")"
}

# says TEXT: one datagram of a stranger, whose escapes are printf's
says() {
	# shellcheck disable=SC2016
	in_namespace stranger bash -c 'printf "$2" | dd bs=4096 iflag=fullblock status=none >"/dev/udp/$1/5060"' \
		bash "$OUTSIDE4" "$1"
}

# floods COUNT: datagrams as fast as bash can
floods() {
	send stranger "$OUTSIDE4" 5060 "$1"
}

test_real_scanners_are_shown() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
	follows drops
	in_namespace stranger svmap "$OUTSIDE4" >/dev/null 2>&1 &
	in_namespace stranger timeout 1 sipsak -s "sip:ping@$OUTSIDE4" >/dev/null || true
	! answered stranger "[$STRANGER6]" "[$OUTSIDE6]" t1 || fail 'a stranger was answered'
	! answered trusted "$NEIGHBOUR4" "$SERVER4" u1 || fail 'a neighbour was answered'
	sees drops ' eth1 +drop +not_allowed ' " $STRANGER4 +udp/5060 +OPTIONS +friendly-scanner$"
	sees drops ' eth1 ' ' OPTIONS +sipsak [0-9.]+$'
	sees drops ' eth1 ' " $STRANGER6 +tcp/5060 +- +-$"
	sees drops ' eth0 ' " $NEIGHBOUR4 +udp/5060 +OPTIONS "
	equal 1 "$(grep -c "to trust it: sipguard allow $STRANGER4$" "$WORLD/logs/drops")" 'hints for one source'
	ends drops INT || fail "exit status $? after SIGINT"
	wait
}

test_json_is_one_object_a_line() {
	local line wanted
	run 0 guard attach eth1 --allow-empty
	start json server "$SIPGUARD" --json drops --follow
	within 3 eval "says 'REGISTER sip:example.com SIP/2.0\r\nf:<sip:100@example.com>;tag=x\r\nt:sip:200@example.com\r\nUser-Agent: a\\033[2J\r\n b\r\ni: 1@x\r\n\r\n'; grep -q . $WORLD/logs/json"
	ends json TERM || fail "exit status $? after SIGTERM"
	line=$(head -n 1 "$WORLD/logs/json")
	wanted='{"schema":"sipguard/1","command":"drops","event":"packet","device":"eth1","verdict":"drop","reason":"not_allowed","source":"198.51.100.66","protocol":"udp","port":5060,"packets":1,"method":"REGISTER","reply_to":null,"uri":"sip:example.com","from_user":"100","to_user":"200","contact_user":null,"user_agent":"a\\x1b[2J b","call_id":"1@x","allow":"sipguard allow 198.51.100.66"}'
	equal "$wanted" "$(jq -c 'del(.message, .time, .source_port, .length)' <<<"$line")" 'the object of a packet'
	jq -e '.time | test("^[0-9-]+T[0-9:]+\\.[0-9]{3}Z$")' <<<"$line" >/dev/null || fail "no time: $line"
	jq -e '.message | contains("REGISTER")' <<<"$line" >/dev/null || fail "no message: $line"
	jq -es 'all(.schema == "sipguard/1")' "$WORLD/logs/json" >/dev/null || fail 'not all lines are objects'
}

test_bytes_from_the_network_are_escaped() {
	run 0 guard attach eth1 --allow-empty
	follows drops
	says 'OPTIONS sip:x SIP/2.0\nUser-Agent: \033]0;x\007\xff\xe2\x80\xae to trust it\n\n'
	sees drops 'OPTIONS' '\\x1b\]0;x\\x07\\xff\\xe2\\x80\\xae to trust it$'
	! grep -q $'[\e\a]' "$WORLD/logs/drops" || fail 'an escape reached the terminal'
}

test_monitor_mode_is_told_apart() {
	run 0 guard attach eth1 --monitor
	follows drops
	send stranger "$OUTSIDE4" 5060 1
	sees drops ' eth1 +would_drop +not_allowed '
}

test_filters() {
	run 0 guard deny "$NEIGHBOUR4" --allow-empty
	run 0 guard attach eth0 eth1 --allow-empty
	follows device --device eth0
	follows reason --reason denied --reason malformed
	follows from --from 2001:db8:2::/64
	follows all
	send stranger "$OUTSIDE4" 5060 1
	send stranger "$OUTSIDE6" 5060 1
	! answered trusted "$NEIGHBOUR4" "$SERVER4" u1 || fail 'a neighbour was answered'
	sees all " $STRANGER4 " && sees all " $STRANGER6 " && sees all " $NEIGHBOUR4 "
	sees device " $NEIGHBOUR4 " && sees reason ' denied ' && sees from " $STRANGER6 "
	! shown device " $STRANGER4 " || fail 'another device is shown'
	! shown reason ' not_allowed ' || fail 'another reason is shown'
	! shown from " $STRANGER4 " || fail 'another source is shown'
	run 2 guard drops --reason nonsense
	complains nonsense
	run 2 guard drops --reason allowed
	complains 'no packet is dropped'
	run 3 guard drops --device eth7
	complains eth7
	run 2 guard drops soon
	run 2 guard drops --count 0
}

test_without_a_guard() {
	run 3 guard drops
	complains 'hint: sipguard attach'
}

# Two sources, of which one sends more.
test_a_summary_counts_by_source() {
	run 0 guard attach eth1 --allow-empty
	start summary server "$SIPGUARD" --json --quiet drops for 1s
	within 3 eval "send stranger $OUTSIDE4 5060 3; send stranger $OUTSIDE6 5060 1; ! is_running summary"
	jq -e --arg source "$STRANGER4" '.sources[0].source == $source and .sources[0].allow == "sipguard allow " + $source and
		(.sources | length) == 2 and (([.sources[].packets] | add) - .dropped_packets | fabs) < 0.5' "$WORLD/logs/summary" >/dev/null ||
		fail "$(cat "$WORLD/logs/summary")"
	run 0 guard drops for 1s
	grep -q 'watching for 1 s' "$ERRORS" || fail 'it does not say how long it watches'
	prints 'nothing was dropped in 1 s'
}

test_count_ends_it() {
	run 0 guard attach eth1 --allow-empty
	follows three --count 3
	floods 20
	within 2 eval '! is_running three'
	equal 3 "$(grep -c ' drop ' "$WORLD/logs/three")" 'lines with --count 3'
}

# 20,000 datagrams in much less than a second, and 50 lines for each.
test_a_flood_says_what_share_is_shown() {
	run 0 guard attach eth1 --allow-empty
	follows flood
	floods 20000
	sees flood '1 of [0-9,.]+ shown, [0-9,]+ drops/s'
	(($(grep -c ' drop ' "$WORLD/logs/flood") < 200)) || fail 'a flood is shown line by line'
	ends flood INT || fail "exit status $? after a flood"
	counts 20000 eth1 not_allowed || fail 'drops are missing in the counters'
}

test_a_closed_pipe_is_a_good_end() {
	run 0 guard attach eth1 --allow-empty
	# shellcheck disable=SC2016
	start pipe server bash -c '"$1" drops --follow | head -n 1; exit "${PIPESTATUS[0]}"' bash "$SIPGUARD"
	# Nothing is dropped that would have to be written: it ends because the reader has gone.
	within 2 eval '! is_running pipe'
	ends pipe TERM || fail "exit status $? after the reader had gone"
	# The reader goes while there is much to write.
	# shellcheck disable=SC2016
	start pipe server bash -c '"$1" --json drops --follow | head -n 1; exit "${PIPESTATUS[0]}"' bash "$SIPGUARD"
	within 3 eval 'floods 500; ! is_running pipe'
	ends pipe TERM || fail "exit status $? after the reader had gone in a flood"
	# shellcheck disable=SC2016
	run 0 in_namespace server bash -c '"$1" --quiet drops for 1s | :; exit "${PIPESTATUS[0]}"' bash "$SIPGUARD"
	# shellcheck disable=SC2016
	run 0 in_namespace server bash -c '"$1" top --batch | head -n 1; exit "${PIPESTATUS[0]}"' bash "$SIPGUARD"
}

# Two sources by turns, and samples that stand for even numbers of packets: both sources must have their share.
test_who_sends_in_step_with_the_samples_is_seen() {
	run 0 guard attach eth1 --allow-empty
	ip -n server address add 198.51.100.9/24 dev eth1
	ip -n stranger address add 203.0.113.66/32 dev eth0
	ip -n stranger route add 198.51.100.9/32 dev eth0 src 203.0.113.66
	start summary server "$SIPGUARD" --json --quiet drops for 3s
	# shellcheck disable=SC2016
	start turns stranger bash -c 'exec 3<>"/dev/udp/$1/5060" 4<>/dev/udp/198.51.100.9/5060
		while :; do printf x >&3; printf x >&4; done' bash "$OUTSIDE4"
	within 5 eval '! is_running summary'
	jq -e '.dropped_packets > 10000 and (.sources | length) == 2 and (.dropped_packets as $all | all(.sources[]; .packets > $all / 5))' \
		"$WORLD/logs/summary" >/dev/null || fail "$(cat "$WORLD/logs/summary")"
}

# Indices begin anew in each network namespace.
test_devices_of_one_index_in_two_namespaces() {
	ip -n server link add far index 77 type veth peer name near netns trusted
	ip -n server link set far up
	ip -n trusted link set near up
	ip -n server address add 203.0.113.1/24 dev far
	ip -n trusted address add 203.0.113.66/24 dev near
	run 0 guard attach far --allow-empty
	ip netns add elsewhere
	ip -n server link set far netns elsewhere
	ip -n elsewhere link set far up
	ip -n elsewhere address add 203.0.113.1/24 dev far
	ip -n server link add here index 77 type veth peer name there netns stranger
	ip -n server link set here up
	ip -n stranger link set there up
	ip -n server address add 203.0.113.129/25 dev here
	ip -n stranger address add 203.0.113.130/25 dev there
	run 0 guard attach here --allow-empty
	equal 77 "$(ip -n elsewhere -json link show far | jq '.[0].ifindex')" 'index of the other one'
	follows drops
	follows device --device here
	send trusted 203.0.113.1 5060 1
	send stranger 203.0.113.129 5060 1
	sees drops ' far +drop +not_allowed ' ' 203.0.113.66 '
	sees drops ' here +drop +not_allowed ' ' 203.0.113.130 '
	sees device ' here ' ' 203.0.113.130 '
	! shown device ' 203.0.113.66 ' || fail 'another device is shown'
}
