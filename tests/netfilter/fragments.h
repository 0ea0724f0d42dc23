/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rules are made of. Placeholders: %p a prefix, %h a host and %g the one beside it, %r a
 * range, of the rule's family; %o an address of this host, %q one of another; %d a device with %e
 * the other one; %c a chain to go to; %f "ip" or "ip6", %v "4" or "6" and %a "ipv4_addr" or
 * "ipv6_addr" (nft); %i "inet" or "inet6" (ipset); %n a number below 256.
 */
#ifndef SIPGUARD_TESTS_NETFILTER_FRAGMENTS_H
#define SIPGUARD_TESTS_NETFILTER_FRAGMENTS_H

#include "netfilter/rules_text.h"

enum needs {
	NEEDS_TCP = 1 << 0,
	NEEDS_UDP = 1 << 1,
	NEEDS_IPV4 = 1 << 2,
	NEEDS_IPV6 = 1 << 3,
	NEEDS_PREROUTING = 1 << 4, /* a chain of raw or mangle before routing */
	NEEDS_NAT = 1 << 5,
	NEEDS_L4PROTO = 1 << 6, /* nft: the protocol, by "meta l4proto udp" */
};

struct fragment {
	uint8_t part;
	uint8_t certainty;
	uint8_t weight;
	uint8_t needs;
	const char *text;
	const char *set; /* name of the set that it asks; NULL: none */
};

/* A set that rules ask: commands that make it, with its elements. */
struct set_fragment {
	const char *name;
	const char *create;
	const char *element; /* NULL: it has none of its own */
};

struct grammar {
	const struct fragment *fragments;
	size_t count;
	const struct set_fragment *sets;
	size_t set_count;
};

/* How certain it is in the dump of the tool: nft shows of iptables' matches no more than the name.
 */
enum certainty fragment_certainty(const struct fragment *fragment, enum tool tool);

extern const struct grammar iptables_grammar;
extern const struct grammar nft_grammar;

static inline const struct grammar *grammar_of(enum tool tool)
{
	return tool_is_iptables(tool) ? &iptables_grammar : &nft_grammar;
}

#endif
