# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Who talks SIP to us, before and while the guard drops, and a list of them that can be reviewed and imported.

# learns NAME [WORD...]: in the background, once it watches
learns() {
	start "$1" server "$SIPGUARD" learn "${@:2}"
	within 2 grep -q '^sipguard: watching for' "$WORLD/logs/$1"
}

# learned NAME CONDITION: of the JSON that it printed
learned() {
	jq -e "$2" <(grep '^{' "$WORLD/logs/$1") >/dev/null || fail "not so: $2" $'\n'"$(head -c 20000 "$WORLD/logs/$1")"
}

# A call: INVITE, ACK, BYE.
calls() {
	sip trusted "$TRUSTED4" "$SERVER4" u1 -sn uac -d 10 || fail "no call: $(cat "$WORLD/logs/sipp")"
}

scans() {
	in_namespace stranger timeout 2 svmap "$OUTSIDE4" >/dev/null 2>&1 || true
	in_namespace stranger timeout 1 sipsak -s "sip:ping@$OUTSIDE4" >/dev/null || true
}

starts_sipp_server() {
	start sipp server sipp -sn uas -i "$SERVER4" -p 5060 -nostdin
	within 5 is_listening server udp 5060
}

# entries FILE: what is an entry in it, without labels
entries() {
	sed -n 's/^\([0-9a-f][^ ]*\) .*/\1/p' "$1" | paste -sd ' '
}

# uncommented FILE: the same with the comment of each source taken away
uncommented() {
	sed -E 's/^# ([0-9a-f:.]+\/[0-9]+ # )/\1/' "$1"
}

test_monitor_mode_finds_the_trusted_ones() {
	run 0 guard attach eth0 eth1 --monitor
	starts_sipp_server
	learns learn --json for 1m
	calls
	scans
	! answered stranger "[$STRANGER6]" "[$OUTSIDE6]" u1 || fail 'nobody listens there'
	! answered stranger "[$STRANGER6]" "[$OUTSIDE6]" t1 || fail 'nobody listens there'
	ends learn INT || fail "exit status $? after an interrupt"
	learned learn '[.sources[].source] | .[0] == "'"$TRUSTED4"'" and length == 3'
	learned learn '.schema == "sipguard/1" and .command == "learn" and .lost_samples == 0 and
		(.began | fromdateiso8601? // 1) <= (.ended | fromdateiso8601? // 1)'
	learned learn '.sources[0] | .methods == ["INVITE", "ACK", "BYE"] and .conversation and (.responses | not) and
		.packets == 3 and .packets_missed == 0 and .samples == 3 and .reason == "not_allowed" and .entry == null and
		.last_verdict == "would_drop" and .device == "eth0" and .protocol == "udp" and .port == 5060 and
		.user_agent == null and .first_seen < .last_seen'
	learned learn '.sources[] | select(.source == "'"$STRANGER4"'") | (.methods | index("OPTIONS")) and
		(.conversation | not) and (.user_agent | test("friendly-scanner|sipsak")) and .device == "eth1"'
	learned learn '.sources[] | select(.source == "'"$STRANGER6"'") | .methods == ["OPTIONS"] and .packets >= 2'
}

# Who is called sends responses, and no request.
test_responses_are_a_conversation() {
	run 0 guard attach eth0 --monitor
	start phone trusted sipp -sn uas -i "$TRUSTED4" -p 5060 -nostdin
	within 5 is_listening trusted udp 5060
	learns learn --json for 1m
	sip server "$SERVER4" "$TRUSTED4" u1 -p 5060 -sn uac -d 10 || fail "no call: $(cat "$WORLD/logs/sipp")"
	ends learn INT || fail "exit status $?"
	learned learn '.sources | length == 1 and (.[0] | .responses and .conversation and .methods == [])'
}

test_the_policy_of_now_is_told() {
	run 0 guard allow 192.0.2.0/24 label 'the office'
	run 0 guard deny "$NEIGHBOUR4" label 'a bad one'
	run 0 guard deny "$TRUSTED4" for 1s
	run 0 guard attach eth0 eth1
	start_sip_server
	within 3 decides "$TRUSTED4" allowed
	learns learn --json for 1m
	hears trusted "$TRUSTED4" "$SERVER4" u1
	hears_nothing trusted "$NEIGHBOUR4" "$SERVER4" u1
	send stranger "$OUTSIDE4" 5060 1
	run 0 guard allow "$STRANGER4" for 1h
	ends learn INT || fail "exit status $?"
	learned learn '[.sources[] | [.source, .reason, .entry.prefix, .entry.label, .last_verdict]] ==
		[["'"$NEIGHBOUR4"'", "denied", "'"$NEIGHBOUR4"'/32", "a bad one", "drop"],
		["'"$TRUSTED4"'", "allowed", "192.0.2.0/24", "the office", "pass"],
		["'"$STRANGER4"'", "allowed", "'"$STRANGER4"'/32", null, "drop"]]'
	learned learn '.sources[1].entry.expires == null and .sources[2].entry.expires != null'
	learns table eth0 for 1m
	hears trusted "$TRUSTED4" "$SERVER4" u1
	send stranger "$OUTSIDE4" 5060 1
	ends table TERM || fail "exit status $?"
	grep -Eq "^$TRUSTED4 +allowed +192.0.2.0/24 \(the office\) +1 +OPTIONS +- .* ago +udp/5060 " "$WORLD/logs/table" ||
		fail "$(cat "$WORLD/logs/table")"
	grep -q '^1 sources, 1 packets in' "$WORLD/logs/table" || fail "another device: $(cat "$WORLD/logs/table")"
}

test_a_list_to_review() {
	run 0 guard allow "$TRUSTED4" label 'the trunk'
	run 0 guard deny "$NEIGHBOUR4"
	run 0 guard attach eth0 eth1 --monitor
	start_sip_server
	learns learn for 1m --write "$WORLD/new.list"
	hears trusted "$TRUSTED4" "$SERVER4" u1
	hears trusted "$NEIGHBOUR4" "$SERVER4" u1
	scans
	[[ ! -e $WORLD/new.list ]] || fail 'there is a file before it is complete'
	ends learn INT || fail "exit status $?"
	equal "$TRUSTED4/32" "$(entries "$WORLD/new.list")" 'entries in the list'
	grep -q "^$TRUSTED4/32 # the trunk$" "$WORLD/new.list" || fail "$(cat "$WORLD/new.list")"
	grep -Eq "^# $STRANGER4/32 # seen [0-9-]+: OPTIONS.*, [0-9]+ packets, " "$WORLD/new.list" || fail "$(cat "$WORLD/new.list")"
	grep -q "^# $NEIGHBOUR4/32 # " "$WORLD/new.list" || fail "$(cat "$WORLD/new.list")"
	equal '' "$(find "$WORLD" -maxdepth 1 -name 'new.list.*')" 'what is left beside it'
	run 0 guard lint "$WORLD/new.list"
	run 0 guard import plain "$WORLD/new.list"
	prints '^unchanged 1$'
	uncommented "$WORLD/new.list" >"$WORLD/all.list"
	equal 3 "$(entries "$WORLD/all.list" | wc -w)" 'sources in the list'
	run 0 guard lint "$WORLD/all.list"
	run 0 guard import plain "$WORLD/all.list" --dry-run
}

test_who_becomes_an_entry_is_chosen() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1 --monitor
	start_sip_server
	learns packets for 1m --write "$WORLD/packets.list" --min-packets 3
	learns allowed for 1m --write - --allowed-only
	hears trusted "$TRUSTED4" "$SERVER4" u1
	for _ in 1 2 3; do
		hears trusted "$NEIGHBOUR4" "$SERVER4" u1
	done
	hears stranger "$STRANGER4" "$OUTSIDE4" u1
	send stranger "$OUTSIDE6" 5060 9
	ends packets INT || fail "exit status $?"
	ends allowed INT || fail "exit status $?"
	equal "$NEIGHBOUR4/32 $TRUSTED4/32" "$(entries "$WORLD/packets.list")" 'entries by --min-packets'
	grep -q '^sipguard: warning: 1 sources that are not allowed are entries' "$WORLD/logs/packets" || fail "$(cat "$WORLD/logs/packets")"
	grep -q "^# $STRANGER6/128 # seen [0-9-]*: no SIP, 9 packets$" "$WORLD/packets.list" || fail "$(cat "$WORLD/packets.list")"
	equal "$TRUSTED4/32" "$(entries "$WORLD/logs/allowed")" 'entries of --allowed-only'
	! grep -Eq "^# .*/(32|128)|SOURCE" "$WORLD/logs/allowed" || fail "others too: $(cat "$WORLD/logs/allowed")"
}

test_files_are_not_overwritten() {
	run 0 guard attach eth0 --monitor
	echo mine >"$WORLD/mine"
	run 7 guard learn for 1s --write "$WORLD/mine"
	complains 'is there already' '^hint: .*--force'
	run 2 guard learn for 1s --write /dev/null --force
	complains 'no regular file'
	run 5 guard learn for 1s --write "$WORLD/nowhere/list"
	complains 'No such file'
	learns late for 1m --write "$WORLD/late"
	echo mine >"$WORLD/late"
	! ends late INT || fail 'a file of the last moment was overwritten'
	equal 'mine mine' "$(cat "$WORLD/mine" "$WORLD/late" | paste -sd ' ')" 'files that were there'
	run 0 guard learn for 1s --write "$WORLD/mine" --force
	grep -q '^# Who talked' "$WORLD/mine" || fail "$(cat "$WORLD/mine")"
}

test_bytes_from_the_network_are_escaped() {
	run 0 guard attach eth1 --monitor
	learns learn for 1m --write "$WORLD/list"
	# shellcheck disable=SC2016
	in_namespace stranger bash -c 'printf "$2" | dd bs=4096 iflag=fullblock status=none >"/dev/udp/$1/5060"' bash \
		"$OUTSIDE4" 'OPTIONS sip:x SIP/2.0\nUser-Agent: \033]0;x\007\n 192.0.2.9/32 \xff\xe2\x80\xae\n\n'
	ends learn INT || fail "exit status $?"
	grep -Fq '\x1b]0;x\x07 192.0.2.9/32 \xff\xe2\x80\xae' "$WORLD/logs/learn" || fail "$(cat -v "$WORLD/logs/learn")"
	! grep -q $'[\e\a]' "$WORLD/logs/learn" "$WORLD/list" || fail 'an escape got through'
	equal '' "$(entries "$WORLD/list")" 'entries that somebody sent'
	uncommented "$WORLD/list" >"$WORLD/all"
	equal "$STRANGER4/32" "$(entries "$WORLD/all")" 'sources'
	run 0 guard import plain "$WORLD/all" --dry-run
}

# A talker that is 1 in 100, while each sample stands for many packets.
test_a_talker_in_a_flood() {
	run 0 guard attach eth1 --monitor
	start_sip_server
	learns learn --json for 1m
	start flood stranger python3 "$SCENARIOS/random_sources.py" "$OUTSIDE4" 10000000
	within 5 counts 50000 eth1 not_allowed
	sip stranger "$STRANGER4" "$OUTSIDE4" u1 -sf "$SCENARIOS/options.xml" -nr -m 1000 -r 500 -timeout 3s || true
	stop flood
	ends learn INT || fail "exit status $?"
	learned learn '.packets > 50000 and .samples < .packets / 4 and (.sources | length) > 1000 and (.sources | length) < 5000'
	learned learn '.sources[] | select(.source == "'"$STRANGER4"'") | .methods == ["OPTIONS"] and .samples < .packets and
		.packets > 300 and .packets < 3000'
	learned learn '.sources[0].source == "'"$STRANGER4"'"'
}

test_what_was_seen_outlives_the_guard() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0
	start_sip_server
	learns learn --json for 1m
	hears trusted "$TRUSTED4" "$SERVER4" u1
	run 0 guard detach --all
	ends learn INT || fail "exit status $?"
	grep -q 'warning: the last guard is gone' "$WORLD/logs/learn" || fail "$(cat "$WORLD/logs/learn")"
	learned learn '.sources | length == 1 and .[0].reason == "allowed" and .[0].entry == null'
}

test_it_ends_on_time_and_shows_progress() {
	local began=${EPOCHREALTIME/./} took
	run 0 guard attach eth1 --monitor
	run 0 guard learn for 1s
	took=$(((${EPOCHREALTIME/./} - began) / 1000))
	((took >= 1000 && took < 3000)) || fail "1 s took $took ms"
	prints 'nobody talked to a guarded port'
	# On a terminal only.
	! grep -q ' left' "$ERRORS" || fail 'progress where there is no terminal'
	in_namespace server script -qec "'$SIPGUARD' learn for 2s" /dev/null >"$OUTPUT"
	prints '0 sources, 1s left'
}

test_wrong_words() {
	run 3 guard learn
	complains 'hint: sipguard attach'
	run 0 guard attach eth1 --monitor
	run 3 guard learn eth7
	complains eth7
	run 2 guard learn eth1 for
	run 2 guard learn for soon
	run 2 guard learn --min-packets 3
	run 2 guard learn --force
	run 2 guard learn --json --write -
	run 2 guard learn --write "$WORLD/list" --allowed-only --min-packets 3
}
