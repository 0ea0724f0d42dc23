# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packets that the guards dropped, in the hands of Wireshark and tcpdump.

FILE=$WORLD/packets.pcapng

# Sampling has begun when the file has; a world has no time for more.
begins() {
	[[ -s $1 ]]
}

# capture NAME FILE ARGUMENT...: in the background
capture() {
	start "$1" server "$SIPGUARD" capture -w "$2" "${@:3}"
	within 5 begins "$2"
}

# shows NAME PATTERN: it has written that by now
shows() {
	grep -Eq -- "$2" "$WORLD/logs/$1"
}

# says NAME PATTERN
says() {
	shows "$@" || fail "no /$2/ from $1:" $'\n'"$(cat "$WORLD/logs/$1")"
}

# finishes NAME SIGNAL: ends a capture, which must call that a success.
finishes() {
	ends "$1" "$2" || fail "capture: exit status $?" $'\n'"$(cat "$WORLD/logs/$1")"
}

# Nobody complains, whichever program reads it.
is_clean() {
	run 0 capinfos -Mc "$1"
	[[ ! -s $ERRORS ]] || fail "capinfos: $(cat "$ERRORS")"
	run 0 tcpdump -n -r "$1"
	! grep -v '^reading from file' "$ERRORS" || fail "tcpdump: $(cat "$ERRORS")"
	run 0 tshark -n -r "$1"
	! grep -v 'Running as user' "$ERRORS" || fail "tshark: $(cat "$ERRORS")"
}

# packets FILE FIELD...: one a line, as Wireshark reads it
packets() {
	local field fields=()
	for field in "${@:2}"; do
		fields+=(-e "$field")
	done
	# Since 4.4 tshark escapes a separator that stands in a field.
	tshark -n -r "$1" -T fields -E separator=/t "${fields[@]}" 2>/dev/null | tr '\t' ' '
}

# has COUNT FILE: so many packets have been written
has() {
	(($(packets "$2" frame.number | wc -l) >= $1))
}

test_drops_are_written_with_their_reason() {
	guard allow "$TRUSTED4" >/dev/null
	run 0 guard attach eth0 eth1
	capture capture "$FILE"
	arrives trusted "$SERVER4" 5060
	is_dropped stranger "$OUTSIDE4" 5060 600
	is_dropped stranger "$OUTSIDE6" 5061
	within 5 has 2 "$FILE"
	finishes capture INT
	says capture '^sipguard: 2 packets captured, 0 lost, 0 skipped'
	is_clean "$FILE"
	equal "drop not_allowed on eth1 $STRANGER4  5060 642"$'\n'"drop not_allowed on eth1  $STRANGER6 5061 63" \
		"$(packets "$FILE" frame.comment ip.src ipv6.src udp.dstport frame.len)" 'packets'
	run 0 capinfos -T -r "$FILE"
	prints 'pcapng'
	run 0 tshark -r "$FILE" -q -z io,stat,0
	run 0 capinfos "$FILE"
	prints 'Name = eth0'
	prints 'Name = eth1'
	prints 'Time precision = nanoseconds'
}

test_a_pipe_shows_packets_at_once() {
	run 0 guard attach --allow-empty eth1
	# shellcheck disable=SC2016
	start live server bash -c '"$1" capture -w - | tcpdump -n -l -r -' bash "$SIPGUARD"
	within 5 shows live 'reading from file'
	is_dropped stranger "$OUTSIDE4" 5060
	within 5 shows live "IP $STRANGER4\.[0-9]+ > $OUTSIDE4\.5060"
	is_dropped stranger "$OUTSIDE4" 5060
	stop live
}

test_it_ends_when_nobody_reads_any_more() {
	run 0 guard attach --allow-empty eth1
	# shellcheck disable=SC2016
	start pipe server bash -c '"$1" capture -w - | head -c 8 >/dev/null; exit "${PIPESTATUS[0]}"' bash "$SIPGUARD"
	ended pipe || fail "exit status $?" "$(cat "$WORLD/logs/pipe")"
}

test_verdicts_reasons_and_sources_are_chosen() {
	local name
	guard allow "$TRUSTED4" >/dev/null
	run 0 guard attach eth0 eth1 --monitor
	capture passes "$FILE.passes" --verdict pass --reason allowed
	capture drops "$FILE.drops"
	capture malformed "$FILE.malformed" --reason malformed
	capture sources "$FILE.sources" --from "${STRANGER4%.*}.64/26" --verdict all
	arrives trusted "$SERVER4" 5060
	arrives stranger "$OUTSIDE4" 5060
	arrives stranger "$OUTSIDE4" 53
	within 5 has 1 "$FILE.passes"
	within 5 has 1 "$FILE.drops"
	within 5 has 2 "$FILE.sources"
	for name in passes drops malformed sources; do
		finishes "$name" TERM
	done
	equal "pass allowed on eth0 $TRUSTED4" "$(packets "$FILE.passes" frame.comment ip.src)" 'passes'
	equal "would_drop not_allowed on eth1 $STRANGER4" "$(packets "$FILE.drops" frame.comment ip.src)" 'drops'
	equal '' "$(packets "$FILE.malformed" frame.number)" 'malformed packets'
	equal "$STRANGER4 5060"$'\n'"$STRANGER4 53" "$(packets "$FILE.sources" ip.src udp.dstport)" 'packets of a source'
	is_clean "$FILE.malformed"
}

test_devices_are_chosen() {
	run 0 guard attach --allow-empty eth0 eth1
	capture one "$FILE" --device eth1
	is_dropped trusted "$SERVER4" 5060
	is_dropped stranger "$OUTSIDE4" 5060
	within 5 has 1 "$FILE"
	finishes one TERM
	equal 'drop not_allowed on eth1' "$(packets "$FILE" frame.comment)" 'packets'
	run 3 guard capture -w "$FILE.no" --device eth7
	[[ ! -e $FILE.no ]] || fail 'a file of a capture that never began'
}

test_long_frames_are_cut() {
	run 0 guard attach --allow-empty eth1
	capture cut "$FILE" --bytes 60
	is_dropped stranger "$OUTSIDE4" 5060 500
	within 5 has 1 "$FILE"
	finishes cut TERM
	is_clean "$FILE"
	equal '542 60' "$(packets "$FILE" frame.len frame.cap_len)" 'length and captured length'
}

test_count_and_duration_end_it() {
	run 0 guard attach --allow-empty eth1
	capture count "$FILE" --count 3
	send stranger "$OUTSIDE4" 5060 20
	ended count || fail "exit status $?"
	is_clean "$FILE"
	equal 3 "$(packets "$FILE" frame.number | wc -l)" 'packets'
	run 0 guard capture -w "$FILE" for 1s
	run 0 guard --json capture -w "$FILE" for 1s
	jq -e '.schema == "sipguard/1" and .captured == 0 and .lost == 0 and .skipped == 0' "$OUTPUT" >/dev/null ||
		fail "$(cat "$OUTPUT")"
}

test_a_flood_is_thinned_out() {
	run 0 guard attach --allow-empty eth1
	start flood server "$SIPGUARD" --json capture -w "$FILE" --rate 50
	within 5 begins "$FILE"
	send stranger "$OUTSIDE4" 5060 10000
	within 5 counts 10000 eth1 not_allowed
	finishes flood TERM
	is_clean "$FILE"
	jq -e '.captured >= 50 and .captured <= 500 and .lost == 0 and .captured + .skipped >= 9000 and .captured + .skipped <= 11000' \
		"$WORLD/logs/flood" >/dev/null || fail "$(cat "$WORLD/logs/flood")"
}

test_a_full_disk_leaves_a_file_that_can_be_read() {
	mkdir "$WORLD/small"
	mount -t tmpfs -o size=40k small "$WORLD/small"
	run 0 guard attach --allow-empty eth1
	capture full "$WORLD/small/packets"
	send stranger "$OUTSIDE4" 5060 60 1000
	local status=0
	ended full || status=$?
	equal 5 "$status" 'exit status'
	says full '^error: cannot write to .*: No space left on device'
	says full '^hint: '
	is_clean "$WORLD/small/packets"
	has 20 "$WORLD/small/packets" || fail 'packets that had room are missing'
}

test_guards_may_come_and_go() {
	run 0 guard attach --allow-empty eth1
	capture goes-on "$FILE"
	run 0 guard attach --allow-empty eth1
	is_dropped stranger "$OUTSIDE4" 5060
	within 5 has 1 "$FILE"
	run 0 guard attach --allow-empty eth0
	is_dropped trusted "$SERVER4" 5060
	within 5 has 2 "$FILE"
	run 0 guard detach --all
	run 0 guard attach --allow-empty eth1
	within 5 is_sampled_again
	finishes goes-on TERM
	is_clean "$FILE"
}

is_sampled_again() {
	is_dropped stranger "$OUTSIDE4" 5060
	has 3 "$FILE"
}

test_four_read_at_once_and_the_dead_make_room() {
	local reader
	run 0 guard attach --allow-empty eth1
	for reader in 1 2 3 4; do
		capture "reader$reader" "$FILE.$reader"
	done
	run 6 guard capture -w "$FILE"
	complains 'processes [0-9]+,[0-9]+,[0-9]+,[0-9]+'
	[[ ! -e $FILE ]] || fail 'a file of a capture that never began'
	is_dropped stranger "$OUTSIDE4" 5060
	for reader in 1 2 3 4; do
		within 5 has 1 "$FILE.$reader"
	done
	ends reader2 KILL || true
	capture next "$FILE"
	is_dropped stranger "$OUTSIDE4" 5061
	within 5 has 1 "$FILE"
	run 6 guard capture -w "$FILE.no"
	for reader in reader1 reader3 reader4 next; do
		finishes "$reader" TERM
	done
	equal 5061 "$(packets "$FILE" udp.dstport)" 'packets of the next one'
	equal $'5060\n5061' "$(packets "$FILE.4" udp.dstport)" 'packets of the fourth'
}

test_wrong_words() {
	local words
	run 3 guard capture -w "$FILE"
	run 0 guard attach --allow-empty eth1
	for words in '' '-w' "-w $FILE until" "-w $FILE for" "-w $FILE for ever" "-w $FILE --verdict maybe" "-w $FILE --reason none" \
		"-w $FILE --from 192.0.2" "-w $FILE --bytes 0" "-w $FILE --bytes 2049" "-w $FILE --rate -1" "-w $FILE --count x" \
		"-w $FILE --verdict pass --reason denied" '--json -w -'; do
		# shellcheck disable=SC2086
		run 2 guard capture $words
	done
	[[ ! -e $FILE ]] || fail 'a file of a capture that never began'
	run 5 guard capture -w "$WORLD/none/packets"
	run 2 in_namespace server script -qec "'$SIPGUARD' capture -w -" /dev/null
	prints 'tcpdump -n -r -'
}
