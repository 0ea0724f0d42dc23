# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Disks that are full or read-only, files that are torn, damaged or missing, pins of another version: a clear error,
# nothing lost, the guard in force.

LIST=$WORLD/list

# Of this, neither a test nor a failure may change anything: the telephone passes, the stranger does not.
guard_with_one_phone() {
	run 0 guard allow "$TRUSTED4" label reception
	run 0 guard ports set udp/5060 tcp/5060
	run 0 guard attach eth0 eth1
	seq 1 200 | sed 's/^/203.0.113./' >"$LIST"
	files >"$WORLD/before"
}

# The names of the files, and what they hold.
files() {
	find "$SIPGUARD_STATE_DIR" "$SIPGUARD_RUN_DIR" -type f ! -name lock ! -name filler ! -name '*.guard' -print -exec cat {} + | sort
}

nothing_changed() {
	equal "$(<"$WORLD/before")" "$(files)" files
	holds '[.entries[] | [.prefix, .label, .in_kernel]] == [["192.0.2.10/32", "reception", true]]' list
	holds '.ports == ["udp/5060", "tcp/5060"]' ports
	arrives trusted "$SERVER4" 5060
	is_dropped stranger "$OUTSIDE4" 5060
}

# each_change_fails STATUS PATTERN...: by every way to change something, which then changes nothing
each_change_fails() {
	local words
	for words in "allow $STRANGER4" "deny $STRANGER4" "delete $TRUSTED4 --allow-empty --drop-recent" \
		'ports set udp/5061' "import plain $LIST" "import plain $LIST --replace --drop-recent"; do
		# shellcheck disable=SC2086
		run "$1" guard $words
		complains "${@:2}"
	done
	nothing_changed
}

# fill DIRECTORY: it becomes a file system without room, with the files it had
fill() {
	cp -a "$1" "$WORLD/copy"
	mount -t tmpfs -o size=64k full "$1"
	cp -a "$WORLD/copy/." "$1"
	dd if=/dev/zero of="$1/filler" 2>/dev/null || true
}

test_full_disk() {
	guard_with_one_phone
	fill "$SIPGUARD_STATE_DIR"
	each_change_fails 5 'No space left on device'
	# To let everybody through may be what is needed now: it is done, and cannot be remembered.
	run 5 guard mode monitor
	complains 'done, but the next boot brings back the former mode.*No space left on device'
	arrives stranger "$OUTSIDE4" 5060
	run 0 guard mode enforce
	run 0 guard attach eth0 eth1
	nothing_changed
	rm "$SIPGUARD_STATE_DIR/filler"
	run 0 guard import plain "$LIST"
	equal 201 "$(json .entries.ipv4 status)" entries
}

# The lock is there already, and needs no room.
test_full_run_directory() {
	guard_with_one_phone
	fill "$SIPGUARD_RUN_DIR"
	run 5 guard allow "$STRANGER4" --runtime
	complains 'runtime\.list.*No space left on device'
	nothing_changed
	run 0 guard allow "$STRANGER4"
	arrives stranger "$OUTSIDE4" 5060
}

read_only() {
	mount --bind "$1" "$1"
	mount -o remount,bind,ro "$1"
}

test_read_only_disk() {
	guard_with_one_phone
	read_only "$SIPGUARD_STATE_DIR"
	each_change_fails 5 'Read-only file system'
	run 5 guard mode monitor
	complains 'done, but the next boot brings back the former mode.*Read-only file system'
	run 0 guard mode enforce
	run 5 guard detach eth1
	complains 'done, but the next boot brings the guards back.*Read-only file system'
	run 0 guard attach eth1
	nothing_changed
	umount "$SIPGUARD_STATE_DIR"
	read_only "$SIPGUARD_RUN_DIR"
	each_change_fails 5 'Read-only file system'
}

# damaged_by FILE COMMAND...: changes the file; whatever needs it is refused, and what does not goes on.
damaged_by() {
	cp "$1" "$WORLD/whole"
	"${@:2}"
	files >"$WORLD/before"
	run 5 guard allow "$STRANGER4"
	complains "${1##*/}" 'damaged' '^hint: '
	run 5 guard import plain "$LIST"
	run 5 guard ports set udp/5061
	run 5 guard attach eth0
	run 5 guard mode enforce
	equal "$(<"$WORLD/before")" "$(files)" files
	run 0 guard status
	run 0 guard ports
	run 0 guard test --src "$TRUSTED4"
	run 1 guard test --src "$STRANGER4"
	# To let everybody through is what may be needed now.
	run 0 guard mode monitor
	arrives stranger "$OUTSIDE4" 5060
	cp "$WORLD/whole" "$1"
	run 0 guard mode enforce
	files >"$WORLD/before"
}

test_damaged_files_of_each_kind() {
	local file
	guard_with_one_phone
	run 0 guard allow 203.0.113.7 --runtime
	for file in "$SIPGUARD_STATE_DIR"/{entries.list,ports} "$SIPGUARD_RUN_DIR/runtime.list"; do
		damaged_by "$file" truncate -s -1 "$file"
		damaged_by "$file" truncate -s 0 "$file"
		damaged_by "$file" sed -i '1s/./x/' "$file"
	done
	printf 'x' >>"$SIPGUARD_STATE_DIR/ports"
	run 0 guard detach --all
}

test_what_is_no_file_is_refused() {
	local file=$SIPGUARD_STATE_DIR/ports
	guard_with_one_phone
	cp "$file" "$WORLD/whole"
	rm "$file"
	mkfifo "$file"
	run 5 guard allow "$STRANGER4"
	complains 'ports is no regular file'
	rm "$file"
	ln -s "$WORLD/nowhere" "$file"
	run 0 guard status
	rm "$file"
	cp "$WORLD/whole" "$file"
	nothing_changed
}

# A draft counts only when its command had come so far as to decide.
test_torn_drafts() {
	guard_with_one_phone
	printf '192.0.2' >"$SIPGUARD_STATE_DIR/entries.list.new"
	printf 'udp/50' >"$SIPGUARD_STATE_DIR/ports.new"
	printf 'th' >"$SIPGUARD_STATE_DIR/commit.new"
	run 0 guard status
	run 0 guard list
	run 0 guard allow "$TRUSTED4"
	grep -q interrupted "$ERRORS" || fail "it says: $(cat "$ERRORS")"
	nothing_changed
	printf '192.0.2' >"$SIPGUARD_STATE_DIR/entries.list.new"
	touch "$SIPGUARD_STATE_DIR/commit"
	run 5 guard list
	complains 'entries\.list\.new is damaged' '^hint: '
	run 0 guard status
	arrives trusted "$SERVER4" 5060
	is_dropped stranger "$OUTSIDE4" 5060
}

# What is missing is empty, and says nothing of what is in force.
test_missing_directories() {
	guard_with_one_phone
	rm -r "$SIPGUARD_STATE_DIR" "$SIPGUARD_RUN_DIR"
	run 0 guard status
	run 0 guard list
	arrives trusted "$SERVER4" 5060
	run 0 guard allow 203.0.113.7
	run 0 guard attach eth0 eth1
	arrives trusted "$SERVER4" 5060
	is_dropped stranger "$OUTSIDE4" 5060
	SIPGUARD_STATE_DIR=$WORLD/no/state run 5 guard allow "$STRANGER4"
	complains 'No such file or directory'
	is_dropped stranger "$OUTSIDE4" 5060
}

# The pin of a map as another version might have made it.
test_pins_of_another_version() {
	local words
	guard_with_one_phone
	rm "$SIPGUARD_PIN_DIR/policy/ports"
	bpftool map create "$SIPGUARD_PIN_DIR/policy/ports" type array key 4 value 16 entries 1 name sg_ports
	for words in "allow $STRANGER4" "delete $TRUSTED4 --allow-empty" "import plain $LIST" 'ports set udp/5061' \
		'attach eth0' status list ports; do
		# shellcheck disable=SC2086
		run 5 guard $words
		complains 'another version of sipguard' '^hint: .*detach --all'
	done
	equal "$(<"$WORLD/before")" "$(files)" files
	arrives trusted "$SERVER4" 5060
	send stranger "$OUTSIDE4" 5060 1
	within 2 counts 1 eth1 not_allowed
	run 0 guard detach --all
	run 0 guard attach eth0 eth1
	nothing_changed
}

# A clean-up script has removed pins: no command says that nothing is guarded, and attach makes a new policy.
test_lost_pins_of_the_policy() {
	local pins words
	for pins in . trie4_0 ports; do
		run 0 guard allow "$TRUSTED4"
		run 0 guard attach eth0 eth1
		rm -r "$SIPGUARD_PIN_DIR/policy/$pins" 2>/dev/null || rm -r "$SIPGUARD_PIN_DIR/policy"
		files >"$WORLD/before"
		for words in "allow $STRANGER4" "deny $STRANGER4" "delete $TRUSTED4" 'ports set udp/5061' ports list status \
			"check $TRUSTED4" "import plain $LIST" 'rollback' 'attach eth0' "test --src $TRUSTED4"; do
			echo 203.0.113.7 >"$LIST"
			# shellcheck disable=SC2086
			run 5 guard $words
			complains 'pins of the policy are gone.*eth0 eth1' '^hint: sipguard attach eth0 eth1'
		done
		equal "$(<"$WORLD/before")" "$(files)" files
		run 1 guard doctor
		prints 'problem +pins .*pins of the policy are gone'
		arrives trusted "$SERVER4" 5060
		run 0 guard attach eth0 eth1
		run 0 guard allow "$STRANGER4"
		arrives stranger "$OUTSIDE4" 5060
		run 0 guard delete "$STRANGER4" --drop-recent
		run 0 guard detach --all
	done
}
