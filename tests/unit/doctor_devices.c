// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks of the ways around the guards, and of devices and their drivers. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "sipguard/abi.h"
#include "unit/doctor_facts.h"

static void no_guard(struct facts *facts)
{
	facts->guard_count = 0;
}

static void gone(struct facts *facts)
{
	facts->guards[0].present[0] = '\0';
	facts->guards[0].gone = true;
}

static void listener_on_5080(struct facts *facts)
{
	add_listener(facts, "192.0.2.1", "udp/5080", "kamailio");
}

static void listener_of_a_server(struct facts *facts)
{
	add_listener(facts, NULL, "tcp/6070", "asterisk");
}

static void listener_and_no_policy(struct facts *facts)
{
	listener_on_5080(facts);
	facts->policy.seen = false;
}

static void translation(struct facts *facts)
{
	add_translation(facts, 15060, 15060, 5060, 5060);
}

static void translation_of_many(struct facts *facts)
{
	add_translation(facts, 5061, 5070, 5000, 5060);
}

static void tunnel(struct facts *facts)
{
	unguarded(facts, "wg0", "wireguard")->features = 0;
}

static void tunnel_nobody_listens_on(struct facts *facts)
{
	tunnel(facts);
	facts->listener_count = 0;
}

static void second_uplink(struct facts *facts)
{
	unguarded(facts, "eth1", "")->default_route = true;
	facts->listener_count = 0;
}

static void listener_on_its_address(struct facts *facts)
{
	unguarded(facts, "eth1", "");
	facts->listener_count = 0;
	add_listener(facts, "198.51.100.1", "tcp/5061", "opensips");
}

static void listener_bound_to_another_device(struct facts *facts)
{
	unguarded(facts, "eth1", "");
	facts->listeners[0].device = 2;
}

static void vlan_of_nothing_guarded(struct facts *facts)
{
	struct device_facts *lower = unguarded(facts, "eth1", "");
	struct device_facts *vlan = add_device(facts, "eth1.5", 8);

	(void)lower;
	strcpy(vlan->traits.kind, "vlan");
	vlan->lower = 7;
	add_address(vlan, "203.0.113.1");
}

static void bridge_with_an_open_port(struct facts *facts)
{
	unguarded(facts, "br0", "bridge");
	facts->devices[0].master = 7;
	add_device(facts, "eth5", 9)->master = 7;
}

static void bridge_of_containers(struct facts *facts)
{
	struct device_facts *port;

	unguarded(facts, "docker0", "bridge");
	port = add_device(facts, "veth1", 9);
	port->master = 7;
	strcpy(port->traits.kind, "veth");
}

static void other_program(struct facts *facts)
{
	struct device_facts *device = unguarded(facts, "eth1", "");

	device->program_id = 77;
	strcpy(device->program_name, "lb");
}

static void no_native(struct facts *facts)
{
	unguarded(facts, "eth1", "")->features = 0;
}

static void native_unknown(struct facts *facts)
{
	unguarded(facts, "eth1", "")->features_known = false;
}

static struct device_facts *of_driver(struct facts *facts, const char *driver)
{
	struct device_facts *device = unguarded(facts, "eth1", "");

	snprintf(device->driver, sizeof(device->driver), "%s", driver);
	return device;
}

static void jumbo_on_ena(struct facts *facts)
{
	struct device_facts *device = of_driver(facts, "ena");

	device->mtu = 9001;
	device->features = XDP_FEATURE_BASIC;
}

static void jumbo_on_an_unknown_driver(struct facts *facts)
{
	struct device_facts *device = of_driver(facts, "newnic");

	device->mtu = 9000;
	device->features = XDP_FEATURE_BASIC;
}

static void lro_on_mlx5(struct facts *facts)
{
	of_driver(facts, "mlx5_core")->lro = true;
}

static void gro_hw_on_mlx5(struct facts *facts)
{
	of_driver(facts, "mlx5_core")->gro_hw = true;
}

static void merging_host(struct facts *facts)
{
	struct device_facts *device = of_driver(facts, "virtio_net");

	device->gro_hw = true;
	device->gro_hw_fixed = true;
}

static void all_queues_of_ena(struct facts *facts)
{
	struct device_facts *device = of_driver(facts, "ena");

	device->queues = 8;
	device->queues_max = 8;
}

static void one_queue(struct facts *facts)
{
	facts->devices[0].queues = 1;
	facts->devices[0].queues_max = 2;
}

static void one_queue_of_veth(struct facts *facts)
{
	one_queue(facts);
	facts->devices[0].queues_separate = true;
}

static void vrf_without_guarded_ports(struct facts *facts)
{
	unguarded(facts, "blue", "vrf");
	add_device(facts, "eth5", 9)->master = 7;
}

static void ipvlan_inside_ip(struct facts *facts)
{
	struct device_facts *device;

	/* First, because a device that is added moves the others. */
	add_device(facts, "eth5", 9);
	device = unguarded(facts, "ipvl0", "ipvlan");
	device->traits.inside_ip = true;
	device->lower = 9;
}

static void sctp_in_udp(struct facts *facts)
{
	facts->decapsulation.sctp_udp_port = 9899;
}

static void ipsec_by_policy(struct facts *facts)
{
	facts->decapsulation.ipsec_associations = 2;
	facts->decapsulation.ipsec_in_udp = true;
}

static void srv6(struct facts *facts)
{
	facts->devices[0].unpacks_srv6 = true;
}

static void mpls(struct facts *facts)
{
	facts->devices[0].unpacks_mpls = true;
}

static const struct ill ills[] = {
	{listener_on_5080, "listeners", "", SEVERITY_WARNING,
	 "sipguard ports set udp/5060 udp/5061 udp/5080 tcp/5060 tcp/5061"},
	{listener_of_a_server, "listeners", "", SEVERITY_NOTE, "tcp/6070"},
	{listener_and_no_policy, "listeners", "", SEVERITY_NOTE, "look with sipguard ports"},
	{translation, "translations", "", SEVERITY_PROBLEM, "udp/15060"},
	{translation_of_many, "translations", "", SEVERITY_PROBLEM, "narrow"},
	{no_guard, "unguarded", "eth0", SEVERITY_PROBLEM, "sipguard attach --mode auto eth0"},
	{gone, "unguarded", "eth0", SEVERITY_PROBLEM, "sipguard attach"},
	{tunnel, "unguarded", "wg0", SEVERITY_WARNING, "sipguard attach --mode auto wg0"},
	{tunnel_nobody_listens_on, "unguarded", "wg0", SEVERITY_NOTE, "sipguard attach"},
	{second_uplink, "unguarded", "eth1", SEVERITY_PROBLEM, "sipguard attach"},
	{listener_on_its_address, "unguarded", "eth1", SEVERITY_WARNING, "sipguard attach"},
	{listener_bound_to_another_device, "unguarded", "eth1", SEVERITY_NOTE, "attach"},
	{vlan_of_nothing_guarded, "unguarded", "eth1.5", SEVERITY_WARNING, "attach"},
	{bridge_with_an_open_port, "unguarded", "br0", SEVERITY_WARNING, "sipguard attach eth5"},
	{bridge_of_containers, "unguarded", "docker0", SEVERITY_NOTE, "attach veth1"},
	{other_program, "other-program", "eth1", SEVERITY_WARNING, "--replace eth1"},
	{no_native, "native-xdp", "eth1", SEVERITY_NOTE, "--mode generic eth1"},
	{tunnel, "native-xdp", "wg0", SEVERITY_NOTE, "--mode generic wg0"},
	{native_unknown, "native-xdp", "eth1", SEVERITY_NOTE, ""},
	{jumbo_on_ena, "mtu", "eth1", SEVERITY_WARNING, "mtu 3498"},
	{jumbo_on_an_unknown_driver, "mtu", "eth1", SEVERITY_WARNING, "mtu 3498"},
	{lro_on_mlx5, "offloads", "eth1", SEVERITY_WARNING, "ethtool -K eth1 lro off"},
	{gro_hw_on_mlx5, "offloads", "eth1", SEVERITY_WARNING, "rx-gro-hw off"},
	{merging_host, "offloads", "eth1", SEVERITY_WARNING, "guest_tso4=off"},
	{all_queues_of_ena, "queues", "eth1", SEVERITY_WARNING, "combined 4"},
	{one_queue, "queues", "eth0", SEVERITY_NOTE,
	 "ethtool -L eth0 combined 2 && sipguard attach eth0"},
	{one_queue_of_veth, "queues", "eth0", SEVERITY_NOTE,
	 "ethtool -L eth0 rx 2 && sipguard attach eth0"},
	{sctp_in_udp, "decapsulation", "", SEVERITY_WARNING, "guard udp/9899"},
	{ipsec_by_policy, "decapsulation", "", SEVERITY_NOTE, "meta ipsec exists"},
	{srv6, "decapsulation", "eth0", SEVERITY_WARNING, "net/ipv6/conf/eth0/seg6_enabled=0"},
	{mpls, "decapsulation", "eth0", SEVERITY_WARNING, "net/mpls/conf/eth0/input=0"},
	{vrf_without_guarded_ports, "unguarded", "blue", SEVERITY_WARNING, "sipguard attach eth5"},
	{ipvlan_inside_ip, "unguarded", "ipvl0", SEVERITY_WARNING, "sipguard attach eth5"},
};

Test(doctor_devices, each_ill_is_found_and_has_its_remedy)
{
	each_is_found(ills, sizeof(ills) / sizeof(ills[0]));
}

/* What looks like an ill and is none. */
static void covered_vlan(struct facts *facts)
{
	struct device_facts *vlan = unguarded(facts, "eth0.5", "vlan");

	vlan->lower = 2;
}

static void bridge_of_guarded_ports(struct facts *facts)
{
	unguarded(facts, "br0", "bridge");
	facts->devices[0].master = 7;
}

static void bridge_with_a_port_that_is_down(struct facts *facts)
{
	struct device_facts *port;

	bridge_of_guarded_ports(facts);
	port = add_device(facts, "eth5", 9);
	port->master = 7;
	port->up = false;
}

static void device_that_is_down(struct facts *facts)
{
	unguarded(facts, "eth1", "")->up = false;
}

static void device_without_address(struct facts *facts)
{
	add_device(facts, "eth1", 7);
}

static void loopback(struct facts *facts)
{
	unguarded(facts, "lo", "")->loopback = true;
}

static void dummy(struct facts *facts)
{
	unguarded(facts, "dummy0", "dummy");
}

static void guarded_port(struct facts *facts)
{
	struct error error;
	struct port port;

	listener_on_5080(facts);
	port_parse("udp/5080", &port, &error);
	ports_add(&facts->policy.ports, &port);
}

static void media_and_managers(struct facts *facts)
{
	add_listener(facts, NULL, "udp/10000", "asterisk");
	add_listener(facts, NULL, "tcp/5038", "asterisk");
	add_listener(facts, NULL, "udp/53", "unbound");
}

static void translation_between_guarded_ports(struct facts *facts)
{
	add_translation(facts, 5061, 5061, 5060, 5060);
	add_translation(facts, 80, 80, 8080, 8080);
}

static void jumbo_with_frags(struct facts *facts)
{
	struct device_facts *device = add_device(facts, "eth1", 7);

	device->mtu = 9000;
	device->default_route = true;
	add_guard(facts, "eth1");
}

static void everything_with_a_queue_each(struct facts *facts)
{
	facts->devices[0].queues = 4;
	facts->devices[0].queues_max = 8;
}

static void (*const harmless[])(struct facts *facts) = {covered_vlan,
							bridge_of_guarded_ports,
							bridge_with_a_port_that_is_down,
							device_that_is_down,
							device_without_address,
							loopback,
							dummy,
							guarded_port,
							media_and_managers,
							translation_between_guarded_ports,
							jumbo_with_frags,
							everything_with_a_queue_each};

Test(doctor_devices, what_is_in_order_is_not_complained_of)
{
	none_is_complained_of(harmless, sizeof(harmless) / sizeof(harmless[0]));
}

Test(doctor_devices, devices_that_stand_on_each_other_end)
{
	struct facts facts = served();
	struct device_facts *one = unguarded(&facts, "a", "vlan"), *other;
	struct findings findings;

	one->lower = 8;
	other = add_device(&facts, "b", 8);
	strcpy(other->traits.kind, "vlan");
	other->lower = 7;
	findings = examine(&facts);
	cr_assert_not_null(find(&findings, "unguarded", "a"));
	findings_clear(&findings);
	facts_clear(&facts);
}

Test(doctor_devices, a_listener_with_a_socket_for_each_address_is_named_once)
{
	struct facts facts = served();
	struct findings findings;
	size_t warnings;

	listener_on_5080(&facts);
	add_listener(&facts, NULL, "udp/5080", "kamailio");
	findings = examine(&facts);
	warnings = findings_count(&findings, SEVERITY_WARNING);
	cr_assert_eq(warnings, 1);
	findings_clear(&findings);
	facts_clear(&facts);
}
