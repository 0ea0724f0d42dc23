# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Devices of every kind, and what may happen to them.

# tun_frames DEVICE SOURCE...: what a tunnel would take from its far end: one UDP packet to port 5060 of each source
tun_frames() {
	in_namespace server python3 - "$@" <<'PYTHON'
import fcntl, socket, struct, sys

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 1, 0x1000
tun = open('/dev/net/tun', 'r+b', buffering=0)
fcntl.ioctl(tun, TUNSETIFF, struct.pack('16sH22x', sys.argv[1].encode(), IFF_TUN | IFF_NO_PI))
for source in sys.argv[2:]:
    header = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 29, 0, 0, 64, 17, 0,
                         socket.inet_aton(source), socket.inet_aton('203.0.113.1'))
    total = sum(struct.unpack('>10H', header))
    total = (total & 0xffff) + (total >> 16)
    checksum = ~(total + (total >> 16)) & 0xffff
    tun.write(header[:10] + struct.pack('>H', checksum) + header[12:] +
              struct.pack('>HHHHc', 40000, 5060, 9, 0, b'x'))
PYTHON
}

test_tun() {
	local before
	ip -n server tuntap add dev tun0 mode tun
	ip -n server link set tun0 up
	ip -n server address add 203.0.113.1/24 dev tun0
	run 0 guard allow 203.0.113.7
	run 5 guard attach tun0
	complains 'native' '^hint: .*--mode generic'
	run 0 guard attach tun0 --mode generic
	holds '.devices[0] | .state == "attached" and .attach_mode == "generic" and .link_layer == "none"' status
	before=$(received)
	run 0 tun_frames tun0 203.0.113.7 203.0.113.8 203.0.113.7
	within 2 counts 2 tun0 allowed
	within 2 counts 1 tun0 not_allowed
	equal $((before + 2)) "$(received)" 'datagrams from the tunnel'
	run 1 guard test --src 203.0.113.8
}

test_auto_falls_back_loudly() {
	ip -n server tuntap add dev tun0 mode tun
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach tun0 --mode auto
	grep -q 'generic' "$ERRORS" || fail 'nothing is said of the fall-back'
	holds '.devices[0].attach_mode == "generic"' status
	run 0 guard attach eth0 --mode auto
	equal '' "$(cat "$ERRORS")" 'what is said where native mode works'
	holds '.devices[] | select(.device == "eth0") | .attach_mode == "native"' status
}

test_jumbo_frames() {
	local namespace
	for namespace in server trusted; do
		ip -n "$namespace" link set eth0 mtu 9000
	done
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0
	holds '.devices[0].attach_mode == "native"' status
	arrives trusted "$SERVER4" 5060 4096
	counts 4096 eth0 allowed bytes || fail 'the frame was not counted whole'
	equal 0 "$(counted eth0 fragment_tail)" 'fragments'
	run 0 guard delete "$TRUSTED4" --allow-empty --drop-recent
	is_dropped trusted "$SERVER4" 5060 4096
}

test_name_with_a_dot() {
	world_link eth0.100 stranger eth1.100
	ip -n server address add 203.0.113.1/24 dev eth0.100
	ip -n stranger address add 203.0.113.66/24 dev eth1.100
	run 0 guard attach eth0.100 --allow-empty
	is_dropped stranger 203.0.113.1 5060
	holds '.devices[0] | .device == "eth0.100" and .state == "attached"' status
	counts 1 eth0.100 not_allowed || fail 'not counted for eth0.100'
	run 0 guard attach eth0.100 --allow-empty
	run 0 guard detach eth0.100
	arrives stranger 203.0.113.1 5060
}

test_device_that_comes_back() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
	is_dropped stranger "$OUTSIDE4" 5060
	ip -n server link delete eth1
	run 3 guard status
	prints '^eth1 +gone'
	grep -q 'eth1' "$ERRORS" || fail 'nothing is said of the lost guard'
	world_link eth1 stranger eth0
	ip -n server address add "$OUTSIDE4/24" dev eth1
	ip -n stranger address add "$STRANGER4/24" dev eth0
	holds '[.devices[].state] == ["attached", "gone"]' status
	arrives stranger "$OUTSIDE4" 5060
	run 0 guard attach eth1
	holds '[.devices[].state] == ["attached", "attached"]' status
	is_dropped stranger "$OUTSIDE4" 5060
	counts 2 eth1 not_allowed || fail 'the counters began anew'
}

test_gone_device_can_be_detached() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
	ip -n server link delete eth1
	run 0 guard detach eth1
	holds '[.devices[].device] == ["eth0"]' status
}

test_rename_keeps_the_guard() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth1
	rename_eth1 uplink
	is_dropped stranger "$OUTSIDE4" 5060
	holds '.devices[0].present_name == "uplink"' status
	run 0 guard attach uplink
	holds '[.devices[] | [.device, .state]] == [["uplink", "attached"]]' status
	is_dropped stranger "$OUTSIDE4" 5060
	counts 2 uplink not_allowed || fail 'the counters began anew'
	run 0 guard detach uplink
}

rename_eth1() {
	ip -n server link set eth1 down
	ip -n server link set eth1 name "$1"
	ip -n server link set "$1" up
}

test_detach_by_the_new_name() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth1
	rename_eth1 uplink
	run 0 guard detach uplink
	equal '' "$(program_on server uplink)" 'the program on uplink'
}

# A guard goes with its device, and the next device of the old name is another one.
test_old_name_on_a_new_device() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth1
	rename_eth1 uplink
	world_link eth1 trusted eth1
	run 0 guard attach eth1
	is_dropped stranger "$OUTSIDE4" 5060
	holds '[.devices[] | [.present_name, .state]] | sort == [["eth1", "attached"], ["uplink", "attached"]]' status
	run 0 guard detach --all
	equal '' "$(program_on server uplink)$(program_on server eth1)" 'programs on the devices'
}

# Whoever detaches a device by its name means the one that has it now.
test_names_exchanged() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
	ip -n server link set eth0 name between
	ip -n server link set eth1 name eth0
	ip -n server link set between name eth1
	run 0 guard detach eth0
	equal '' "$(program_on server eth0)" 'the program on eth0'
	[[ -n $(program_on server eth1) ]] || fail 'the other guard was lost'
	holds '[.devices[] | [.device, .present_name, .state]] == [["eth1", "eth1", "attached"]]' status
}

test_same_device_twice() {
	run 0 guard attach eth0 eth0 --allow-empty
	run 0 guard detach eth0 eth0
	equal '' "$(program_on server eth0)" 'the program on eth0'
}

test_moved_device_is_elsewhere() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
	ip -n server link set eth1 netns trusted name moved
	holds '[.devices[].state] == ["attached", "elsewhere"]' status
	[[ -n $(program_on trusted moved) ]] || fail 'the guard was lost'
	run 0 guard detach eth1
	equal '' "$(program_on trusted moved)" 'the program after the detach'
}


program_name() {
	bpftool --json prog show id "$(program_on server "$1")" | jq -r .name
}

# attach_other DEVICE MODE: a program of somebody else, in the way of `ip link set xdp`
attach_other() {
	clang -target bpf -O2 -x c -c -o "$WORLD/other.o" - <<'SOURCE'
__attribute__((section("xdp"), used)) int other_filter(void *context)
{
	return 2;
}
SOURCE
	bpftool prog load "$WORLD/other.o" "$WORLD/bpf/other" type xdp
	in_namespace server bpftool net attach "$2" pinned "$WORLD/bpf/other" dev "$1"
}

refuses_and_replaces() {
	local device=$1 name=$2
	run 6 guard attach "$device" "${@:3}"
	complains "$name" "program $(program_on server "$device")" '^hint: .*--replace'
	equal "$name" "$(program_name "$device")" 'the program after the refusal'
	run 3 guard status
	run 0 guard attach "$device" "${@:3}" --replace
	holds '.devices[0].state == "attached"' status
	arrives trusted "$SERVER4" 5060
	run 0 guard detach "$device"
	equal '' "$(program_on server "$device")" 'the program after the detach'
}

test_other_program_of_netlink() {
	run 0 guard allow "$TRUSTED4"
	attach_other eth0 xdpdrv
	refuses_and_replaces eth0 other_filter
}

test_other_program_of_the_other_mode() {
	run 0 guard allow "$TRUSTED4"
	attach_other eth0 xdpgeneric
	refuses_and_replaces eth0 other_filter
}

test_other_program_of_a_link() {
	run 0 guard allow "$TRUSTED4"
	run 0 env SIPGUARD_PIN_DIR="$WORLD/bpf/second" nsenter --net=/run/netns/server -- "$SIPGUARD" attach eth0
	refuses_and_replaces eth0 "$(program_name eth0)"
	SIPGUARD_PIN_DIR=$WORLD/bpf/second run 3 guard status
	prints '^eth0 +gone'
}

test_replace_that_fails_leaves_the_other() {
	run 0 guard allow "$TRUSTED4"
	attach_other eth0 xdpgeneric
	ip -n server tuntap add dev tun0 mode tun
	in_namespace server bpftool net attach xdpgeneric pinned "$WORLD/bpf/other" dev tun0
	run 5 guard attach tun0 --replace
	complains 'native'
	equal other_filter "$(program_name tun0)" 'the program after the failure'
}

test_no_such_device() {
	run 3 guard attach eth7 --allow-empty
	complains 'eth7'
	run 3 guard attach eth0 eth7 --allow-empty
	run 3 guard status
	run 3 guard attach 'a-name-that-is-longer-than-any' --allow-empty
}

test_attach_of_several_is_all_or_none() {
	ip -n server tuntap add dev tun0 mode tun
	run 5 guard attach eth0 tun0 --allow-empty
	complains 'tun0'
	run 3 guard status
	equal '' "$(program_on server eth0)" 'the program on eth0'
}

mode_of() {
	json ".devices[] | select(.device == \"$1\") | .mode" status
}

test_failed_attach_leaves_the_mode() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0
	ip -n server tuntap add dev tun0 mode tun
	run 5 guard attach --monitor eth0 tun0
	equal enforce "$(mode_of eth0)" 'the mode after the failure'
}

test_failed_attach_puts_the_other_program_back() {
	run 0 guard allow "$TRUSTED4"
	attach_other eth0 xdpdrv
	ip -n server tuntap add dev tun0 mode tun
	run 5 guard attach --replace eth0 tun0
	equal other_filter "$(program_name eth0)" 'the program after the failure'
	run 3 guard status
}

test_other_program_that_could_not_be_put_back_stays() {
	run 0 guard allow "$TRUSTED4"
	attach_other eth0 xdpdrv
	run 4 in_namespace server setpriv --inh-caps=-all --bounding-set=-all,+bpf,+net_admin,+perfmon \
		"$SIPGUARD" attach eth0 --replace
	complains 'put it back'
	equal other_filter "$(program_name eth0)" 'the program after the refusal'
}

# What an attach leaves that is killed before its guard counts.
test_maps_without_a_guard_do_not_set_the_mode() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
	run 0 guard mode monitor eth1 --runtime
	prints 'monitor'
	rm "$SIPGUARD_PIN_DIR/devices/eth1/link"
	within 3 has_no_program eth1
	run 0 guard attach eth1
	prints_not 'monitor'
	is_dropped stranger "$OUTSIDE4" 5060
}

has_no_program() {
	[[ -z $(program_on server "$1") ]]
}

test_regained_device_says_that_it_monitors() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach --monitor eth1
	ip -n server link delete eth1
	world_link eth1 stranger eth0
	run 0 guard attach eth1
	prints 'guarded again.*monitoring'
}

test_update_of_a_monitoring_guard_needs_no_entry() {
	run 0 guard attach --monitor eth0
	run 0 guard attach eth0
	prints 'swapped.*monitoring'
	run 7 guard attach eth0 eth1
}

# The kernel gives a port no program while its bridge has one.
test_devices_that_stand_on_others_come_last() {
	ip -n server link add br0 type bridge
	ip -n server link set eth1 master br0
	ip -n server link set br0 up
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach br0 eth1 --mode generic
	holds '[.devices[].state] == ["attached", "attached"]' status
	run 0 guard detach eth1
	run 6 guard attach eth1 --mode generic
	complains 'eth1 takes no program while br0' '^hint: .*sipguard detach br0 && sipguard attach eth1 br0$'
	run 6 guard attach eth1
	complains 'br0'
	holds '[.devices[].device] == ["br0"]' status
}
