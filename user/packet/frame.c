// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet/frame.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#define SOURCE_PORT 5060
#define HOP_LIMIT   64

static const char payload[] = "OPTIONS sip:guard SIP/2.0\r\n\r\n";

/* RFC 9260, section 3.1, and the beginning of an INIT chunk. */
struct sctp_start {
	uint16_t source;
	uint16_t destination;
	uint32_t verification_tag;
	uint32_t checksum;
	uint8_t chunk_type;
	uint8_t chunk_flags;
	uint16_t chunk_length;
};

struct cursor {
	uint8_t *at;
};

static void put(struct cursor *cursor, const void *bytes, size_t size)
{
	memcpy(cursor->at, bytes, size);
	cursor->at += size;
}

static void put16(struct cursor *cursor, uint16_t value)
{
	value = htons(value);
	put(cursor, &value, sizeof(value));
}

static void put_ethernet(struct cursor *cursor, const struct frame_request *request)
{
	static const uint8_t addresses[2 * ETH_ALEN] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};

	put(cursor, addresses, sizeof(addresses));
	for (unsigned int i = 0; i < request->vlan_tags && i < FRAME_VLAN_TAGS_MAX; i++) {
		put16(cursor, ETH_P_8021Q);
		put16(cursor, request->vlan);
	}
	put16(cursor, request->source.family == SG_FAMILY_IPV4 ? ETH_P_IP : ETH_P_IPV6);
}

static uint8_t protocol_number(uint8_t protocol)
{
	switch (protocol) {
	case SG_PROTOCOL_TCP:
		return IPPROTO_TCP;
	case SG_PROTOCOL_SCTP:
		return IPPROTO_SCTP;
	case SG_PROTOCOL_UDPLITE:
		return IPPROTO_UDPLITE;
	default:
		return IPPROTO_UDP;
	}
}

static size_t transport_length(uint8_t protocol)
{
	switch (protocol) {
	case SG_PROTOCOL_TCP:
		return sizeof(struct tcphdr);
	case SG_PROTOCOL_SCTP:
		return sizeof(struct sctp_start);
	default:
		return sizeof(struct udphdr) + sizeof(payload) - 1;
	}
}

static void put_ip(struct cursor *cursor, const struct frame_request *request)
{
	uint16_t length = (uint16_t)transport_length(request->protocol);
	struct iphdr ipv4 = {
		.version = 4,
		.ihl = sizeof(ipv4) / 4,
		.tot_len = htons((uint16_t)(sizeof(ipv4) + length)),
		.ttl = HOP_LIMIT,
		.protocol = protocol_number(request->protocol),
	};
	struct ipv6hdr ipv6 = {
		.version = 6,
		.payload_len = htons(length),
		.nexthdr = protocol_number(request->protocol),
		.hop_limit = HOP_LIMIT,
	};

	if (request->source.family == SG_FAMILY_IPV4) {
		memcpy(&ipv4.saddr, request->source.address, sizeof(ipv4.saddr));
		put(cursor, &ipv4, sizeof(ipv4));
	} else {
		memcpy(&ipv6.saddr, request->source.address, sizeof(ipv6.saddr));
		put(cursor, &ipv6, sizeof(ipv6));
	}
}

static void put_transport(struct cursor *cursor, const struct frame_request *request)
{
	uint16_t length = (uint16_t)transport_length(request->protocol);
	struct tcphdr tcp = {
		.source = htons(SOURCE_PORT),
		.dest = htons(request->destination_port),
		.doff = sizeof(tcp) / 4,
		.syn = 1,
	};
	struct sctp_start sctp = {
		.source = htons(SOURCE_PORT),
		.destination = htons(request->destination_port),
		.chunk_type = 1,
		.chunk_length = htons(4),
	};
	struct udphdr udp = {
		.source = htons(SOURCE_PORT),
		.dest = htons(request->destination_port),
		.len = htons(length),
	};

	if (request->protocol == SG_PROTOCOL_TCP) {
		put(cursor, &tcp, sizeof(tcp));
	} else if (request->protocol == SG_PROTOCOL_SCTP) {
		put(cursor, &sctp, sizeof(sctp));
	} else {
		put(cursor, &udp, sizeof(udp));
		put(cursor, payload, sizeof(payload) - 1);
	}
}

size_t frame_build(const struct frame_request *request, uint8_t frame[static FRAME_SIZE_MAX])
{
	struct cursor cursor = {frame};

	if (request->link_layer == SG_LINK_ETHERNET)
		put_ethernet(&cursor, request);
	put_ip(&cursor, request);
	put_transport(&cursor, request);
	return (size_t)(cursor.at - frame);
}
