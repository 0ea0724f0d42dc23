// SPDX-License-Identifier: GPL-2.0-or-later
#include "contenders.h"

#include "loaders.h"
#include "sipguard/abi.h"

/* More rules in a row than this prove nothing. */
#define LINEAR_RULES_MAX 1000

#define ANY_FAMILY (BIT(SG_FAMILY_IPV4) | BIT(SG_FAMILY_IPV6))
#define UNTRUSTED  (BIT(SOURCES_STRANGERS) | BIT(SOURCES_NEIGHBOURS))
#define TRUSTED	   (BIT(SOURCES_ONE) | BIT(SOURCES_ACTIVE) | BIT(SOURCES_ALL))

const struct contender contenders[CONTENDER_COUNT] = {
	[BARE_DROP] = {.name = "bare XDP_DROP",
		       .sources = BIT(SOURCES_STRANGERS),
		       .families = ANY_FAMILY,
		       .filters = true,
		       .load = load_bare_drop},
	[NO_FILTER] = {.name = "no filter",
		       .sources = BIT(SOURCES_STRANGERS) | TRUSTED,
		       .families = ANY_FAMILY,
		       .load = load_nothing},
	[BARE_PASS] = {.name = "bare XDP_PASS",
		       .sources = TRUSTED,
		       .families = ANY_FAMILY,
		       .load = load_bare_pass},
	[SIPGUARD_NATIVE] = {.name = "sipguard native",
			     .kind = CONTENDER_SIPGUARD,
			     .sources = UNTRUSTED | TRUSTED,
			     .families = ANY_FAMILY,
			     .filters = true,
			     .load = load_sipguard_native},
	[SIPGUARD_GENERIC] = {.name = "sipguard generic",
			      .kind = CONTENDER_SIPGUARD,
			      .sources = UNTRUSTED | TRUSTED,
			      .families = ANY_FAMILY,
			      .filters = true,
			      .load = load_sipguard_generic},
	[XDP_FILTER_ADDRESSES] = {.name = "xdp-filter, all ports",
				  .kind = CONTENDER_RIVAL,
				  .sources = BIT(SOURCES_STRANGERS),
				  .families = BIT(SG_FAMILY_IPV4),
				  .filters = true,
				  .entries_max = XDP_FILTER_ADDRESSES_MAX,
				  .load = load_xdp_filter_addresses},
	[XDP_FILTER_PORTS] = {.name = "xdp-filter",
			      .kind = CONTENDER_RIVAL,
			      .sources = BIT(SOURCES_STRANGERS),
			      .families = BIT(SG_FAMILY_IPV4),
			      .filters = true,
			      .entries_max = XDP_FILTER_ADDRESSES_MAX,
			      .load = load_xdp_filter_ports},
	[IPTABLES_IPSET] = {.name = "iptables raw + ipset",
			    .kind = CONTENDER_RIVAL,
			    .sources = BIT(SOURCES_STRANGERS),
			    .families = BIT(SG_FAMILY_IPV4),
			    .filters = true,
			    .load = load_ipset},
	[NFT_INGRESS] = {.name = "nft netdev ingress",
			 .kind = CONTENDER_RIVAL,
			 .sources = BIT(SOURCES_STRANGERS),
			 .families = BIT(SG_FAMILY_IPV4),
			 .filters = true,
			 .load = load_nft},
	[IPTABLES_LINEAR] = {.name = "iptables linear",
			     .kind = CONTENDER_RIVAL,
			     .sources = BIT(SOURCES_STRANGERS),
			     .families = BIT(SG_FAMILY_IPV4),
			     .filters = true,
			     .entries_max = LINEAR_RULES_MAX,
			     .load = load_linear},
};
