// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/device_kind.h"

#include <linux/if_arp.h>
#include <stddef.h>
#include <string.h>

enum frames {
	/* eth_type_trans() has run, whatever the hardware type says. */
	FRAMES_ETHERNET,
	/* skb_reset_mac_header() has run where the IP header begins. */
	FRAMES_IP,
	/* xfrm_input(): as the encrypted packet came, see SG_LINK_EITHER. */
	FRAMES_EITHER,
	/* Ethernet's type: Ethernet. Others: geneve_rx() takes both, see SG_LINK_EITHER. */
	FRAMES_GENEVE,
	/* Ethernet's type: Ethernet. Others: the IP header, where the driver is known to do that.
	 */
	FRAMES_BY_TYPE,
	/* Ethernet's type: Ethernet. Others: those of its ports, whatever they are. */
	FRAMES_OF_PORTS,
	/* The traits tell. */
	FRAMES_TUN,
	FRAMES_GRE,
	FRAMES_IPVLAN,
	/* Packets become its own inside the IP layer, where XDP is over. */
	FRAMES_INSIDE_IP,
	/* No packet is ever received through it. */
	FRAMES_NONE,
};

struct kind {
	const char *name;
	enum frames frames;
	/* Of FRAMES_INSIDE_IP and FRAMES_NONE. */
	enum guard_instead instead;
	const char *why;
	const char *hint;
};

/*
 * One row a kind. A kind that is not here is taken by its hardware type: Ethernet's is reliable,
 * and all others are refused.
 */
static const struct kind kinds[] = {
	/* Hardware and what names no kind: loopback, ppp, modems that carry bare IP. */
	{"", FRAMES_BY_TYPE},

	{"bond", FRAMES_OF_PORTS},
	{"bridge", FRAMES_ETHERNET},
	{"dsa", FRAMES_ETHERNET},
	{"hsr", FRAMES_ETHERNET},
	{"ipvlan", FRAMES_IPVLAN},
	{"ipvtap", FRAMES_IPVLAN},
	{"macsec", FRAMES_ETHERNET},
	{"macvlan", FRAMES_ETHERNET},
	{"macvtap", FRAMES_ETHERNET},
	{"netkit", FRAMES_ETHERNET},
	{"openvswitch", FRAMES_ETHERNET},
	{"team", FRAMES_OF_PORTS},
	{"tun", FRAMES_TUN},
	{"veth", FRAMES_ETHERNET},
	{"vlan", FRAMES_ETHERNET},

	{"bareudp", FRAMES_IP},
	{"erspan", FRAMES_ETHERNET},
	{"geneve", FRAMES_GENEVE},
	{"gre", FRAMES_GRE},
	{"gretap", FRAMES_ETHERNET},
	{"gtp", FRAMES_IP},
	{"ip6erspan", FRAMES_ETHERNET},
	{"ip6gre", FRAMES_IP},
	{"ip6gretap", FRAMES_ETHERNET},
	{"ip6tnl", FRAMES_IP},
	{"ipip", FRAMES_IP},
	{"ovpn", FRAMES_IP},
	{"ppp", FRAMES_IP},
	{"rmnet", FRAMES_IP},
	{"sit", FRAMES_IP},
	{"vxlan", FRAMES_BY_TYPE},
	{"wireguard", FRAMES_IP},
	{"wwan", FRAMES_IP},

	{"vti", FRAMES_EITHER},
	{"vti6", FRAMES_EITHER},
	{"xfrm", FRAMES_EITHER},

	{"dummy", FRAMES_NONE, INSTEAD_NONE,
	 "never receives a packet: packets to its addresses come in through other devices",
	 "guard those devices"},
	{"ifb", FRAMES_NONE, INSTEAD_NONE,
	 "only shapes packets, which the device that they are redirected from has received",
	 "guard that device"},
	{"nlmon", FRAMES_NONE, INSTEAD_NONE, "carries copies of netlink messages",
	 "guard the devices that packets come in through"},
	{"vrf", FRAMES_INSIDE_IP, INSTEAD_PORTS,
	 "gets its packets inside the IP layer, where no XDP program runs any more",
	 "guard each device that is put into it"},
};

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	}
	return NULL;
}

static bool is_ethernet(unsigned short type)
{
	return type == ARPHRD_ETHER || type == ARPHRD_LOOPBACK;
}

static bool is_bare_ip(unsigned short type)
{
	return type == ARPHRD_NONE || type == ARPHRD_RAWIP || type == ARPHRD_PPP;
}

static struct kind_verdict guarded_as(enum sg_link_layer link_layer)
{
	return (struct kind_verdict){.guardable = true, .link_layer = link_layer};
}

static struct kind_verdict refused(const char *why, enum guard_instead instead, const char *hint)
{
	return (struct kind_verdict){.why = why, .instead = instead, .hint = hint};
}

static struct kind_verdict receives_nothing(const struct kind *kind)
{
	struct kind_verdict verdict = refused(kind->why, kind->instead, kind->hint);

	verdict.receives_nothing = true;
	return verdict;
}

static struct kind_verdict unknown_frames(void)
{
	return refused("has frames that sipguard cannot parse", INSTEAD_NONE,
		       "guard the device whose traffic it carries");
}

static struct kind_verdict judge_by_type(unsigned short type, bool bare_ip_is_known)
{
	if (is_ethernet(type))
		return guarded_as(SG_LINK_ETHERNET);
	if (bare_ip_is_known && is_bare_ip(type))
		return guarded_as(SG_LINK_NONE);
	return unknown_frames();
}

static struct kind_verdict judge_gre(const struct device_traits *traits)
{
	if (!traits->outer_header)
		return guarded_as(SG_LINK_NONE);
	return refused("has no fixed far end, and so shows a program the packets around its own",
		       INSTEAD_NONE,
		       "make it anew with a remote address, or as gretap; or keep strangers from "
		       "its outer packets");
}

static struct kind_verdict judge_ipvlan(const struct device_traits *traits)
{
	if (!traits->inside_ip)
		return guarded_as(SG_LINK_ETHERNET);
	return refused("gets its packets inside the IP layer (mode l3s), where no XDP program "
		       "runs any more",
		       INSTEAD_LOWER,
		       "guard the device that it stands on, in the network namespace of that one");
}

struct kind_verdict device_kind_judge(const struct device_traits *traits)
{
	const struct kind *kind = find_kind(traits->kind);

	if (!kind)
		return judge_by_type(traits->type, false);
	switch (kind->frames) {
	case FRAMES_ETHERNET:
		return guarded_as(SG_LINK_ETHERNET);
	case FRAMES_IP:
		return guarded_as(SG_LINK_NONE);
	case FRAMES_EITHER:
		return guarded_as(SG_LINK_EITHER);
	case FRAMES_GENEVE:
		return guarded_as(is_ethernet(traits->type) ? SG_LINK_ETHERNET : SG_LINK_EITHER);
	case FRAMES_BY_TYPE:
		return judge_by_type(traits->type, true);
	case FRAMES_OF_PORTS:
		if (is_ethernet(traits->type))
			return guarded_as(SG_LINK_ETHERNET);
		return refused("has ports that carry no Ethernet", INSTEAD_PORTS,
			       "guard its ports");
	case FRAMES_TUN:
		return guarded_as(traits->taps ? SG_LINK_ETHERNET : SG_LINK_NONE);
	case FRAMES_GRE:
		return judge_gre(traits);
	case FRAMES_IPVLAN:
		return judge_ipvlan(traits);
	case FRAMES_INSIDE_IP:
		return refused(kind->why, kind->instead, kind->hint);
	case FRAMES_NONE:
		return receives_nothing(kind);
	}
	return unknown_frames();
}

bool device_kind_shares_frames(const struct device_traits *traits)
{
	static const char *const names[] = {"vlan", "macvlan", "macvtap", "ipvlan", "ipvtap"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(traits->kind, names[i]))
			return true;
	}
	return false;
}
