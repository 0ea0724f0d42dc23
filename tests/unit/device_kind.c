// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <linux/if_arp.h>
#include <stdio.h>
#include <string.h>

#include "policy/device_kind.h"

static struct device_traits of_kind(const char *kind, unsigned short type)
{
	struct device_traits traits = {.type = type};

	snprintf(traits.kind, sizeof(traits.kind), "%s", kind);
	return traits;
}

Test(device_kind, each_is_read_as_its_driver_hands_it_over)
{
	static const struct {
		const char *kind;
		unsigned short type;
		enum sg_link_layer expected;
	} rows[] = {
		{"", ARPHRD_ETHER, SG_LINK_ETHERNET},
		{"", ARPHRD_LOOPBACK, SG_LINK_ETHERNET},
		{"", ARPHRD_PPP, SG_LINK_NONE},
		{"", ARPHRD_RAWIP, SG_LINK_NONE},
		{"veth", ARPHRD_ETHER, SG_LINK_ETHERNET},
		{"bond", ARPHRD_ETHER, SG_LINK_ETHERNET},
		{"team", ARPHRD_ETHER, SG_LINK_ETHERNET},
		{"bridge", ARPHRD_ETHER, SG_LINK_ETHERNET},
		{"vlan", ARPHRD_ETHER, SG_LINK_ETHERNET},
		{"macvlan", ARPHRD_ETHER, SG_LINK_ETHERNET},
		{"ipvlan", ARPHRD_ETHER, SG_LINK_ETHERNET},
		{"netkit", ARPHRD_ETHER, SG_LINK_ETHERNET},
		{"tun", ARPHRD_NONE, SG_LINK_NONE},
		{"tun", ARPHRD_IPGRE, SG_LINK_NONE},
		{"wireguard", ARPHRD_NONE, SG_LINK_NONE},
		{"ppp", ARPHRD_PPP, SG_LINK_NONE},
		{"gre", ARPHRD_IPGRE, SG_LINK_NONE},
		{"gretap", ARPHRD_ETHER, SG_LINK_ETHERNET},
		{"ip6gre", ARPHRD_IP6GRE, SG_LINK_NONE},
		{"ipip", ARPHRD_TUNNEL, SG_LINK_NONE},
		{"sit", ARPHRD_SIT, SG_LINK_NONE},
		{"ip6tnl", ARPHRD_TUNNEL6, SG_LINK_NONE},
		{"vti", ARPHRD_TUNNEL, SG_LINK_EITHER},
		{"vti6", ARPHRD_TUNNEL6, SG_LINK_EITHER},
		{"xfrm", ARPHRD_NONE, SG_LINK_EITHER},
		{"vxlan", ARPHRD_ETHER, SG_LINK_ETHERNET},
		{"vxlan", ARPHRD_NONE, SG_LINK_NONE},
		{"geneve", ARPHRD_ETHER, SG_LINK_ETHERNET},
		{"geneve", ARPHRD_NONE, SG_LINK_EITHER},
		{"a-new-kind", ARPHRD_ETHER, SG_LINK_ETHERNET},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct device_traits traits = of_kind(rows[i].kind, rows[i].type);
		struct kind_verdict verdict = device_kind_judge(&traits);

		cr_expect(verdict.guardable, "%s %u", rows[i].kind, rows[i].type);
		cr_expect_eq(verdict.link_layer, rows[i].expected, "%s %u", rows[i].kind,
			     rows[i].type);
	}
}

Test(device_kind, a_tap_is_ethernet)
{
	struct device_traits traits = of_kind("tun", ARPHRD_ETHER);

	traits.taps = true;
	cr_assert_eq(device_kind_judge(&traits).link_layer, SG_LINK_ETHERNET);
}

static void is_refused(const struct device_traits *traits, enum guard_instead instead,
		       bool receives_nothing)
{
	struct kind_verdict verdict = device_kind_judge(traits);

	cr_expect_not(verdict.guardable, "%s", traits->kind);
	cr_expect_eq(verdict.instead, instead, "%s", traits->kind);
	cr_expect_eq(verdict.receives_nothing, receives_nothing, "%s", traits->kind);
	cr_assert_not_null(verdict.why);
	cr_assert_not_null(verdict.hint);
}

Test(device_kind, what_never_runs_a_program_is_refused)
{
	static const struct {
		const char *kind;
		enum guard_instead instead;
		bool receives_nothing;
	} rows[] = {
		{"vrf", INSTEAD_PORTS, false},
		{"dummy", INSTEAD_NONE, true},
		{"ifb", INSTEAD_NONE, true},
		{"nlmon", INSTEAD_NONE, true},
	};
	struct device_traits traits;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		traits = of_kind(rows[i].kind, ARPHRD_ETHER);
		is_refused(&traits, rows[i].instead, rows[i].receives_nothing);
	}
	traits = of_kind("ipvlan", ARPHRD_ETHER);
	traits.inside_ip = true;
	is_refused(&traits, INSTEAD_LOWER, false);
	traits = of_kind("gre", ARPHRD_IPGRE);
	traits.outer_header = true;
	is_refused(&traits, INSTEAD_NONE, false);
}

Test(device_kind, frames_that_nobody_knows_are_refused)
{
	struct device_traits traits = of_kind("", ARPHRD_INFINIBAND);

	is_refused(&traits, INSTEAD_NONE, false);
	traits = of_kind("a-new-kind", ARPHRD_NONE);
	is_refused(&traits, INSTEAD_NONE, false);
	traits = of_kind("bond", ARPHRD_INFINIBAND);
	is_refused(&traits, INSTEAD_PORTS, false);
}
