# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The live view, on a terminal of tmux, on paper and in JSON.

terminal() {
	in_namespace server tmux -S "$WORLD/tmux" "$@"
}

# opens TERM LOCALE [COLUMNS LINES]: top on a terminal, once it has drawn
opens() {
	terminal -f /dev/null new-session -d -x "${3:-80}" -y "${4:-24}" \
		"TERM=$1 LC_ALL=$2 '$SIPGUARD' top; echo \"exit status \$?\"; exec cat"
	within 3 on_screen '^sipguard top '
}

# on_screen PATTERN: in a line of what stands there now
on_screen() {
	grep -Eq -- "$1" < <(terminal capture-pane -p)
}

# ends_in PATTERN: in the last line
ends_in() {
	grep -Eq -- "$1" < <(terminal capture-pane -p | tail -n 1)
}

shows() {
	within 4 on_screen "$1"
}

shows_not() {
	within 4 eval "! on_screen '$1'"
}

press() {
	terminal send-keys "$@"
}

# Real scanners of both families until the test ends.
scans() {
	# shellcheck disable=SC2016
	start scans stranger bash -c 'while :; do
		timeout 1 sipsak -s "sip:ping@$1" >/dev/null 2>&1
		timeout 1 svmap "$1" >/dev/null 2>&1
		timeout 1 sipp "[$2]:5060" -i "[$3]" -sn uac -m 1 -nostdin >/dev/null 2>&1
	done' bash "$OUTSIDE4" "$OUTSIDE6" "$STRANGER6"
}

guarded() {
	run 0 guard attach eth1 --allow-empty
}

test_everything_on_one_screen() {
	guarded
	scans
	opens screen C.UTF-8
	shows 'eth1 native, enforce'
	shows '^drop .*/s .*[▁▂▃▄▅▆▇█]'
	shows " $STRANGER4\$"
	shows ' 198\.51\.100\.0/24$'
	shows ' 2001:db8:2::/48$'
	shows ' OPTIONS$'
	shows ' INVITE$'
	shows ' sipsak [0-9.]+$'
	shows ' not_allowed$'
	press q
	shows '^exit status 0$'
}

test_keys() {
	guarded
	scans
	opens screen C.UTF-8
	press Right
	shows 'left/right: sources'
	shows " $STRANGER4\$"
	press Right
	shows 'left/right: networks'
	press Left Left Left
	shows 'left/right: reasons'
	press s
	shows 'sort: name'
	press '?'
	shows 'To trust a source: sipguard allow'
	press '?'
	shows_not 'To trust a source'
	press p
	shows PAUSED
	local still
	still=$(terminal capture-pane -p)
	sleep 1.2
	equal "$still" "$(terminal capture-pane -p)" 'the picture while it is paused'
	press p
	shows_not PAUSED
	press q
	shows '^exit status 0$'
}

test_it_follows_the_size_of_the_terminal() {
	guarded
	opens screen C.UTF-8
	shows 'q quit .* \? help$'
	terminal resize-window -x 40 -y 10
	within 3 ends_in '^q quit  p pause  s sort: share  left/rig$'
	equal 10 "$(terminal capture-pane -p | wc -l)" 'lines of the small terminal'
	terminal resize-window -x 150 -y 50
	within 3 ends_in '[?] help$'
	terminal resize-window -x 3 -y 1
	terminal resize-window -x 80 -y 24
	shows 'q quit .* \? help$'
	press C-c
	shows '^exit status 0$'
}

test_a_vt100_gets_ascii() {
	guarded
	scans
	opens vt100 C
	shows '^drop .*/s .*[.:=+*#@-]'
	shows " $STRANGER4\$"
	! terminal capture-pane -p | LC_ALL=C grep -q '[^ -~]' || fail 'not all is ASCII'
	press q
	shows '^exit status 0$'
}

test_without_a_terminal_it_says_what_else_there_is() {
	guarded
	run 2 guard top
	complains 'top needs a terminal' 'hint: sipguard top --batch, or sipguard drops --follow'
	terminal -f /dev/null new-session -d "TERM=dumb '$SIPGUARD' top; exec cat"
	shows 'cursor cannot be moved'
	run 3 env SIPGUARD_PIN_DIR="$WORLD/bpf/none" "$SIPGUARD" top --batch
}

test_on_paper_and_in_json() {
	guarded
	scans
	run 0 guard top --batch --count 2
	equal 2 "$(grep -c '^sipguard top ' "$OUTPUT")" 'pictures'
	run 0 guard --json top --count 3
	equal 3 "$(jq -s length "$OUTPUT")" 'objects'
	jq -se --arg source "$STRANGER4" 'any(.[].tables.sources[].name; . == $source) and
		all(.[]; .packets_per_second.would_drop == 0 and .lost_samples == 0)' "$OUTPUT" >/dev/null ||
		fail "$(cat "$OUTPUT")"
}
