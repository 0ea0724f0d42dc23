# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Traffic through each kind of device that this kernel has, in native and in generic mode. tests/kinds/run is the scenario,
# which tests/machine runs on other kernels.

# kinds KIND...: each of them guards, is refused with a hint, or is not there
kinds() {
	run 0 "$WORLD_TOP/tests/kinds/run" --cable "$WORLD_BUILD/tests/kinds/cable" "$SIPGUARD" "$@"
	prints_not '^FAILED'
}

test_kinds_that_a_server_has() {
	kinds veth bond bond_slave team bridge bridge_port vlan vlan_unordered
	prints '^veth native: guards$'
	prints '^veth generic: guards$'
	prints '^bridge generic: guards$'
	prints '^bridge_port native: guards$'
}

test_kinds_of_containers() {
	kinds macvlan ipvlan_l2 ipvlan_l3 ipvlan_l3s vrf vrf_slave netkit netkit_l3 dummy ifb lo
	prints '^macvlan generic: guards$'
	prints '^ifb generic: refused: guard that device$'
	prints '^lo generic: guards$'
}

test_kinds_without_another_machine() {
	kinds tun tap wireguard macsec vxlan vxlan_gpe geneve geneve_bare
	prints '^tun generic: guards$'
	prints '^tap native: guards$'
	prints '^vxlan generic: guards$'
	prints '^vxlan_gpe generic: guards$'
}

test_kinds_of_tunnels() {
	kinds gre gre_any gre_external gretap ip6gre ip6gretap ipip sit ip6tnl vti xfrm xfrm_bare tun
}

# A tun device may take any hardware type; that of a tunnel stands for tunnels that this kernel lacks.
test_hardware_types_do_not_mislead() {
	local type
	for type in 778 768 776 769 823; do
		ip -n server tuntap add dev "tun$type" mode tun
		in_namespace server python3 - "tun$type" "$type" <<-'PYTHON'
			import fcntl, struct, sys
			tun = open('/dev/net/tun', 'r+b', buffering=0)
			fcntl.ioctl(tun, 0x400454ca, struct.pack('16sH22x', sys.argv[1].encode(), 0x1001))
			fcntl.ioctl(tun, 0x400454cd, int(sys.argv[2]))
		PYTHON
		run 0 guard attach --mode generic "tun$type" --allow-empty
	done
	holds '[.devices[].link_layer] | unique == ["none"]' status
}
