# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real server, real phones and real scanners, with and without the guard.

# places_call TRANSPORT USER ADDRESS SERVER: one phone registers, another calls it through the server.
places_call() {
	local transport=$1 user=$2 address=$3 server=$4 protocol=udp
	[[ $transport == u1 ]] || protocol=tcp
	sip trusted "$address" "$server" "$transport" -p 5070 -sf "$SCENARIOS/register.xml" -s "$user" ||
		fail "$user cannot register over $transport"
	start "callee-$user" trusted sipp -sn uas -i "$address" -p 5070 -t "$transport" -nostdin
	within 2 is_listening trusted "$protocol" 5070
	sip trusted "$address" "$server" "$transport" -p 5080 -sn uac -s "$user" -d 50 || fail "$user cannot be called"
	stop "callee-$user"
}

# guarded_in MODE: both devices, with the phone's addresses allowed
guarded_in() {
	start_sip_server
	run 0 guard allow "$TRUSTED4" "$TRUSTED6"
	run 0 guard attach eth0 eth1 --mode "$1"
	holds "[.devices[].attach_mode] == [\"$1\", \"$1\"]" status
}

phones_work() {
	places_call u1 anna "$TRUSTED4" "$SERVER4"
	places_call t1 bert "$TRUSTED4" "$SERVER4"
	places_call u1 cora "[$TRUSTED6]" "[$SERVER6]"
	places_call t1 dora "[$TRUSTED6]" "[$SERVER6]"
	run 0 in_namespace trusted sipsak -s "sip:ping@$SERVER4"
	within 1 counts 1 eth0 allowed
	equal 0 "$(counted eth0 not_allowed)" 'drops of the phones'
}

# All at once, as each waits a second for an answer.
strangers_hear_nothing() {
	local transport questions=() question
	for transport in u1 t1; do
		answered stranger "$STRANGER4" "$OUTSIDE4" "$transport" &
		questions+=($!)
		answered stranger "[$STRANGER6]" "[$OUTSIDE6]" "$transport" &
		questions+=($!)
		# Of the trusted device, but not a trusted source.
		answered trusted "$NEIGHBOUR4" "$SERVER4" "$transport" &
		questions+=($!)
	done
	run 124 in_namespace stranger timeout 1 sipsak -s "sip:ping@$OUTSIDE4"
	for question in "${questions[@]}"; do
		! wait "$question" || fail 'a stranger was answered'
	done
	holds '[.counters[] | select(.device == "eth1" and .verdict == "drop") | .family + .protocol] | sort == ["ipv4tcp", "ipv4udp", "ipv6tcp", "ipv6udp"]' stats
	counts 2 eth0 not_allowed || fail 'questions of the neighbour are not counted'
	equal 0 "$(counted eth1 allowed)" 'strangers allowed'
}

test_native() {
	guarded_in native
	phones_work
	strangers_hear_nothing
}

test_generic() {
	guarded_in generic
	phones_work
	strangers_hear_nothing
}

# Both families at once: a scan takes three seconds.
scan() {
	in_namespace stranger svmap "$OUTSIDE4" >"$OUTPUT" 2>&1 &
	in_namespace stranger svmap -6 "$OUTSIDE6" >"$ERRORS" 2>&1
	wait $!
}

# The same scanner, before and after: that it hears nothing says little unless it heard something.
test_scanner_finds_the_server_only_without_a_guard() {
	start_sip_server
	scan
	grep -q kamailio "$OUTPUT" || fail "not found over IPv4: $(cat "$OUTPUT")"
	grep -q kamailio "$ERRORS" || fail "not found over IPv6: $(cat "$ERRORS")"
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth1
	scan
	! grep -q kamailio "$OUTPUT" "$ERRORS" || fail "found: $(cat "$OUTPUT" "$ERRORS")"
}

test_other_ports_pass() {
	run 0 guard attach eth1 --allow-empty
	arrives stranger "$OUTSIDE4" 5059
	arrives stranger "$OUTSIDE6" 5062
	# shellcheck disable=SC2016
	run 1 in_namespace stranger timeout 1 bash -c ': <"/dev/tcp/$1/5059"' bash "$OUTSIDE4"
	grep -q refused "$ERRORS" || fail 'no answer from a TCP port that is not guarded'
	equal 0 "$(counted eth1 not_allowed)" 'drops on other ports'
}

test_fragments() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
	arrives trusted "$SERVER4" 5060 4000
	arrives stranger "$OUTSIDE4" 5059 4000
	is_dropped stranger "$OUTSIDE4" 5060 4000
	counts 4 eth1 fragment_tail || fail 'the tails of two datagrams were not counted'
}
