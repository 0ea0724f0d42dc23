# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of the exporter share.

EXPORTER=${EXPORTER:-$WORLD_BUILD/sipguard-exporter}
EXPORTER_ID=990
PAGE=http://127.0.0.1:10506

# The user and the group sipguard, in this world alone.
create_exporter_user() {
	local file
	for file in passwd group; do
		cp "/etc/$file" "$WORLD/$file"
		mount --bind "$WORLD/$file" "/etc/$file"
	done
	echo "sipguard:x:$EXPORTER_ID:$EXPORTER_ID::/nonexistent:/usr/sbin/nologin" >>/etc/passwd
	echo "sipguard:x:$EXPORTER_ID:" >>/etc/group
}

# start_exporter [ARGUMENT...]
# shellcheck disable=SC2120
start_exporter() {
	start exporter server "$EXPORTER" "$@"
	within 5 is_listening server tcp 10506
}

# fetch PATH [ARGUMENT OF CURL...]
fetch() {
	in_namespace server curl --silent --show-error --max-time 10 "${@:2}" "$PAGE$1"
}

# status_of PATH [ARGUMENT OF CURL...]
status_of() {
	fetch "$1" --output /dev/null --write-out '%{http_code}' "${@:2}"
}

# tells PATH PATTERN [ARGUMENT OF CURL...]
tells() {
	fetch "$1" "${@:3}" >"$WORLD/told"
	grep -Eq -- "$2" "$WORLD/told"
}

# metric SERIES: its value, or nothing
metric() {
	fetch /metrics | awk -v series="$1" '$1 == series { print $2 }'
}

metric_is() {
	[[ $(metric "$2") == "$1" ]]
}

# shows VALUE SERIES: within the moment that an answer may be old
shows() {
	eventually 3 metric_is "$@" || fail "$2 is '$(metric "$2")' instead of '$1'"
}

is_healthy() {
	[[ $(fetch /healthz) == ok ]]
}

# of_exporter NAME: a field of its /proc/PID/status
of_exporter() {
	# shellcheck disable=SC2154
	awk -v name="$1:" '$1 == name { print $2 }' "/proc/${processes[exporter]}/status"
}

guard_and_export() {
	create_exporter_user
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
	# shellcheck disable=SC2119
	start_exporter
}

attached() {
	echo "sipguard_attached{device=\"$1\",mode=\"$2\"}"
}

packets() {
	echo "sipguard_packets_total{device=\"$1\",family=\"$2\",protocol=\"$3\",verdict=\"$4\",reason=\"$5\"}"
}

prometheus_tool() {
	local unpacked
	for unpacked in "$WORLD_BUILD"/parts/{prometheus,promtool}/usr/bin/"$1"; do
		if [[ -x $unpacked ]]; then
			echo "$unpacked"
			return
		fi
	done
	command -v "$1" || fail "no $1: scripts/setup test"
}
