// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet/dissect.h"

#include <netinet/in.h>
#include <string.h>

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

/* RFC 791: the low 13 bits. RFC 8200, section 4.5: the high 13 bits. */
#define IPV4_FRAGMENT_OFFSET 0x1fff
#define IPV6_FRAGMENT_OFFSET 0xfff8

/* The bytes that are left, from the next header on. */
struct cursor {
	const uint8_t *at;
	size_t left;
};

/* Where the header stands, of which `size` bytes must be there, and moves behind it; or NULL. */
static const uint8_t *take(struct cursor *cursor, size_t size)
{
	const uint8_t *header = cursor->at;

	if (size > cursor->left)
		return NULL;
	cursor->at += size;
	cursor->left -= size;
	return header;
}

/* Declares that no more than `size` bytes belong to the packet. */
static void bound(struct cursor *cursor, size_t size)
{
	if (size < cursor->left)
		cursor->left = size;
}

static uint16_t read16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static struct prefix host(enum sg_family family, const uint8_t *address)
{
	struct prefix prefix = {.family = family, .length = prefix_host_length(family)};

	memcpy(prefix.address, address, prefix.length / 8);
	return prefix;
}

static enum sg_protocol protocol_of(uint8_t number)
{
	switch (number) {
	case IPPROTO_UDP:
		return SG_PROTOCOL_UDP;
	case IPPROTO_TCP:
		return SG_PROTOCOL_TCP;
	case IPPROTO_SCTP:
		return SG_PROTOCOL_SCTP;
	case IPPROTO_UDPLITE:
		return SG_PROTOCOL_UDPLITE;
	default:
		return SG_PROTOCOL_OTHER;
	}
}

/* Moves behind the rest of the transport header; false when there is no payload to be seen. */
static bool find_payload(struct cursor *cursor, enum sg_protocol protocol)
{
	const uint8_t *header = cursor->at;
	size_t length;

	if (protocol == SG_PROTOCOL_UDP || protocol == SG_PROTOCOL_UDPLITE) {
		if (!take(cursor, sizeof(struct udphdr)))
			return false;
		/* UDP-Lite has the coverage of its checksum there (RFC 3828). */
		length = read16(header + offsetof(struct udphdr, len));
		if (protocol == SG_PROTOCOL_UDP && length >= sizeof(struct udphdr))
			bound(cursor, length - sizeof(struct udphdr));
		return true;
	}
	if (protocol != SG_PROTOCOL_TCP || cursor->left < sizeof(struct tcphdr))
		return false;
	/* RFC 9293: the offset of the data in words of four bytes. */
	length = (header[12] >> 4) * 4U;
	return length >= sizeof(struct tcphdr) && take(cursor, length);
}

static void dissect_transport(struct cursor *cursor, uint8_t number, struct dissection *dissection)
{
	dissection->protocol = protocol_of(number);
	if (dissection->protocol == SG_PROTOCOL_OTHER || cursor->left < 4)
		return;
	dissection->source_port = read16(cursor->at);
	dissection->destination_port = read16(cursor->at + 2);
	if (!find_payload(cursor, dissection->protocol) || !cursor->left)
		return;
	dissection->payload = (const char *)cursor->at;
	dissection->payload_length = cursor->left;
}

static void dissect_ipv4(struct cursor *cursor, struct dissection *dissection)
{
	const uint8_t *start = cursor->at;

	size_t header_length, total_length;

	if (cursor->left < sizeof(struct iphdr))
		return;
	dissection->source = host(SG_FAMILY_IPV4, start + offsetof(struct iphdr, saddr));
	dissection->destination = host(SG_FAMILY_IPV4, start + offsetof(struct iphdr, daddr));
	header_length = (start[0] & 15U) * 4;
	total_length = read16(start + offsetof(struct iphdr, tot_len));
	/* GRO merges TCP into packets too long for the field. */
	if (total_length || start[offsetof(struct iphdr, protocol)] != IPPROTO_TCP)
		bound(cursor, total_length);
	if (header_length < sizeof(struct iphdr) || !take(cursor, header_length))
		return;
	if (read16(start + offsetof(struct iphdr, frag_off)) & IPV4_FRAGMENT_OFFSET)
		return;
	dissect_transport(cursor, start[offsetof(struct iphdr, protocol)], dissection);
}

static bool is_extension_header(uint8_t number)
{
	return number == IPPROTO_HOPOPTS || number == IPPROTO_ROUTING ||
	       number == IPPROTO_DSTOPTS || number == IPPROTO_FRAGMENT || number == IPPROTO_AH;
}

/* Moves behind it and sets the type of the next; false where the walk ends. */
static bool walk_extension(struct cursor *cursor, uint8_t *number)
{
	const uint8_t *header = cursor->at;
	size_t length;

	if (cursor->left < 8)
		return false;
	if (*number == IPPROTO_FRAGMENT) {
		if (read16(header + 2) & IPV6_FRAGMENT_OFFSET)
			return false;
		length = 8;
	} else {
		/* AH counts in other units than the rest (RFC 4302, section 2.2). */
		length = *number == IPPROTO_AH ? (header[1] + 2U) * 4 : (header[1] + 1U) * 8;
	}
	*number = header[0];
	return take(cursor, length);
}

static void dissect_ipv6(struct cursor *cursor, struct dissection *dissection)
{
	const uint8_t *start = take(cursor, sizeof(struct ipv6hdr));
	uint8_t number;
	uint16_t length;

	if (!start)
		return;
	dissection->source = host(SG_FAMILY_IPV6, start + offsetof(struct ipv6hdr, saddr));
	dissection->destination = host(SG_FAMILY_IPV6, start + offsetof(struct ipv6hdr, daddr));
	/* 0 is a jumbogram, or a packet that the host delivers all the same. */
	length = read16(start + offsetof(struct ipv6hdr, payload_len));
	if (length)
		bound(cursor, length);
	number = start[offsetof(struct ipv6hdr, nexthdr)];
	while (is_extension_header(number)) {
		if (!walk_extension(cursor, &number))
			return;
	}
	dissect_transport(cursor, number, dissection);
}

/* The EtherType behind all tags; 0 where it cannot be seen. */
static uint16_t skip_ethernet(struct cursor *cursor)
{
	const uint8_t *header = take(cursor, ETH_HLEN);
	uint16_t type;

	if (!header)
		return 0;
	type = read16(header + 2 * ETH_ALEN);
	while (type == ETH_P_8021Q || type == ETH_P_8021AD) {
		const uint8_t *tag = take(cursor, 4);

		if (!tag)
			return 0;
		type = read16(tag + 2);
	}
	return type;
}

void dissect(const uint8_t *frame, size_t size, enum sg_link_layer link_layer,
	     struct dissection *dissection)
{
	struct cursor cursor = {frame, size};
	uint16_t type = 0;

	*dissection = (struct dissection){};
	if (link_layer == SG_LINK_ETHERNET)
		type = skip_ethernet(&cursor);
	else if (size)
		type = frame[0] >> 4 == 4 ? ETH_P_IP : frame[0] >> 4 == 6 ? ETH_P_IPV6 : 0;
	if (type == ETH_P_IP)
		dissect_ipv4(&cursor, dissection);
	else if (type == ETH_P_IPV6)
		dissect_ipv6(&cursor, dissection);
}
