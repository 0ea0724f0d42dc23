# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The life of a guard on the machine's own cards, through the virtio driver: native, generic, and what the driver refuses.

TRAFFIC=$WORLD_TOP/tests/machine/traffic.py

# connects NAMESPACE ADDRESS PORT: whether a TCP connection is made
connects() {
	# shellcheck disable=SC2016
	in_namespace "$1" timeout "$((3 * ${WORLD_PATIENCE:-1}))" bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "${@:2}" 2>/dev/null
}

# Both ways in, by UDP and TCP, IPv4 and IPv6.
only_trusted_ones_come_in() {
	connects trusted "$SERVER4" 5060 || fail 'no connection from a trusted host'
	connects trusted "$SERVER6" 5060 || fail 'no connection from a trusted host over IPv6'
	arrives trusted "$SERVER4" 5060
	arrives trusted "$SERVER6" 5060
	is_dropped stranger "$OUTSIDE4" 5060
	is_dropped stranger "$OUTSIDE6" 5060
	is_dropped stranger "$OUTSIDE4" 5060 1400
	arrives stranger "$OUTSIDE4" 7
	! connects stranger "$OUTSIDE4" 5060 || fail 'a connection from a stranger'
	connects stranger "$OUTSIDE4" 7 || fail 'no connection to a port that is not guarded'
}

# Every question of a trusted phone is answered while the program is swapped under it and under a stranger's flood.
swaps_lose_nothing() {
	local mode=$1 before
	before=$(counted eth1 not_allowed)
	start phone trusted python3 "$TRAFFIC" ask "$SERVER4" 5060
	start flood stranger python3 "$TRAFFIC" flood "$OUTSIDE4" 5060
	within 5 counts $((before + 100)) eth1 not_allowed
	run 0 guard attach eth0 eth1 --mode "$mode"
	prints 'swapped'
	before=$(counted eth1 not_allowed)
	within 5 counts $((before + 100)) eth1 not_allowed
	ends phone TERM || fail "$(cat "$WORLD/logs/phone")"
	stop flood
	[[ ! -e $WORLD/strangers ]] || fail "strangers came through: $(cat "$WORLD/strangers")"
}

# life MODE
life() {
	local mode=$1
	start server server python3 "$TRAFFIC" serve "$TRUSTED4,$TRUSTED6" "$WORLD/strangers" 5060 7
	within 5 is_listening server tcp 7
	run 0 guard allow "$TRUSTED4" "$TRUSTED6"
	run 0 guard attach eth0 eth1 --mode "$mode"
	holds "[.devices[].attach_mode] == [\"$mode\", \"$mode\"]" status
	rm -f "$WORLD/strangers"
	only_trusted_ones_come_in
	swaps_lose_nothing "$mode"
	run 0 guard detach --all
	equal '' "$(program_on server eth0)$(program_on server eth1)" 'programs on the cards'
	arrives stranger "$OUTSIDE4" 5060
	connects stranger "$OUTSIDE4" 5060 || fail 'no connection from a stranger after detach'
}

test_native() {
	life native
}

test_generic() {
	life generic
}

# The driver learnt packets of several buffers in Linux 6.3.
test_jumbo_frames() {
	local major minor
	IFS=. read -r major minor _ <<<"$(uname -r)"
	in_namespace server ip link set eth1 mtu 9000
	in_namespace stranger ip link set eth0 mtu 9000
	run 0 guard allow "$TRUSTED4"
	if ((major * 100 + minor < 603)); then
		run 5 guard attach eth1
		complains eth1 '^hint: '
		run 0 guard attach eth1 --mode generic
	else
		run 0 guard attach eth1
	fi
	is_dropped stranger "$OUTSIDE4" 5060 4000
	arrives stranger "$OUTSIDE4" 7 4000
}

# More queues than the guard found: strangers on the new ones are dropped as well.
test_more_queues() {
	local before port
	in_namespace server ethtool -L eth1 combined 1
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth1
	in_namespace server ethtool -L eth1 combined 2
	before=$(received)
	for ((port = 0; port < 32; port++)); do
		send stranger "$OUTSIDE4" 5060 1
	done
	within 5 counts 32 eth1 not_allowed
	equal "$before" "$(received)" 'datagrams received'
}
