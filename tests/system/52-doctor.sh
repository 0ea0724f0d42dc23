# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What doctor finds, in a world where it is so.

guard_both() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1
}

# finds CHECK DEVICE SEVERITY [MEND]: a finding of the whole, and a part of the command that goes with it
finds() {
	local device=\"$2\"
	[[ -n $2 ]] || device=null
	holds "any(.findings[]; .check == \"$1\" and .device == $device and .severity == \"$3\" and ((.mend // \"\") | contains(\"${4:-}\")))" doctor
}

# listen ADDRESS PORT: a UDP socket, for as long as the test runs
listen() {
	start "socket-$2" server python3 -c \
		'import signal, socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((sys.argv[1], int(sys.argv[2]))); signal.pause()' "$@"
	within 5 is_listening server udp "$2"
}

# is_well: nothing to mend
is_well() {
	run 0 guard doctor
	prints '^problems: 0, warnings: 0,'
}

test_before_anything() {
	run 1 guard doctor
	prints 'warning +guards +no device is guarded'
	prints 'mend: sipguard attach'
	finds kernel-version '' ok
	finds bpf-file-system '' ok
	finds allowed '' note 'sipguard allow'
	finds native-xdp eth0 ok
}

test_everything_fine() {
	start_sip_server
	guard_both
	is_well
	finds guard eth0 ok
	finds attach-mode eth1 ok
	holds '.counts.problem == 0 and .counts.warning == 0 and .counts.ok > 10' doctor
}

# Guards, pins and files; not the counters, because the other ends speak of their own accord.
all_there_is() {
	json 'del(.devices[].packets)' status
	find "$SIPGUARD_PIN_DIR" "$SIPGUARD_STATE_DIR" -printf '%p %T@\n'
}

test_changes_nothing() {
	local before after
	guard_both
	before=$(all_there_is)
	guard doctor >/dev/null || true
	after=$(all_there_is)
	equal "$before" "$after" 'pins and files'
}

test_of_one_device() {
	guard_both
	run 0 guard doctor eth0
	prints '^eth0$'
	prints_not '^eth1$'
	run 3 guard doctor eth7
	complains 'eth7'
	run 2 guard doctor eth0 eth1
}

test_listener_nobody_guards() {
	guard_both
	listen 0.0.0.0 5080
	run 1 guard doctor
	prints 'python3 listens on udp/5080'
	finds listeners '' warning 'sipguard ports set udp/5060 udp/5061 udp/5080 '
	run 0 guard ports set udp/5060 udp/5080
	is_well
}

test_listener_of_this_host_alone() {
	guard_both
	listen 127.0.0.1 5080
	is_well
}

test_server_on_another_port() {
	guard_both
	start_sip_server
	run 0 guard ports set tcp/5061 --allow-unguarded
	run 1 guard doctor
	prints 'kamailio listens on udp/5060'
	prints 'kamailio listens on tcp/5060'
}

test_translations() {
	guard_both
	in_namespace server nft -f - <<-'RULES'
		table ip nat {
			chain in {
				type nat hook prerouting priority -100
				udp dport 15060 redirect to :5060
				tcp dport 8443 dnat to 192.0.2.1:443
			}
		}
	RULES
	run 1 guard doctor
	prints 'problem +translations +udp/15060 becomes udp/5060'
	finds translations '' problem 'udp/15060'
	prints_not '8443'
	run 0 guard ports set udp/5060 udp/15060
	is_well
}

test_translation_of_iptables() {
	guard_both
	in_namespace server iptables -t nat -A PREROUTING -p udp --dport 15060 -j DNAT --to-destination "$SERVER4:5060"
	run 1 guard doctor
	prints 'problem +translations +udp/15060 becomes udp/5060.*iptables-save'
}

test_tunnels_without_a_guard() {
	guard_both
	ip -n server link add vx0 type vxlan id 7 remote "$TRUSTED4" dstport 4789 dev eth0
	ip -n server link set vx0 up
	ip -n server address add 203.0.113.1/24 dev vx0
	is_well
	listen 203.0.113.1 5060
	run 1 guard doctor
	finds unguarded vx0 warning 'sipguard attach --mode auto vx0'
	run 0 guard attach --mode auto vx0
	is_well
}

test_default_route_without_a_guard() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0
	is_well
	ip -n server route add default via "$STRANGER4"
	run 1 guard doctor
	finds unguarded eth1 problem 'attach'
	run 0 guard attach eth1
	is_well
}

test_bridge_is_covered_by_its_ports() {
	ip -n server link add br0 type bridge
	ip -n server link set eth1 master br0
	ip -n server link set br0 up
	ip -n server address add 203.0.113.1/24 dev br0
	ip -n server route add default via 203.0.113.254
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0
	run 1 guard doctor
	finds unguarded br0 problem 'sipguard attach eth1'
	run 0 guard attach eth1
	is_well
}

test_packets_that_are_unpacked_behind_the_guard() {
	guard_both
	is_well
	in_namespace server sysctl -q -w net.ipv6.conf.all.seg6_enabled=1
	is_well
	in_namespace server sysctl -q -w net.ipv6.conf.eth1.seg6_enabled=1
	run 1 guard doctor
	finds decapsulation eth1 warning 'sysctl -w net/ipv6/conf/eth1/seg6_enabled=0'
	run 0 in_namespace server sysctl -q -w net/ipv6/conf/eth1/seg6_enabled=0
	is_well
	ip -n server xfrm state allocspi src "$TRUSTED4" dst "$SERVER4" proto esp >/dev/null
	is_well
	finds decapsulation '' note 'meta ipsec exists'
}

test_gone_device() {
	guard_both
	ip -n server link delete eth1
	run 1 guard doctor
	finds guard eth1 problem 'sipguard detach eth1'
	world_link eth1 stranger eth0
	finds guard eth1 problem 'sipguard attach eth1'
	run 0 guard attach eth1
	is_well
}

test_device_elsewhere() {
	guard_both
	ip -n server link set eth1 netns trusted name moved
	run 0 guard doctor
	finds guard eth1 note 'sipguard detach eth1'
}

test_other_program() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth1
	SIPGUARD_PIN_DIR=$WORLD/bpf/second run 0 guard attach eth0
	run 1 guard doctor
	finds other-program eth0 warning 'sipguard attach --replace eth0'
	run 0 guard attach --replace eth0
	is_well
}

test_generic_and_monitoring() {
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 eth1 --mode generic --monitor
	run 1 guard doctor
	finds attach-mode eth0 warning 'sipguard detach eth0 && sipguard attach eth0'
	finds mode eth1 warning 'sipguard mode enforce'
	run 0 guard mode enforce
	finds mode eth1 ok
	run 0 guard detach --all
	run 0 guard attach eth0 eth1
	is_well
}

test_empty_list() {
	run 0 guard attach eth0 eth1 --allow-empty
	run 1 guard doctor
	finds allowed '' problem 'sipguard allow'
	run 0 guard allow "$TRUSTED4" for 2h
	is_well
	finds expiring '' note 'sipguard list --sort expiry'
}

test_damaged_files_and_pins() {
	guard_both
	echo 203.0.113.7 >>"$SIPGUARD_STATE_DIR/entries.list"
	run 1 guard doctor
	prints 'problem +state-files .*is damaged'
	rm "$SIPGUARD_STATE_DIR/entries.list" "$SIPGUARD_PIN_DIR/devices/eth1/counters"
	run 1 guard doctor
	finds guard eth1 problem 'sipguard detach eth1'
	rm "$SIPGUARD_PIN_DIR/policy/ports"
	bpftool map create "$SIPGUARD_PIN_DIR/policy/ports" type array key 4 value 4 entries 1 name other
	run 1 guard doctor
	prints 'problem +pins .*another version'
}

test_declared_policy() {
	guard_both
	cp -r "$SCRIPTS/etc" "$SIPGUARD_CONFIG_DIR"
	is_well
	finds declared-policy '' note 'sipguard apply'
	run 0 guard apply --allow-shrink
	finds declared-policy '' ok
	echo 203.0.113.300 >"$SIPGUARD_CONFIG_DIR/allow.d/office.list"
	run 1 guard doctor
	prints 'problem +declared-policy .*/allow.d/office.list:1:1: 203.0.113.300 is not'
	rm "$SIPGUARD_CONFIG_DIR/allow.d/office.list"
	sed -i 's/^mode = enforce/mode = enforced/' "$SIPGUARD_CONFIG_DIR/sipguard.conf"
	run 1 guard doctor
	prints 'problem +declared-policy .*/sipguard.conf:[0-9]+:8: enforced is not enforce or monitor'
}

# Where systemd is, it must be told to bring the guards back.
test_after_the_next_boot() {
	local units=/etc/systemd/system instance
	ip -n server link set eth1 down
	ip -n server link set eth1 name up-link
	ip -n server link set up-link up
	run 0 guard allow "$TRUSTED4"
	run 0 guard attach eth0 up-link
	mkdir -p /run/systemd/system
	mount -t tmpfs units "$units"
	run 1 guard doctor
	finds boot eth0 warning 'systemctl enable sipguard.service'
	mkdir "$units/sysinit.target.wants"
	ln -s /usr/local/lib/systemd/system/sipguard.service "$units/sysinit.target.wants/sipguard.service"
	is_well
	# What is for the time being no unit brings back.
	run 0 guard detach eth0
	run 0 guard attach eth0 --runtime
	finds boot eth0 note 'sipguard attach eth0'
	run 0 guard attach eth0
	is_well
	rm -r "$units/sysinit.target.wants"
	for instance in eth0 'up\x2dlink'; do
		mkdir -p "$units/sys-subsystem-net-devices-$instance.device.wants"
		ln -s /usr/local/lib/systemd/system/sipguard@.service \
			"$units/sys-subsystem-net-devices-$instance.device.wants/sipguard@$instance.service"
	done
	is_well
}

test_without_a_bpf_file_system() {
	SIPGUARD_PIN_DIR=$WORLD/nowhere/sipguard run 1 guard doctor
	prints 'problem +bpf-file-system'
	prints 'mend: mount -t bpf'
}

# What it may not look at it says, and does not take for healthy or for ill.
test_without_root() {
	guard_both
	listen 0.0.0.0 5080
	cp "$SIPGUARD" "$WORLD/sipguard"
	run 0 in_namespace server setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
		"$WORLD/sipguard" doctor
	prints 'note +capabilities .*CAP_BPF'
	prints 'note +unseen +guards'
	prints 'note +unseen +the policy in the kernel'
	prints 'note +listeners .*udp/5080'
	prints_not 'no device is guarded'
	prints_not 'other-program'
}

test_names_from_elsewhere_are_escaped() {
	local escape=$'\e'
	guard_both
	ip -n server link add "x${escape}[31m" type bridge
	ip -n server link set "x${escape}[31m" up
	ip -n server address add 203.0.113.1/24 dev "x${escape}[31m"
	run 0 guard doctor
	prints_not "$escape"
	holds '[.findings[].device] | index("x\\x1b[31m") != null' doctor
}
