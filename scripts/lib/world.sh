# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A world of its own for system tests and the demonstration. Three network namespaces:
#
#   trusted  192.0.2.10    2001:db8:1::10  eth0 ── eth0  192.0.2.1     2001:db8:1::1  server
#   stranger 198.51.100.66 2001:db8:2::66  eth0 ── eth1  198.51.100.1  2001:db8:2::1  server
#
# It lives in private mount, network and process namespaces, so that nothing is left when its first process ends,
# however it ends. `ip netns exec` would hide the BPF file system behind a new /sys: nsenter does not.

WORLD=/run/world
SERVER4=192.0.2.1 SERVER6=2001:db8:1::1
TRUSTED4=192.0.2.10 TRUSTED6=2001:db8:1::10
# Of the same namespace as the trusted ones, for what must not depend on the device.
NEIGHBOUR4=192.0.2.66
OUTSIDE4=198.51.100.1 OUTSIDE6=2001:db8:2::1
STRANGER4=198.51.100.66 STRANGER6=2001:db8:2::66
WORLD_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
WORLD_BUILD=$(cd "$WORLD_TOP" && realpath -m "${BUILD:-build}")
readonly WORLD WORLD_TOP WORLD_BUILD SERVER4 SERVER6 TRUSTED4 TRUSTED6 NEIGHBOUR4 OUTSIDE4 OUTSIDE6 STRANGER4 STRANGER6

declare -A processes=()
wires=0

# Runs a command in a world that is still empty.
world_run() {
	unshare --net --mount --uts --pid --fork --kill-child --mount-proc "$@"
}

world_create() {
	# sipsak wants the name of its host to resolve: an address does, without a line in any file.
	hostname 127.0.0.1
	mount -t tmpfs -o mode=0755 world /run
	mkdir -p /run/netns "$WORLD"/{bpf,logs}
	mount -t bpf -o mode=0700 bpf "$WORLD/bpf"
	export SIPGUARD_PIN_DIR=$WORLD/bpf/sipguard SIPGUARD_STATE_DIR=$WORLD/state SIPGUARD_RUN_DIR=$WORLD/run
	export SIPGUARD_CONFIG_DIR=$WORLD/etc
	ip netns add server
	ip netns add trusted
	ip netns add stranger
	ip -n server link set lo up
	world_link eth0 trusted eth0
	world_link eth1 stranger eth0
	world_addresses
}

# world_card NUMBER NAMESPACE NAME: moves a card of the machine into a namespace. A card whose namespace ended comes back by and
# by, under some name, so its address tells which it is, and with the MTU that it had there.
world_card() {
	local number=$1 namespace=$2 name=$3 found=''
	until [[ -n $found ]]; do
		found=$(nsenter --net="$WORLD_CARDS" ip -oneline link |
			sed -n "s/^[0-9]*: \([^:@]*\).*02:00:00:00:00:1$number .*/\1/p")
	done
	nsenter --net="$WORLD_CARDS" ip link set "$found" mtu 1500 netns "/run/netns/$namespace" name "$name"
}

# world_link DEVICE NAMESPACE PEER: a pair, of a device of the server and one of another namespace. Where WORLD_CARDS names
# a network namespace, these are two cards of it with a wire between them, and else a pair of veth.
world_link() {
	local device=$1 namespace=$2 peer=$3
	if [[ -n ${WORLD_CARDS:-} ]]; then
		world_card $((2 * wires)) server "$device"
		world_card $((2 * wires + 1)) "$namespace" "$peer"
		wires=$((wires + 1))
	else
		ip -n server link add "$device" type veth peer name "$peer" netns "$namespace"
	fi
	ip -n server link set "$device" up
	ip -n "$namespace" link set "$peer" up
}

world_addresses() {
	ip -n server address add "$SERVER4/24" dev eth0
	ip -n server address add "$SERVER6/64" dev eth0 nodad
	ip -n server address add "$OUTSIDE4/24" dev eth1
	ip -n server address add "$OUTSIDE6/64" dev eth1 nodad
	ip -n trusted address add "$TRUSTED4/24" dev eth0
	ip -n trusted address add "$NEIGHBOUR4/24" dev eth0
	ip -n trusted address add "$TRUSTED6/64" dev eth0 nodad
	ip -n stranger address add "$STRANGER4/24" dev eth0
	ip -n stranger address add "$STRANGER6/64" dev eth0 nodad
}

# in_namespace NAME COMMAND...
in_namespace() {
	nsenter --net="/run/netns/$1" -- "${@:2}"
}

# start NAME NAMESPACE COMMAND...: in the background; its output goes to a log of its name.
start() {
	local name=$1
	nsenter --net="/run/netns/$2" -- "${@:3}" >"$WORLD/logs/$name" 2>&1 &
	processes[$name]=$!
}

# ends NAME SIGNAL: sends it the signal, waits, and answers with its exit status.
ends() {
	local process=${processes[$1]}
	unset "processes[$1]"
	kill "-$2" "$process" 2>/dev/null || true
	wait "$process" 2>/dev/null
}

# ended NAME: waits until it ends by itself, and answers with its exit status.
ended() {
	local process=${processes[$1]}
	unset "processes[$1]"
	wait "$process"
}

stop() {
	ends "$1" TERM || true
}

stop_all() {
	local name
	for name in "${!processes[@]}"; do
		stop "$name"
	done
}

is_running() {
	kill -0 "${processes[$1]}" 2>/dev/null
}

# eventually SECONDS COMMAND...: asks again and again until the command succeeds. WORLD_PATIENCE makes the time longer, for
# a machine that is only emulated.
eventually() {
	local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000 * ${WORLD_PATIENCE:-1}))
	shift
	until "$@" >/dev/null 2>&1; do
		((${EPOCHREALTIME/./} < deadline)) || return 1
		sleep 0.02
	done
}

# is_listening NAMESPACE udp|tcp PORT
is_listening() {
	local option=-t
	[[ $2 == tcp ]] || option=-u
	[[ -n $(in_namespace "$1" ss -H -n -l "$option" "sport = :$3") ]]
}

# start_sip_server [CONFIGURATION]: the package's own binary where it is installed, or else the one that scripts/setup
# unpacked.
start_sip_server() {
	local configuration=${1:-$WORLD_TOP/tests/system/kamailio.cfg}
	local tree=$WORLD_BUILD/parts/kamailio command=(kamailio) address
	if [[ -x $tree/usr/sbin/kamailio ]]; then
		local libraries
		libraries=$(echo "$tree"/usr/lib/*/kamailio)
		command=(env "LD_LIBRARY_PATH=$libraries" "$tree/usr/sbin/kamailio" -L "$libraries/modules")
	fi
	command+=(-DD -E -m 32 -M 4 -Y "$WORLD" -P "$WORLD/kamailio.pid" -f "$configuration")
	for address in "$SERVER4" "[$SERVER6]" "$OUTSIDE4" "[$OUTSIDE6]"; do
		command+=(-l "udp:$address:5060" -l "tcp:$address:5060")
	done
	start kamailio server "${command[@]}"
	if ! eventually 5 is_listening server udp 5060 || ! eventually 5 is_listening server tcp 5060; then
		printf 'the SIP server does not listen; it says:\n%s\n' "$(cat "$WORLD/logs/kamailio")" >&2
		return 1
	fi
}
