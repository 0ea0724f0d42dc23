/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kinds of network devices: with which header their frames begin when an XDP program sees them, or
 * that it never does. Pure.
 *
 * In native mode the driver shows the frame that it received; only drivers of Ethernet have that.
 * In generic mode netif_receive_generic_xdp() (net/core/dev.c) shows it from skb->mac_header on,
 * and where a kind of device leaves that is not told by its hardware type: it follows from what
 * each driver does before it hands a packet over.
 */
#ifndef SIPGUARD_USER_POLICY_DEVICE_KIND_H
#define SIPGUARD_USER_POLICY_DEVICE_KIND_H

#include <stdbool.h>

#include "sipguard/abi.h"

#define DEVICE_KIND_SIZE 16

/* What tells devices of one kind apart, as far as it matters here. */
struct device_traits {
	char kind[DEVICE_KIND_SIZE]; /* as ip-link(8) names it; empty: hardware, ppp, loopback */
	unsigned short type;	     /* hardware type, ARPHRD_* */
	bool taps;		     /* tun: it carries Ethernet frames */
	bool inside_ip;		     /* ipvlan: of mode l3s */
	bool outer_header;	     /* gre: without one fixed far end, so frames begin outside */
};

/* Which devices to guard in place of one that cannot be. */
enum guard_instead {
	INSTEAD_NONE,
	INSTEAD_LOWER, /* the device that it stands on */
	INSTEAD_PORTS, /* the devices whose master it is */
};

struct kind_verdict {
	bool guardable;
	bool receives_nothing;	       /* so that a guard would be of no use there */
	enum sg_link_layer link_layer; /* when it is */
	const char *why;	       /* when it is not: "%s ..." reads on behind the name */
	enum guard_instead instead;
	const char *hint; /* for INSTEAD_NONE */
};

struct kind_verdict device_kind_judge(const struct device_traits *traits);

/*
 * Whether frames of this kind are those of the device below, perhaps without a tag that the program
 * walks: who guards that one guards both.
 */
bool device_kind_shares_frames(const struct device_traits *traits);

#endif
