#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   harness.sh FILE TEST
#
# Runs one test function of a file in the world that `run` made for it, and that ends with it: a test has nothing to
# clean up.
set -Eeuo pipefail

# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib/world.sh"

SIPGUARD=${SIPGUARD:-$WORLD_BUILD/sipguard}
SCENARIOS=$WORLD_TOP/tests/system
# shellcheck disable=SC2034
SCRIPTS=$WORLD_TOP/scripts
OUTPUT=$WORLD/logs/output
ERRORS=$WORLD/logs/errors

# Says what went wrong, and where in the test.
fail() {
	local frame
	for ((frame = 1; frame < ${#FUNCNAME[@]}; frame++)); do
		[[ ${FUNCNAME[frame]} != test_* ]] || printf 'line %s: ' "${BASH_LINENO[frame - 1]}"
	done
	printf '%s\n' "$*"
	exit 1
} >&2

# What fails without a word of its own ends the test too: it says what that was. Where set -e does not look, in conditions
# for one, this does not either.
trap 'printf "%s line %s: ended with status %s: %s\n" "${BASH_SOURCE[0]##*/}" "$LINENO" "$?" "$BASH_COMMAND" >&2' ERR

# A program that was built under the sanitizers writes what they find to a file, whoever runs it. That preloads of faketime
# come before the sanitizer's library is no finding.
REPORTS=$WORLD/logs/sanitizer
export ASAN_OPTIONS=log_path=$REPORTS:verify_asan_link_order=0 UBSAN_OPTIONS=log_path=$REPORTS:print_stacktrace=1

# finish: ends what the test started. A finding fails a test that has gone well, and explains one that has not.
finish() {
	local status=$?
	trap - ERR
	stop_all
	if compgen -G "$REPORTS.*" >/dev/null; then
		printf 'the sanitizers found:\n%s\n' "$(cat "$REPORTS".*)" >&2
		status=1
	fi
	exit "$status"
}

# The command under test, beside the devices of the server.
guard() {
	in_namespace server "$SIPGUARD" "$@"
}

# run STATUS COMMAND...: fails unless the command ends with this exit status. What it wrote can be asked for below.
run() {
	local wanted=$1 status=0
	shift
	"$@" >"$OUTPUT" 2>"$ERRORS" || status=$?
	((status == wanted)) || fail "exit status $status instead of $wanted: $*" $'\n'"$(cat "$OUTPUT" "$ERRORS")"
}

prints() {
	grep -Eq -- "$1" "$OUTPUT" || fail "no /$1/ in the output:" $'\n'"$(cat "$OUTPUT")"
}

prints_not() {
	! grep -Eq -- "$1" "$OUTPUT" || fail "/$1/ in the output:" $'\n'"$(cat "$OUTPUT")"
}

# complains PATTERN...: an error in the command's own form, and every pattern in what it says
complains() {
	local pattern
	for pattern in '^error: ' "$@"; do
		grep -Eq -- "$pattern" "$ERRORS" || fail "no /$pattern/ in the error:" $'\n'"$(cat "$ERRORS")"
	done
}

# json FILTER COMMAND...: what the filter makes of the answer of a command of sipguard, whatever its exit status.
json() {
	{ guard --json "${@:2}" || true; } | jq -rc "$1"
}

# equal WANTED ACTUAL WHAT
equal() {
	[[ $1 == "$2" ]] || fail "${*:3}: '$2' instead of '$1'"
}

within() {
	eventually "$@" || fail "not within $1 s: ${*:2}"
}

# holds JSON-CONDITION COMMAND...
holds() {
	{ guard --json "${@:2}" || true; } >"$OUTPUT"
	jq -e "$1" "$OUTPUT" >/dev/null || fail "not so: $1" $'\n'"$(head -c 20000 "$OUTPUT")"
}

# counted DEVICE REASON [packets|bytes]
counted() {
	json "[.counters[] | select(.device == \"$1\" and .reason == \"$2\") | .${3:-packets}] | add // 0" stats
}

# counts COUNT DEVICE REASON [packets|bytes]: the counter has reached this number
counts() {
	(($(counted "${@:2}") >= $1))
}

# The XDP program on a device of a namespace: its number, or nothing.
program_on() {
	ip -n "$1" -json link show "$2" | jq '.[0].xdp.prog.id // empty'
}

# sip NAMESPACE FROM TO TRANSPORT SCENARIO [ARGUMENT...]: sipp with its time limited; IPv6 addresses in brackets.
sip() {
	in_namespace "$1" sipp "$3:5060" -i "$2" -t "$4" -nostdin -timeout 5s -timeout_error -m 1 "${@:5}" \
		>"$WORLD/logs/sipp" 2>&1
}

# answered NAMESPACE FROM TO TRANSPORT: whether the server answers a question.
answered() {
	sip "$@" -sf "$SCENARIOS/options.xml" -nr
}

hears() {
	answered "$@" || fail "no answer over $4 to $2"
}

hears_nothing() {
	! answered "$@" || fail "an answer over $4 to $2"
}

# send NAMESPACE ADDRESS PORT COUNT [BYTES]: datagrams that ask for no answer; bash writes at most 4096 bytes at once
send() {
	# shellcheck disable=SC2016
	in_namespace "$1" bash -c 'exec 3<>"/dev/udp/$1/$2"; for ((i = 0; i < $3; i++)); do printf "%${4:-1}s" >&3; done' \
		bash "${@:2}" 2>/dev/null || true
}

# Datagrams that the server's kernel took in, with or without a socket that wanted them.
received() {
	in_namespace server nstat -asz |
		awk '/^Udp6?(InDatagrams|NoPorts|InErrors)/ { sum += $2 } END { print sum + 0 }'
}

# What all guards together dropped.
dropped() {
	json '[.devices[].packets.drop] | add' status
}

# decides ADDRESS REASON: what `check` says of an address now
decides() {
	[[ $(json .reason check "$1") == "$2" ]]
}

more_than() {
	(($("${@:2}") > $1))
}

# arrives NAMESPACE ADDRESS PORT [BYTES]: one datagram gets to the server.
arrives() {
	local before
	before=$(received)
	send "${@:1:3}" 1 "${4:-1}"
	eventually 2 more_than "$before" received || fail "${4:-1} bytes to $2 port $3 are lost"
}

# is_dropped NAMESPACE ADDRESS PORT [BYTES]: one datagram is seen by a guard and does not get to the server.
is_dropped() {
	local drops before
	before=$(received)
	drops=$(dropped)
	send "${@:1:3}" 1 "${4:-1}"
	eventually 2 more_than "$drops" dropped || fail "${4:-1} bytes to $2 port $3 are not dropped"
	equal "$before" "$(received)" "datagrams received, after one to $2 port $3 that was counted as dropped"
}

world_create
trap finish EXIT
# shellcheck source=/dev/null
. "$1"
"$2"
