/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IP addresses and prefixes: parsing, printing, order and containment. Pure.
 *
 * Text forms follow RFC 4291 and RFC 5952 for IPv6, and dotted decimal with exactly four parts for
 * IPv4. Addresses are in network byte order; those of IPv4 fill the first four bytes, the rest is
 * 0.
 */
#ifndef SIPGUARD_USER_POLICY_PREFIX_H
#define SIPGUARD_USER_POLICY_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "sipguard/abi.h"

struct prefix {
	uint8_t address[16];
	uint8_t family; /* enum sg_family, never SG_FAMILY_NONE */
	uint8_t length; /* in bits; bits of the address beyond it are 0 */
};

/* Holds any prefix as text: INET6_ADDRSTRLEN and "/128". */
#define PREFIX_TEXT_SIZE 52

/* The length of a host's prefix. */
static inline uint8_t prefix_host_length(uint8_t family)
{
	return family == SG_FAMILY_IPV4 ? 32 : 128;
}

/*
 * Reads "203.0.113.0/24" or "2001:db8::/32"; without a length it is a host. Refused with -EINVAL:
 * anything else, host bits set (the hint offers both readings), and IPv6 prefixes inside
 * ::ffff:0:0/96 or ::/96, from which no packet on the wire is ever allowed.
 */
int prefix_parse(const char *text, struct prefix *out, struct error *error);

/* As prefix_parse(), of text that has no terminator. */
int prefix_parse_bytes(const char *text, size_t length, struct prefix *out, struct error *error);

/* Reads one address, without a length, as a host's prefix. Any address is accepted. */
int address_parse(const char *text, struct prefix *out, struct error *error);

/* "203.0.113.0/24"; a host is written with its length too. Returns the length of the text. */
size_t prefix_format(const struct prefix *prefix, char text[static PREFIX_TEXT_SIZE]);

/* The address alone, without the length. */
void address_format(const struct prefix *prefix, char text[static PREFIX_TEXT_SIZE]);

/* Clears the bits of the address beyond the length. */
void prefix_truncate(struct prefix *prefix);

/* Whether every address of `inner` lies in `outer`. */
bool prefix_covers(const struct prefix *outer, const struct prefix *inner);

/* The first or the second 64 bits of the address, as a number. */
uint64_t prefix_word(const struct prefix *prefix, unsigned int word);

/* The order of lists: IPv4 before IPv6, then by address, then the shorter prefix first. */
int prefix_compare(const struct prefix *left, const struct prefix *right);

/* An IPv6 address in ::ffff:0:0/96 or ::/96, which the program never allows. */
bool prefix_embeds_ipv4(const struct prefix *prefix);

/*
 * Whether allowing this prefix allows at least half of the addresses in use: /0 and /1, and IPv6 up
 * to /3.
 */
bool prefix_is_half_the_internet(const struct prefix *prefix);

#endif
