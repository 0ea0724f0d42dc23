# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The exporter: what it tells of guards that come and go, and that it needs no privilege to do so.

# shellcheck source=/dev/null
. "$(dirname "${BASH_SOURCE[0]}")/exporter.sh"

modes_of_pins() {
	(cd "$SIPGUARD_PIN_DIR" && find . "$@" -printf '%P %m %g\n' | sort)
}

# The capabilities that the unit starts it with, and what is left of them.
test_gives_up_every_privilege() {
	local bound set
	create_exporter_user
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
	bound=$(sed -n 's/^CapabilityBoundingSet=//p' "$SCRIPTS/systemd/sipguard-exporter.service" | sed -E 's/ ?CAP_/,+/g')
	start exporter server setpriv --inh-caps=-all --bounding-set="-all${bound,,}" "$EXPORTER"
	within 5 is_listening server tcp 10506
	equal "$EXPORTER_ID" "$(of_exporter Uid)" 'user'
	equal "$EXPORTER_ID" "$(of_exporter Gid)" 'group'
	equal "$EXPORTER_ID" "$(of_exporter Groups)" 'further groups'
	equal 1 "$(of_exporter NoNewPrivs)" 'no_new_privs'
	for set in Inh Prm Eff Bnd Amb; do
		equal 0000000000000000 "$(of_exporter "Cap$set")" "capabilities ($set)"
	done
	is_dropped stranger "$OUTSIDE4" 5060
	shows 1 "$(packets eth1 ipv4 udp drop not_allowed)"
}

# The group reads what it must, and nobody else reads anything; links and the policy's own maps stay root's.
test_pins_are_shared_with_the_group_alone() {
	guard_and_export
	equal '750 sipguard' "$(stat -c '%a %G' "$SIPGUARD_PIN_DIR")" 'mode of the root'
	equal '' "$(modes_of_pins -perm /007)" 'pins that others may touch'
	equal '' "$(modes_of_pins -type f -perm /020)" 'pins that the group may write'
	equal $'devices/eth0/counters 640 sipguard\ndevices/eth0/device 640 sipguard\npolicy/settings 640 sipguard' \
		"$(modes_of_pins -type f -perm /040 | grep -v -e eth1 -e samples_lost)" 'pins that the group may read'
	equal '600 root' "$(stat -c '%a %G' "$SIPGUARD_PIN_DIR/devices/eth0/link")" 'mode of the link'
}

test_without_the_group_pins_are_for_root_alone() {
	run 0 guard attach eth0 --allow-empty
	equal '' "$(modes_of_pins -perm /077)" 'pins that others may touch'
	create_exporter_user
	# The guard is older than the group: an exporter that starts as root shares it.
	start_exporter
	shows 1 "$(attached eth0 native)"
}

test_attach_needs_no_right_to_share() {
	create_exporter_user
	run 0 in_namespace server setpriv --inh-caps=-all --bounding-set=-all,+bpf,+net_admin,+perfmon "$SIPGUARD" \
		attach eth0 --allow-empty
	equal '' "$(modes_of_pins -perm /077)" 'pins that others may touch'
}

# sums FILE: packets by device, verdict and reason, of those that have any
sums() {
	sed -nE 's/^sipguard_packets_total\{device="(\w+)",.*verdict="(\w+)",reason="(\w+)"\} ([1-9][0-9]*)$/\1 \2 \3 \4/p' "$1" |
		awk '{ sum[$1 " " $2 " " $3] += $4 } END { for (key in sum) print key, sum[key] }' | sort
}

tells_what_stats_tells() {
	fetch /metrics >"$WORLD/metrics"
	json '[.counters[] | {key: "\(.device) \(.verdict) \(.reason)", packets}] | group_by(.key)[]
		| "\(.[0].key) \([.[].packets] | add)"' stats | sort >"$WORLD/stats"
	[[ -s $WORLD/stats && $(sums "$WORLD/metrics") == "$(<"$WORLD/stats")" ]]
}

test_counts_are_those_of_the_guard() {
	guard_and_export
	send trusted "$SERVER4" 5060 3
	send trusted "$SERVER4" 9999 2
	send stranger "$OUTSIDE4" 5060 4
	send stranger "$OUTSIDE6" 5061 5
	in_namespace stranger bash -c "exec 3<>/dev/tcp/$OUTSIDE4/5060" 2>/dev/null &
	shows 4 "$(packets eth1 ipv4 udp drop not_allowed)"
	shows 5 "$(packets eth1 ipv6 udp drop not_allowed)"
	within 3 tells_what_stats_tells
	run 0 guard mode monitor
	send stranger "$OUTSIDE4" 5060 1
	shows 1 "$(packets eth1 ipv4 udp would_drop not_allowed)"
	shows 0 'sipguard_enforcing{device="eth1"}'
	equal 1 "$(metric 'sipguard_allowlist_entries{family="ipv4"}')" 'entries'
	equal 0 "$(metric 'sipguard_allowlist_entries{family="ipv6"}')" 'entries'
}

tells_of_no_device() {
	! tells /metrics 'device='
}

test_guards_come_and_go() {
	create_exporter_user
	start_exporter
	is_healthy || fail "$(fetch /healthz)"
	tells_of_no_device || fail 'series of devices'
	equal 0 "$(metric 'sipguard_allowlist_entries{family="ipv4"}')" 'entries'
	run 0 guard attach eth0 --monitor
	shows 1 "$(attached eth0 native)"
	shows 0 "$(packets eth0 ipv4 udp would_drop not_allowed)"
	run 0 guard attach eth0
	shows 1 "$(attached eth0 native)"
	run 0 guard attach eth1 --mode generic --monitor
	shows 1 "$(attached eth1 generic)"
	equal 0 "$(metric "$(attached eth1 native)")" 'native on eth1'
	ip -n server link set eth1 down
	ip -n server link set eth1 name wan
	ip -n server link set wan up
	shows 1 "$(attached eth1 generic)"
	ip -n server link delete wan
	shows 0 "$(attached eth1 generic)"
	equal 0 "$(metric "$(attached eth1 native)")" 'native on eth1'
	run 0 guard detach --all
	within 3 tells_of_no_device
	equal '' "$(find "$SIPGUARD_PIN_DIR" -mindepth 1)" 'pins'
	run 0 guard attach eth0 --monitor
	shows 1 "$(attached eth0 native)"
	equal '' "$(grep -v 'http://' "$WORLD/logs/exporter")" 'log'
}

# A new device of the same name, with a program of somebody else.
test_another_program_is_no_guard() {
	guard_and_export
	ip -n server link delete eth1
	world_link eth1 stranger eth0
	cp "$WORLD_BUILD/bpf/sipguard.bpf.o" "$WORLD/other.o"
	in_namespace server ip link set dev eth1 xdpgeneric object "$WORLD/other.o" section xdp.frags 2>/dev/null ||
		fail 'no program for eth1'
	shows 0 "$(attached eth1 native)"
	shows 0 "$(attached eth1 generic)"
	shows 1 "$(attached eth0 native)"
}

# le32 NUMBER: its bytes as bpftool takes them
le32() {
	printf '%02x %02x %02x %02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255))
}

# announce NEW FORMER: in the map of eth1, what an attach says before it swaps the program
announce() {
	# shellcheck disable=SC2046
	bpftool map update pinned "$SIPGUARD_PIN_DIR/devices/eth1/device" key 0 0 0 0 \
		value hex $(le32 "$version") 00 00 00 00 $(le32 "$1") $(le32 "$2") $(printf '00 %.0s' {1..16})
}

# What an attach leaves that is killed before the swap, or behind it.
test_a_killed_attach_does_not_hide_the_guard() {
	local program version
	guard_and_export
	program=$(program_on server eth1)
	version=$(json .map_layout version)
	announce 2000000000 "$program"
	shows 1 "$(attached eth1 native)"
	announce 2000000000 2000000001
	shows 0 "$(attached eth1 native)"
	announce "$program" 2000000001
	shows 1 "$(attached eth1 native)"
	run 0 guard attach eth1
	shows 1 "$(attached eth1 native)"
}

# set_version PIN VERSION: the first of the map's words
set_version() {
	local value
	value=$(bpftool --json map lookup pinned "$SIPGUARD_PIN_DIR/$1" key 0 0 0 0 | jq -r '.value | map(ltrimstr("0x")) | join(" ")')
	# shellcheck disable=SC2086
	bpftool map update pinned "$SIPGUARD_PIN_DIR/$1" key 0 0 0 0 value hex "$2" ${value:2}
}

test_pins_of_another_version_are_told_of() {
	local version
	guard_and_export
	version=$(bpftool --json map lookup pinned "$SIPGUARD_PIN_DIR/policy/settings" key 0 0 0 0 | jq -r '.value[0] | ltrimstr("0x")')
	set_version devices/eth1/device ff
	shows 0 'sipguard_collector_success{collector="guards"}'
	equal 503 "$(status_of /healthz)" 'status of /healthz'
	tells /healthz '^guards: the guard on eth1 has layout version 255' || fail "$(fetch /healthz)"
	equal 1 "$(metric "$(attached eth0 native)")" 'the other guard'
	# That it should be there is known all the same.
	equal '' "$(fetch /metrics | grep eth1 | grep -v '^sipguard_guard_expected')" 'series of eth1'
	set_version policy/settings ff
	shows 0 'sipguard_collector_success{collector="policy"}'
	equal '' "$(metric 'sipguard_allowlist_entries{family="ipv4"}')" 'entries'
	set_version devices/eth1/device "$version"
	set_version policy/settings "$version"
	within 3 is_healthy
	# Each change stands in the log once, however often it was scraped.
	equal 1 "$(grep -c 'guards: the guard on eth1' "$WORLD/logs/exporter")" 'lines of the problem'
	equal 2 "$(grep -c 'can be read again' "$WORLD/logs/exporter")" 'lines of its end'
}

# as_user COMMAND...: the user sipguard, without root behind it
as_user() {
	setpriv --reuid "$EXPORTER_ID" --regid "$EXPORTER_ID" --clear-groups --inh-caps=-all "$@"
}

test_unprivileged_start_where_the_modes_allow_it() {
	create_exporter_user
	run 0 guard attach eth0 --allow-empty
	cp "$EXPORTER" "$WORLD/exporter"
	EXPORTER=$WORLD/exporter
	start exporter server setpriv --reuid "$EXPORTER_ID" --regid "$EXPORTER_ID" --clear-groups --inh-caps=-all "$EXPORTER"
	within 5 is_listening server tcp 10506
	# systemd mounts the BPF file system like this: nobody but root walks through it.
	equal 503 "$(status_of /healthz)" 'status of /healthz'
	tells /healthz '^guards: cannot read the pins in .*: Permission denied$' || fail "$(fetch /healthz)"
	tells /healthz '^hint: .*start sipguard-exporter as root' || fail "$(fetch /healthz)"
	chmod 0711 "$WORLD/bpf"
	within 3 is_healthy
	shows 1 "$(attached eth0 native)"
	cp "$SIPGUARD" "$WORLD/sipguard"
	run 0 in_namespace server setpriv --reuid "$EXPORTER_ID" --regid "$EXPORTER_ID" --clear-groups --inh-caps=-all \
		"$WORLD/sipguard" metrics
	prints '^sipguard_attached\{device="eth0",mode="native"\} 1$'
}

test_root_is_not_enough_without_a_user_to_become() {
	run 5 in_namespace server "$EXPORTER"
	complains 'no user sipguard' '^hint: .*useradd'
	create_exporter_user
	run 2 in_namespace server "$EXPORTER" --user root
	complains 'does not run as root'
	run 2 in_namespace server "$EXPORTER" --listen localhost:1
	complains 'ADDRESS:PORT' '^hint: '
	run 2 in_namespace server "$EXPORTER" --nonsense
	start_exporter --listen 127.0.0.1:10506 --listen '[::1]:10506'
	run 5 in_namespace server "$EXPORTER"
	complains 'Address already in use'
	grep -q ok < <(in_namespace server curl -s --max-time 5 'http://[::1]:10506/healthz') || fail 'not on ::1'
	ends exporter TERM || fail 'not a clean end'
}

# seal FILE: puts the line behind the text that the tool's own files end with
seal() {
	python3 -c 'import sys, zlib; text = open(sys.argv[1], "rb").read()
open(sys.argv[1], "ab").write(b"# sealed %08x\n" % zlib.crc32(text))' "$1"
}

test_tells_how_the_last_apply_ended() {
	local file=$SIPGUARD_STATE_DIR/last_apply
	guard_and_export
	equal 1 "$(metric sipguard_policy_last_apply_successful)" 'before the first apply'
	equal 0 "$(metric sipguard_policy_last_apply_success_timestamp_seconds)" 'before the first apply'
	printf 'result failure\nsucceeded 2027-01-31T18:00:30Z\n' >"$file"
	seal "$file"
	shows 0 sipguard_policy_last_apply_successful
	equal 1801418430 "$(metric sipguard_policy_last_apply_success_timestamp_seconds)" 'the last success'
	echo 'result success' >>"$file"
	shows 0 'sipguard_collector_success{collector="last_apply"}'
	equal '' "$(metric sipguard_policy_last_apply_successful)" 'of a damaged file'
}

# Hardened systems have umask 077 for everybody, and so has the exporter's own unit.
test_a_umask_takes_nothing_away() {
	umask 077
	create_exporter_user
	chmod 644 /etc/passwd /etc/group
	mkdir -p "$SIPGUARD_CONFIG_DIR/allow.d"
	echo "$TRUSTED4" >"$SIPGUARD_CONFIG_DIR/allow.d/phones.list"
	printf '[guard]\ndevices = eth0\n' >"$SIPGUARD_CONFIG_DIR/sipguard.conf"
	run 0 guard apply
	start_exporter
	is_healthy || fail "$(fetch /healthz)"
	shows 1 "$(attached eth0 native)"
	shows 1 sipguard_policy_last_apply_successful
	(($(metric sipguard_policy_last_apply_success_timestamp_seconds) > 0)) || fail 'the time of the apply is not read'
	shows 1 'sipguard_collector_success{collector="last_apply"}'
	equal '600 root' "$(stat -c '%a %U' "$SIPGUARD_STATE_DIR/declared.list")" 'mode of the entries'
	equal '' "$(modes_of_pins -perm /007)" 'pins that others may touch'
}

test_textfile_for_the_node_exporter() {
	local promtool
	promtool=$(prometheus_tool promtool)
	run 0 guard attach eth0 --allow-empty
	mkdir "$WORLD/textfile"
	run 0 guard metrics --textfile "$WORLD/textfile/sipguard.prom"
	equal '' "$(cat "$OUTPUT" "$ERRORS")" 'what it says'
	equal 644 "$(stat -c %a "$WORLD/textfile/sipguard.prom")" 'mode'
	equal sipguard.prom "$(ls -A "$WORLD/textfile")" 'files'
	"$promtool" check metrics <"$WORLD/textfile/sipguard.prom" || fail 'promtool'
	grep -q '^sipguard_attached{device="eth0",mode="native"} 1$' "$WORLD/textfile/sipguard.prom" || fail 'no guard in it'
	run 0 guard metrics
	prints '^sipguard_build_info'
	run 0 guard --json metrics
	equal native "$(jq -r '.guards[0].attached' "$OUTPUT")" 'in JSON'
	run 5 guard metrics --textfile "$WORLD/nowhere/sipguard.prom"
	complains 'nowhere.*No such file'
	# What can be read is told, and the exit status says that it was not all.
	set_version devices/eth0/device ff
	run 5 guard metrics --textfile "$WORLD/textfile/sipguard.prom"
	complains 'layout version 255'
	grep -q '^sipguard_collector_success{collector="guards"} 0$' "$WORLD/textfile/sipguard.prom" || fail 'not told'
}
