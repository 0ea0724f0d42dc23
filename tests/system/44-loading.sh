# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whole lists: from files and from standard input, added and replaced, aggregated, too long, interrupted.

LIST=$WORLD/list

# numbers FROM TO: as many addresses, one a line
numbers() {
	seq "$1" "$2" | awk '{ printf "10.%d.%d.%d\n", $1 / 65536, $1 / 256 % 256, $1 % 256 }'
}

# 20,000 addresses and the telephone that the other tests use.
write_list() {
	{
		numbers 0 19998
		echo "$TRUSTED4 # reception"
	} | shuf --random-source=<(yes) >"$LIST"
}

entries() {
	json '.entries.ipv4' status
}

# of PREFIX FIELD: a field of its entry
of() {
	json ".entries[] | select(.prefix == \"$1\") | .$2" list
}

# What the files say and what the kernel has are the same.
files_and_kernel_agree() {
	equal '[]' "$(json '[.entries[] | select((.in_kernel | not) or .origin == "unknown").prefix][:3]' list)" \
		'entries that are only in one of files and kernel'
}

test_import_adds_and_repeats() {
	run 0 guard allow 203.0.113.7
	run 0 guard attach eth0 eth1
	write_list
	run 0 guard import plain "$LIST" --dry-run
	prints '^added: allow 192\.0\.2\.10/32$'
	prints 'nothing was done.*added 20000$'
	equal 1 "$(entries)" 'entries after a dry run'
	run 0 guard import plain "$LIST"
	prints '^added 20000$'
	equal '' "$(cat "$ERRORS")" 'what it says besides'
	equal 20001 "$(entries)" entries
	arrives trusted "$SERVER4" 5060
	is_dropped stranger "$OUTSIDE4" 5060
	equal reception "$(of 192.0.2.10/32 label)" label
	holds '.unchanged == 20000 and .added == 0' import plain "$LIST"
	run 0 guard status
	prints 'allowlist: 20001 IPv4 and 0 IPv6 entries; 80 % full'
	run 0 guard detach --all
	run 0 guard attach eth0
	equal 20001 "$(entries)" 'entries after they were loaded again'
}

test_clauses_are_for_lines_without_their_own() {
	printf '%s\n' '203.0.113.1 # own' '203.0.113.2 until 2099-01-31T18:00Z' '203.0.113.3 deny' >"$LIST"
	run 0 guard import plain "$LIST" for 1h label customers
	holds '[.entries[].label] == ["own", "customers", "customers"]' list
	holds '[.entries[].expires == "2099-01-31T18:00:00Z"] == [false, true, false]' list
	holds '[.entries[].verdict] == ["allow", "allow", "deny"]' list
	run 2 guard import plain "$LIST" for 1h for 2h
	run 2 guard import fancy "$LIST"
	run 2 guard import plain
	run 2 guard import plain "$WORLD/nowhere"
}

test_a_bad_line_changes_nothing() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0
	write_list
	echo '  10.9.9.300' >>"$LIST"
	run 2 guard import plain "$LIST"
	complains "$LIST:20001:3: 10\.9\.9\.300"
	run 2 guard import plain "$LIST" --replace
	equal 1 "$(entries)" entries
	equal 1 "$(grep -c '^[0-9]' "$SIPGUARD_STATE_DIR/entries.list")" 'entries on the disk'
	run 7 guard import plain - <<<'0.0.0.0/0'
	complains '^hint: .*--allow-broad'
	equal 1 "$(entries)" entries
}

test_standard_input() {
	run 0 guard attach eth0 --allow-empty
	write_list
	run 0 guard allow - label telephones <"$LIST"
	prints '^added 20000$'
	arrives trusted "$SERVER4" 5060
	equal telephones "$(of 10.0.0.0/32 label)" label
	run 0 guard deny - --drop-recent <<<"$TRUSTED4"
	is_dropped trusted "$SERVER4" 5060
	run 2 guard allow - <<<"$TRUSTED4 deny"
	complains '192\.0\.2\.10' '^hint: .*import plain -'
	run 2 guard allow - <<<'# nobody'
	run 2 guard allow - <<<$'203.0.113.7\n203.0.113.8/24'
	complains 'standard input:2:1: '
	run 0 guard allow - --runtime <<<"$TRUSTED4"
	arrives trusted "$SERVER4" 5060
	equal 20000 "$(entries)" entries
	holds '[.entries[].outcome] == ["added"]' allow - <<<203.0.113.9
}

test_replacing_keeps_counters_and_takes_the_labels_of_the_list() {
	local packets
	run 0 guard allow "$TRUSTED4" 203.0.113.7 label before
	run 0 guard attach eth0
	arrives trusted "$SERVER4" 5060
	packets=$(of 192.0.2.10/32 packets)
	((packets > 0)) || fail 'no packet is counted'
	write_list
	run 0 guard import plain "$LIST" --replace
	prints '^added 19999, changed 1, deleted 1$'
	(($(of 192.0.2.10/32 packets) >= packets)) || fail 'the counter began anew'
	equal reception "$(of 192.0.2.10/32 label)" label
	arrives trusted "$SERVER4" 5060
	more_than "$packets" of 192.0.2.10/32 packets || fail 'the counter does not go on'
	files_and_kernel_agree
}

test_a_much_shorter_list_is_refused() {
	run 0 guard attach eth0 --allow-empty
	write_list
	run 0 guard import plain "$LIST"
	echo "$TRUSTED4" >"$LIST"
	run 7 guard import plain "$LIST" --replace
	complains '20000' '^hint: .*--allow-shrink'
	run 7 guard import plain "$LIST" --replace --dry-run
	equal 20000 "$(entries)" entries
	run 0 guard import plain "$LIST" --replace --allow-shrink
	equal 1 "$(entries)" entries
	arrives trusted "$SERVER4" 5060
	run 7 guard import plain - --replace --allow-shrink </dev/null
	complains '^hint: .*--allow-empty'
}

test_a_full_list_is_refused_whole() {
	run 0 guard attach eth0 --allow-empty --capacity 100
	run 2 guard attach eth0 --capacity 200
	numbers 1 99 >"$LIST"
	run 0 guard import plain "$LIST"
	run 0 guard allow "$TRUSTED4"
	cp "$SIPGUARD_STATE_DIR/entries.list" "$WORLD/before"
	run 5 guard allow 203.0.113.7
	complains 'full' 'and 100 is the most'
	numbers 100 1000 >"$LIST"
	run 5 guard import plain "$LIST"
	run 5 guard import plain "$LIST" --capacity 500
	cmp "$WORLD/before" "$SIPGUARD_STATE_DIR/entries.list"
	holds '.entries | .ipv4 == 100 and .limit == 100' status
	arrives trusted "$SERVER4" 5060
	files_and_kernel_agree
	run 0 guard import plain "$LIST" --capacity 2000
	holds '.entries | .ipv4 == 1001 and .limit == 2000' status
	run 2 guard import plain "$LIST" --capacity 0
	run 2 guard import plain "$LIST" --capacity 5000000
}

test_a_list_grows_beyond_its_first_room() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0
	numbers 1 16370 >"$LIST"
	run 0 guard import plain "$LIST"
	numbers 20001 20100 >"$LIST"
	run 0 guard allow - <"$LIST"
	holds '.entries | .ipv4 == 16471 and .capacity > 16471 and .limit == null' status
	arrives trusted "$SERVER4" 5060
	files_and_kernel_agree
}

test_aggregation_answers_the_same() {
	run 0 guard attach eth0 eth1 --allow-empty
	{
		numbers 0 255
		echo '10.0.1.0/24 # office'
		echo '10.0.1.77 deny'
		echo '198.51.100.0/24'
		echo "$STRANGER4 deny"
		echo '198.51.100.67 until 2099-01-31T18:00Z'
	} >"$LIST"
	run 0 guard import plain "$LIST" --aggregate
	prints '^256 entries were joined'
	holds '[.entries[].prefix] == ["10.0.0.0/23", "10.0.1.77/32", "198.51.100.0/24", "198.51.100.66/32", "198.51.100.67/32"]' list
	is_dropped stranger "$OUTSIDE4" 5060
	decides 10.0.0.200 allowed || fail '10.0.0.200 is not allowed'
	decides 10.0.1.78 allowed || fail '10.0.1.78 is not allowed'
	decides 10.0.1.77 denied || fail '10.0.1.77 is not denied'
	decides 10.0.2.0 not_allowed || fail '10.0.2.0 is allowed'
	files_and_kernel_agree
}

# on_terminal COMMAND...: writes down what a terminal shows
on_terminal() {
	script --quiet --return --command "$*" "$WORLD/logs/terminal" >/dev/null </dev/null
}

# With a clock that goes a thousand times as fast, a short list is long enough.
test_progress_is_for_terminals() {
	local import="nsenter --net=/run/netns/server faketime -f '+0 x1000' $SIPGUARD import plain $LIST"
	run 0 guard attach eth0 --allow-empty
	write_list
	on_terminal "$import"
	grep -q $'\r\033\\[Kloading: [0-9,]* of 20,000 ([0-9]* %), [0-9,]*/s, [0-9]*s left' "$WORLD/logs/terminal" ||
		fail "no progress: $(cat -A "$WORLD/logs/terminal")"
	grep -q $'\r\033\\[Kadded 20000' "$WORLD/logs/terminal" || fail 'the line is left behind'
	numbers 20000 40000 >"$LIST"
	on_terminal "$import --replace --quiet"
	! grep -q loading "$WORLD/logs/terminal" || fail 'progress in spite of --quiet'
	numbers 0 20000 >"$LIST"
	run 0 bash -c "$import --replace"
	equal '' "$(cat "$ERRORS")" 'progress without a terminal'
}

# A file that something is mounted on cannot be replaced: the last step fails.
test_a_failed_last_step_gives_the_kernel_back_what_it_had() {
	local file=$SIPGUARD_STATE_DIR/entries.list
	run 0 guard allow "$TRUSTED4" 203.0.113.7
	run 0 guard attach eth0 eth1
	mount --bind "$file" "$file"
	write_list
	run 5 guard import plain "$LIST" --replace
	complains 'cannot replace'
	run 5 guard import plain "$LIST" --capacity 50000
	run 5 guard import plain - --replace --capacity 1 <<<203.0.113.8
	files_and_kernel_agree
	arrives trusted "$SERVER4" 5060
	run 5 guard allow "$STRANGER4"
	run 5 guard delete "$TRUSTED4" --drop-recent
	umount "$file"
	holds '.entries | .ipv4 == 2 and .limit == null' status
	arrives trusted "$SERVER4" 5060
	is_dropped stranger "$OUTSIDE4" 5060
	files_and_kernel_agree
	run 0 guard allow "$STRANGER4"
	equal '' "$(cat "$ERRORS")" 'what the next one says'
}

test_two_writers() {
	local processes=() process
	run 0 guard attach eth0 --allow-empty
	numbers 0 9999 >"$LIST.1"
	numbers 5000 14999 >"$LIST.2"
	for process in 1 2; do
		guard import plain "$LIST.$process" >/dev/null &
		processes+=($!)
	done
	guard allow "$TRUSTED4" >/dev/null &
	processes+=($!)
	for process in "${processes[@]}"; do
		wait "$process" || fail 'a writer failed'
	done
	equal 15001 "$(entries)" entries
	files_and_kernel_agree
}

test_a_killed_import_is_old_or_new() {
	local delay left
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0
	write_list
	for delay in 0.01 0.02 0.03 0.05 0.07 0.09 0.12; do
		timeout --signal KILL "$delay" nsenter --net=/run/netns/server "$SIPGUARD" import plain "$LIST" >/dev/null 2>&1 || true
		arrives trusted "$SERVER4" 5060
		run 0 guard allow 203.0.113.7
		files_and_kernel_agree
		left=$(entries)
		((left == 2 || left == 20001)) || fail "$left entries are neither the old list nor the new one"
		run 0 guard delete 203.0.113.7
		run 0 guard import plain - --replace --allow-shrink <<<"$TRUSTED4"
	done
}

test_what_a_killed_command_left_is_undone() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
	cp "$SIPGUARD_STATE_DIR/entries.list" "$WORLD/before"
	run 0 guard allow "$STRANGER4"
	# As if it had been killed between the kernel and the files.
	mv "$SIPGUARD_STATE_DIR/entries.list" "$SIPGUARD_STATE_DIR/entries.list.new"
	mv "$WORLD/before" "$SIPGUARD_STATE_DIR/entries.list"
	arrives stranger "$OUTSIDE4" 5060
	run 0 guard allow 203.0.113.7
	grep -q interrupted "$ERRORS" || fail "it says: $(cat "$ERRORS")"
	is_dropped stranger "$OUTSIDE4" 5060
	arrives trusted "$SERVER4" 5060
	files_and_kernel_agree
	run 0 guard allow 203.0.113.8
	equal '' "$(cat "$ERRORS")" 'what the next one says'
}

# short CALLS WRITES COUNT COMMAND...: the kernel is short of memory for so many batches (short_of_memory.c)
short() {
	LD_PRELOAD=$WORLD_BUILD/tests/system/short_of_memory.so SHORT_CALLS=$1 SHORT_WRITES=$2 SHORT_COUNT=$3 guard "${@:4}"
}

test_a_kernel_short_of_memory_for_a_moment() {
	run 0 guard attach eth0 --allow-empty
	write_list
	run 0 short 40 3 told import plain "$LIST"
	prints '^added 20000$'
	equal 20000 "$(entries)" 'entries in force'
	files_and_kernel_agree
	run 0 short 3 0 kept import plain "$LIST" --replace
	files_and_kernel_agree
	decides "$TRUSTED4" allowed || fail 'the telephone is not allowed'
}

test_a_kernel_short_of_memory_for_good() {
	run 0 guard allow 203.0.113.7
	run 0 guard attach eth0
	write_list
	run 5 short 1000000 0 told import plain "$LIST" --replace
	complains 'cannot load the allowlist: 0 of 20000 entries are written: Cannot allocate memory' '^hint: what was in force stays'
	run 5 short 1000000 0 kept import plain "$LIST" --replace
	equal 1 "$(entries)" 'entries in force'
	decides 203.0.113.7 allowed || fail 'who was allowed is not'
	files_and_kernel_agree
}
