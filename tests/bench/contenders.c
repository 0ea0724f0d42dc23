// SPDX-License-Identifier: GPL-2.0-or-later
#include "contenders.h"

#include "loaders.h"
#include "policy/list_file.h"

/* More rules in a row than this prove nothing. */
#define LINEAR_RULES_MAX 1000

const struct contender contenders[CONTENDER_COUNT] =
	{
		[BARE_DROP] =
			{
				.name = "bare XDP_DROP",
				.floods = {[FLOOD_STRANGERS] = true},
				.filters = true,
				.load = load_bare_drop,
			},
		[NO_FILTER] =
			{
				.name = "no filter",
				.floods = {[FLOOD_STRANGERS] = true, [FLOOD_ALLOWED] = true},
				.load = load_nothing,
			},
		[BARE_PASS] =
			{
				.name = "bare XDP_PASS",
				.floods = {[FLOOD_ALLOWED] = true},
				.load = load_bare_pass,
			},
		[SIPGUARD_NATIVE] =
			{
				.name = "sipguard native",
				.floods = {[FLOOD_STRANGERS] = true, [FLOOD_ALLOWED] = true},
				.filters = true,
				.targets = {[FLOOD_STRANGERS] = {{1000, 0.90},
								 {100000, 0.78},
								 {1000000, 0.70}},
					    [FLOOD_ALLOWED] = {{1000, 0.95}, {100000, 0.90}}},
				.write = list_file_write,
				.load = load_sipguard_native,
			},
		[SIPGUARD_GENERIC] =
			{
				.name = "sipguard generic",
				.floods = {[FLOOD_STRANGERS] = true},
				.filters = true,
				.write = list_file_write,
				.load = load_sipguard_generic,
			},
		[XDP_FILTER_ADDRESSES] =
			{
				.name = "xdp-filter, all ports",
				.floods = {[FLOOD_STRANGERS] = true},
				.filters = true,
				.entries_max = XDP_FILTER_ADDRESSES_MAX,
				.write = write_addresses,
				.load = load_xdp_filter_addresses,
			},
		[XDP_FILTER_PORTS] =
			{
				.name = "xdp-filter",
				.floods = {[FLOOD_STRANGERS] = true},
				.filters = true,
				.entries_max = XDP_FILTER_ADDRESSES_MAX,
				.targets = {[FLOOD_STRANGERS] = {{0, 1.3}}},
				.write = write_addresses,
				.load = load_xdp_filter_ports,
			},
		[IPTABLES_IPSET] =
			{
				.name = "iptables raw + ipset",
				.floods = {[FLOOD_STRANGERS] = true},
				.filters = true,
				.targets = {[FLOOD_STRANGERS] = {{1000, 5}, {100000, 5}}},
				.write = write_ipset,
				.load = load_ipset,
			},
		[NFT_INGRESS] =
			{
				.name = "nft netdev ingress",
				.floods = {[FLOOD_STRANGERS] = true},
				.filters = true,
				.targets = {[FLOOD_STRANGERS] = {{1000, 6}, {100000, 6}}},
				.write = write_nft,
				.load = load_nft,
			},
		[IPTABLES_LINEAR] =
			{
				.name = "iptables linear",
				.floods = {[FLOOD_STRANGERS] = true},
				.filters = true,
				.entries_max = LINEAR_RULES_MAX,
				.targets = {[FLOOD_STRANGERS] = {{1000, 20}}},
				.write = write_linear,
				.load = load_linear,
			},
};
