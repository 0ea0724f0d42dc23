# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever a command accepts, every later command reads back: the files, an attach after a reboot, what export writes.

ENDS_TOO_LATE=9999-12-31T23:59-05:00

# What is left of a reboot: files outlive it, guards and /run do not.
reboot() {
	guard detach --all
	rm -rf "$SIPGUARD_RUN_DIR"
	run 0 guard attach eth0 eth1
}

# Commands that only read, and an export that declares what is in force.
all_is_read_back() {
	run 0 guard list
	run 0 guard status
	run 0 guard rollback --list
	prints_not damaged
	rm -rf "$WORLD/exported"
	run 0 guard export "$WORLD/exported"
	run 0 guard apply --check -f "$WORLD/exported"
}

test_no_end_is_later_than_the_files_can_say() {
	local end
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
	for end in 'for 999999w' 'for 2920000d' "until $ENDS_TOO_LATE" 'until 10000-01-01T00:00Z' 'for 9223372036854775807s'; do
		# shellcheck disable=SC2086
		run 2 guard allow "$STRANGER4" $end
		complains .
		# shellcheck disable=SC2086
		run 2 guard allow "$STRANGER4" $end --runtime
	done
	mkdir -p "$WORLD/etc/allow.d"
	echo "203.0.113.7 until $ENDS_TOO_LATE" >"$WORLD/etc/allow.d/a.list"
	: >"$WORLD/etc/sipguard.conf"
	run 2 guard apply
	complains 'a\.list:1:19: .* is later than 9999'
	run 2 guard import plain "$WORLD/etc/allow.d/a.list"
	complains 'is later than 9999'
	equal '["192.0.2.10/32"]' "$(json '[.entries[].prefix]' list)" entries
	rm "$WORLD/etc/allow.d/a.list"
	all_is_read_back
	reboot
}

# The kernel's clock holds 292 years: entries that end later are in sync all the same.
test_ends_that_no_clock_holds_are_in_sync() {
	mkdir -p "$WORLD/etc/allow.d"
	printf '[guard]\ndevices = eth0\n' >"$WORLD/etc/sipguard.conf"
	printf '%s until %s\n' 192.0.2.10 9999-12-31T23:59:59Z 203.0.113.1 2262-04-11T23:47:16Z \
		203.0.113.2 2262-04-11T23:47:17Z 203.0.113.3 2300-01-01T00:00Z 203.0.113.4 2400-01-01T00:00Z \
		>"$WORLD/etc/allow.d/a.list"
	run 0 guard apply
	run 0 guard allow 203.0.113.5 until 9999-12-31T23:59:59Z
	run 0 guard allow 203.0.113.6 for 400000w
	printf 'create s hash:ip timeout 0\nadd s 203.0.113.7 timeout 99999999999999\n' |
		run 0 guard import ipset -
	run 0 guard apply --check
	arrives trusted "$SERVER4" 5060
	all_is_read_back
	reboot
	run 0 guard apply --check
	arrives trusted "$SERVER4" 5060
}

# As an earlier version wrote it.
test_a_file_with_a_year_of_five_digits_is_read() {
	local text='192.0.2.10/32 until 21192-03-29T16:02:20Z'
	mkdir -p "$SIPGUARD_STATE_DIR"
	run 0 guard allow 203.0.113.7
	python3 - "$SIPGUARD_STATE_DIR/entries.list" "$text" <<-'EOF'
		import sys, zlib
		text = sys.argv[2] + "\n"
		open(sys.argv[1], "w").write(text + "# sealed %08x\n" % zlib.crc32(text.encode()))
	EOF
	run 0 guard attach eth0 eth1
	run 0 guard allow 203.0.113.8
	holds '.entries[0].expires == "9999-12-31T23:59:59Z"' list
	all_is_read_back
	reboot
}

# draw COUNT: a number below, of the same sequence in each run
draw() {
	drawn=$((RANDOM % $1))
}

# Words of one command, of which some are refused.
draw_command() {
	local labels=('x' 'Müller & Söhne' '# hash' 'until' 'a"b\c' $'tab\there' $'bidi \u202e' '📞' ' blank ' '-')
	local ends=('for 1w' 'for 999999w' 'until 2290-01-01T00:00+14:00' "until $ENDS_TOO_LATE" 'until 2090-02-29T00:00Z'
		'until 9999-12-31T23:59:59Z' 'for 5217000w')
	local prefixes=('198.51.100.0/24' '2001:db8::/33' '2001:db8::7' '10.0.0.0/8' '::ffff:192.0.2.1' '192.0.2.0/25')
	local verbs=(allow allow deny)
	draw 3
	words=("${verbs[drawn]}")
	draw 6
	words+=("${prefixes[drawn]}")
	draw 3
	if ((drawn)); then
		draw 7
		# shellcheck disable=SC2206
		words+=(${ends[drawn]})
	fi
	draw 3
	if ((drawn)); then
		draw 10
		words+=(label "${labels[drawn]}")
	fi
	draw 5
	((drawn)) || words+=(--runtime)
}

test_random_commands_are_read_back() {
	local drawn words accepted=0 status
	RANDOM=10
	run 0 guard allow "$TRUSTED4" label 'a telephone'
	run 0 guard attach eth0 eth1
	for ((i = 0; i < 60; i++)); do
		draw_command
		status=0
		guard "${words[@]}" >"$OUTPUT" 2>"$ERRORS" || status=$?
		((status == 0 || status == 2 || status == 7)) || fail "exit status $status: ${words[*]}" "$(<"$ERRORS")"
		accepted=$((accepted + (status == 0)))
		run 0 guard list
	done
	((accepted > 20 && accepted < 60)) || fail "$accepted of 60 commands were accepted"
	all_is_read_back
	reboot
	all_is_read_back
}

# Everything that a command could change, but for the programs' numbers.
all_there_is() {
	find "$SIPGUARD_STATE_DIR" "$SIPGUARD_RUN_DIR" -type f ! -name lock ! -name last_apply -print -exec cat {} + | sort
	find "$WORLD/bpf" ! -type d | sort
	json '.entries[] | [.prefix, .verdict, .origin, .in_kernel, .expired]' list
	json '.devices[] | [.device, .state, .mode, .attach_mode, .confirmation != null]' status
	ip -n server -json link | jq '.[] | [.ifname, (.xdp.prog.name // "")]'
}

# fails STATUS COMMAND...: and nothing is changed
fails() {
	all_there_is >"$WORLD/before"
	run "$1" guard "${@:2}"
	complains .
	all_there_is >"$WORLD/after"
	diff "$WORLD/before" "$WORLD/after" >&2 || fail "changed by: ${*:2}"
}

# eth1 runs the program of somebody else, and tun0 takes none in native mode.
occupy_devices() {
	clang -target bpf -O2 -x c -c -o "$WORLD/other.o" - <<-'EOF'
		__attribute__((section("xdp"), used)) int other_filter(void *context) { return 2; }
	EOF
	bpftool prog load "$WORLD/other.o" "$WORLD/bpf/other" type xdp
	in_namespace server bpftool net attach xdpdrv pinned "$WORLD/bpf/other" dev eth1
	ip -n server tuntap add dev tun0 mode tun
}

each_attach_fails() {
	fails 3 attach eth0 eth7
	fails 6 attach eth1
	fails 6 attach eth0 eth1
	fails 6 attach eth0 eth1 --confirm 1h
	fails 6 attach eth0 eth1 --monitor
	fails 5 attach eth0 tun0
	fails 5 attach eth0 eth1 tun0 --replace
	fails 5 attach eth0 eth1 tun0 --replace --confirm 1h
	fails 2 attach eth0 --confirm 1s
}

test_an_attach_that_fails_changes_nothing() {
	occupy_devices
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0
	run 0 guard allow "$NEIGHBOUR4" --runtime
	run 0 guard allow 203.0.113.7 for 1h --runtime
	each_attach_fails
	arrives trusted "$SERVER4" 5060
	# The guard and its policy go, the entries that were given for this boot stay in their file.
	rm -r "$SIPGUARD_PIN_DIR"
	within 3 has_no_guard eth0
	fails 6 attach eth1
	fails 5 attach eth0 eth1 tun0 --replace
	run 0 guard delete "$TRUSTED4"
	fails 7 attach eth0
	fails 7 attach eth0 --confirm 1h
	mkdir -p "$WORLD/etc/allow.d"
	printf '[guard]\ndevices = eth0\n' >"$WORLD/etc/sipguard.conf"
	fails 7 apply
	fails 7 apply --confirm 1h
	printf '[guard]\ndevices = eth0 eth1\n' >"$WORLD/etc/sipguard.conf"
	fails 6 apply --allow-empty
	# They belong to the policy that is no more, and not to the next.
	run 0 guard attach eth0 --allow-empty
	equal '[]' "$(json .entries list)" entries
}

has_no_guard() {
	[[ -z $(program_on server "$1") ]]
}

# says_no_raw_bytes COMMAND...: neither an answer nor an error, in either form
says_no_raw_bytes() {
	local status=0
	"$@" >"$OUTPUT" 2>"$ERRORS" || status=$?
	! LC_ALL=C grep -qaP '\x1b|\xff|\xe2\x80\xae' "$OUTPUT" "$ERRORS" || fail "raw bytes of a name: ${*:2}"
}

test_names_of_devices_may_hold_any_byte() {
	local names=($'\xff\xfe0' $'\x1b[31m' $'\xe2\x80\xaex' '#;=[' $'b\\x1b' 'ümläut') words name at=0
	run 0 guard allow "$TRUSTED4"
	for name in "${names[@]}"; do
		ip -n server link add name "$name" type veth peer name "peer$((at++))"
		says_no_raw_bytes guard attach -- "$name"
	done
	says_no_raw_bytes guard attach --mode generic -- "${names[0]}"
	grep -q 'is guarded in native mode' "$ERRORS" || fail 'no refusal'
	for words in status stats 'mode enforce' 'mode monitor' confirm ports "test --src $TRUSTED4" doctor 'diff -f sipguard.conf' \
		'drops for 1s' metrics; do
		# shellcheck disable=SC2086
		says_no_raw_bytes guard $words
		# shellcheck disable=SC2086
		says_no_raw_bytes guard --json $words
	done
	holds '.devices | map(.device) | sort == (["\\xff\\xfe0", "\\x1b[31m", "\\xe2\\x80\\xaex", "#;=[", "b\\\\x1b", "ümläut"] | sort)' status
	holds '.results | length == 6' test --src "$TRUSTED4"
	holds '.configuration != null' export
	run 0 guard mode enforce
	run 0 guard export "$WORLD/exported"
	run 0 guard apply --check -f "$WORLD/exported"
	for name in "${names[@]}"; do
		says_no_raw_bytes guard detach -- "$name"
	done
	run 1 guard apply --check -f "$WORLD/exported"
	run 0 guard apply -f "$WORLD/exported"
	says_no_raw_bytes guard --json status
	holds '.devices | length == 6' status
}

test_long_paths_are_never_cut() {
	local long deep variable
	printf -v long '%0400d' 7
	deep=$WORLD/${long:0:200}/${long:0:200}
	for variable in SIPGUARD_STATE_DIR SIPGUARD_RUN_DIR SIPGUARD_CONFIG_DIR SIPGUARD_PIN_DIR; do
		run 2 env "$variable=$deep" nsenter --net=/run/netns/server -- "$SIPGUARD" allow "$TRUSTED4"
		complains "$variable has more than [0-9]+ bytes"
	done
	mkdir -p "$deep/${long:0:100}"
	: >"$deep/${long:0:100}/sipguard.conf"
	run 2 guard apply -f "$deep/${long:0:100}"
	complains 'path of the configuration'
}
