# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever fails: what was in force stays so, and the command says what is wrong.

guard_with_one_phone() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
}

nothing_changed() {
	arrives trusted "$SERVER4" 5060
	is_dropped stranger "$OUTSIDE4" 5060
}

# with_capabilities CAPABILITIES COMMAND...: root, but with these alone
with_capabilities() {
	in_namespace server setpriv --inh-caps=-all --bounding-set="-all$1" "$SIPGUARD" "${@:2}"
}

test_missing_capabilities_are_named() {
	run 4 with_capabilities '' attach eth0 --allow-empty
	complains CAP_BPF CAP_NET_ADMIN CAP_PERFMON
	run 4 with_capabilities ,+bpf,+net_admin attach eth0 --allow-empty
	complains 'missing: CAP_PERFMON'
	run 4 with_capabilities ,+bpf,+perfmon attach eth0 --allow-empty
	complains 'missing: CAP_NET_ADMIN'
	equal '' "$(program_on server eth0)" 'the program on eth0'
	run 3 guard status
}

test_three_capabilities_are_enough() {
	local only=,+bpf,+net_admin,+perfmon
	run 0 with_capabilities "$only" allow "$TRUSTED4"
	run 0 with_capabilities "$only" attach eth0 eth1
	nothing_changed
	run 0 with_capabilities "$only" allow "$STRANGER4"
	run 0 with_capabilities "$only" attach eth0 eth1
	run 0 with_capabilities "$only" status
	run 0 with_capabilities "$only" test --src "$STRANGER4"
	run 0 with_capabilities "$only" detach --all
}

test_another_user_is_refused() {
	local words
	guard_with_one_phone
	cp "$SIPGUARD" "$WORLD/sipguard"
	for words in 'attach eth0' 'detach --all' 'allow 203.0.113.7' 'mode monitor' status list stats metrics; do
		# shellcheck disable=SC2086
		run 4 in_namespace server setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all "$WORLD/sipguard" $words
		complains '^hint: '
	done
	nothing_changed
}

# damaged_by COMMAND...: changes the file of entries; what it holds then is refused.
damaged_by() {
	local file=$SIPGUARD_STATE_DIR/entries.list
	cp "$file" "$WORLD/entries"
	"$@"
	run 5 guard allow 203.0.113.7
	complains "$file" '^hint: '
	run 5 guard attach eth0
	run 0 guard status
	nothing_changed
	cp "$WORLD/entries" "$file"
	run 0 guard allow "$TRUSTED4"
}

test_damaged_entries_are_refused() {
	guard_with_one_phone
	local file=$SIPGUARD_STATE_DIR/entries.list
	damaged_by sed -i 's/192\.0\.2\.10/192.0.2.11/' "$file"
	damaged_by truncate -s -1 "$file"
	damaged_by truncate -s 0 "$file"
	damaged_by truncate -s +1 "$file"
	damaged_by cp /dev/null "$file"
	echo damage >>"$file"
	run 0 guard detach --all
}

test_no_bpf_file_system() {
	mkdir "$WORLD/plain"
	SIPGUARD_PIN_DIR=$WORLD/plain/sipguard run 5 guard attach eth0 --allow-empty
	complains '^hint: .*mount'
	equal '' "$(program_on server eth0)" 'the program on eth0'
	SIPGUARD_PIN_DIR=$WORLD/plain/sipguard run 0 guard allow "$TRUSTED4"
}

test_full_disk_changes_nothing() {
	guard_with_one_phone
	cp "$SIPGUARD_STATE_DIR/entries.list" "$WORLD/entries"
	mount -t tmpfs -o size=8k full "$SIPGUARD_STATE_DIR"
	cp "$WORLD/entries" "$SIPGUARD_STATE_DIR/entries.list"
	dd if=/dev/zero of="$SIPGUARD_STATE_DIR/filler" 2>/dev/null || true
	run 5 guard allow "$STRANGER4"
	complains 'No space left'
	nothing_changed
	run 5 guard delete "$TRUSTED4" --allow-empty --drop-recent
	nothing_changed
	cmp "$WORLD/entries" "$SIPGUARD_STATE_DIR/entries.list"
	equal 'entries.list filler versions' "$(cd "$SIPGUARD_STATE_DIR" && echo *)" 'files'
}

test_read_only_disk_changes_nothing() {
	guard_with_one_phone
	mount --bind "$SIPGUARD_STATE_DIR" "$SIPGUARD_STATE_DIR"
	mount -o remount,bind,ro "$SIPGUARD_STATE_DIR"
	run 5 guard allow "$STRANGER4"
	complains 'Read-only file system'
	nothing_changed
	run 0 guard attach eth0 eth1
	nothing_changed
}

is_locked() {
	! flock --nonblock "$SIPGUARD_RUN_DIR/lock" true
}

test_second_writer_is_refused() {
	guard_with_one_phone
	start holder server flock --no-fork "$SIPGUARD_RUN_DIR/lock" sleep 30
	within 2 is_locked
	run 6 guard allow "$STRANGER4"
	complains '^hint: '
	# Readers do not wait.
	run 0 guard status
	run 0 guard list
	nothing_changed
	stop holder
	run 0 guard allow "$STRANGER4"
}

test_second_writer_waits_a_little() {
	guard_with_one_phone
	start holder server flock --no-fork "$SIPGUARD_RUN_DIR/lock" sleep 1
	within 2 is_locked
	run 0 guard allow "$STRANGER4"
	arrives stranger "$OUTSIDE4" 5060
}

test_many_writers_at_once() {
	local number processes=() process
	guard_with_one_phone
	for ((number = 1; number <= 40; number++)); do
		guard allow "203.0.113.$number" >/dev/null &
		processes+=($!)
	done
	for process in "${processes[@]}"; do
		wait "$process" || fail 'a writer failed'
	done
	holds '.entries | length == 41' list
	equal 41 "$(grep -c '^[0-9]' "$SIPGUARD_STATE_DIR/entries.list")" 'entries on the disk'
}

# `ip netns exec` makes a /sys of its own: what is mounted below it goes with the command.
test_nobody_is_told_to_mount_what_ends_with_the_command() {
	local words default=(env -u SIPGUARD_PIN_DIR)
	run 0 guard allow "$TRUSTED4"
	for words in '5 attach eth0' '3 status' '3 mode monitor' '3 stats' '1 doctor'; do
		# shellcheck disable=SC2086
		run "${words%% *}" "${default[@]}" ip netns exec server "$SIPGUARD" ${words#* }
		grep -q 'nsenter --net=/run/netns/server' "$OUTPUT" "$ERRORS" || fail "no way out: $words"
		! grep -q 'mount -t bpf' "$OUTPUT" "$ERRORS" || fail "told to mount: $words"
	done
	run 0 "${default[@]}" ip netns exec server bash -c "mount -t bpf bpf /sys/fs/bpf; '$SIPGUARD' attach eth0"
	grep -q 'ends with it.*nsenter --net=/run/netns/server' "$ERRORS" || fail 'no warning'
	within 3 has_no_guard eth0
	# Elsewhere it is what helps.
	umount -l /sys/fs/bpf 2>/dev/null || true
	run 5 in_namespace server "${default[@]}" "$SIPGUARD" attach eth0
	complains '^hint: mount -t bpf'
}

has_no_guard() {
	[[ -z $(program_on server "$1") ]]
}
