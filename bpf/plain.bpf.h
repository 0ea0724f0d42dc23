/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames of the shape that nearly all have, read at once: no tags, no options, no extension
 * headers, no fragment, UDP or TCP, the whole packet in the frame's linear part.
 *
 * What is found here is what parse.bpf.h would find; everything else is left to it. The general
 * way costs a flood's packet three times as much, because each of its headers can be anywhere.
 */
#ifndef SIPGUARD_PLAIN_BPF_H
#define SIPGUARD_PLAIN_BPF_H

#include "parse.bpf.h"

/* Version 4, and a header of five words. */
#define IPV4_WITHOUT_OPTIONS 0x45
/* RFC 791: "more fragments" and the offset. */
#define IPV4_FRAGMENT 0x3fff

static __always_inline bool is_plain_protocol(__u8 number)
{
	return number == IPPROTO_UDP || number == IPPROTO_TCP;
}

static __always_inline void take_ports(struct packet *packet, __u8 number,
				       const struct transport_ports *ports)
{
	packet->protocol = number == IPPROTO_UDP ? SG_PROTOCOL_UDP : SG_PROTOCOL_TCP;
	packet->destination_port = bpf_ntohs(ports->destination);
}

static __always_inline bool read_plain_ipv4(struct packet *packet, const void *network,
					    const void *end)
{
	const struct transport_ports *ports = network + sizeof(struct iphdr);
	const struct iphdr *ip = network;
	__u32 length;

	if ((const void *)(ports + 1) > end || *(const __u8 *)ip != IPV4_WITHOUT_OPTIONS ||
	    ip->frag_off & bpf_htons(IPV4_FRAGMENT) || !is_plain_protocol(ip->protocol))
		return false;
	length = bpf_ntohs(ip->tot_len);
	if (length < sizeof(*ip) + sizeof(*ports) || length > (__u32)(end - network))
		return false;
	packet->family = SG_FAMILY_IPV4;
	packet->source = source_of_ipv4(ip->saddr);
	take_ports(packet, ip->protocol, ports);
	return true;
}

static __always_inline bool read_plain_ipv6(struct packet *packet, const void *network,
					    const void *end)
{
	const struct transport_ports *ports = network + sizeof(struct ipv6hdr);
	const struct ipv6hdr *ip = network;
	__u32 length;

	if ((const void *)(ports + 1) > end || ip->version != 6 || !is_plain_protocol(ip->nexthdr))
		return false;
	length = bpf_ntohs(ip->payload_len);
	if (length < sizeof(*ports) || length > (__u32)(end - (const void *)(ip + 1)))
		return false;
	packet->family = SG_FAMILY_IPV6;
	packet->source = *(const struct source *)&ip->saddr;
	take_ports(packet, ip->nexthdr, ports);
	return true;
}

/* True when the packet was read; when it was not, `packet` is as it was. */
static __always_inline bool read_plain(struct packet *packet, enum sg_link_layer link_layer)
{
	const void *data = (const void *)(long)packet->ctx->data;
	const void *end = (const void *)(long)packet->ctx->data_end;
	const struct ethhdr *ethernet = data;
	const __u8 *version = data;

	if (link_layer == SG_LINK_ETHERNET) {
		if ((const void *)(ethernet + 1) > end)
			return false;
		if (ethernet->h_proto == bpf_htons(ETH_P_IP))
			return read_plain_ipv4(packet, ethernet + 1, end);
		return ethernet->h_proto == bpf_htons(ETH_P_IPV6) &&
		       read_plain_ipv6(packet, ethernet + 1, end);
	}
	if ((const void *)(version + 1) > end)
		return false;
	return *version >> 4 == 4 ? read_plain_ipv4(packet, data, end)
				  : read_plain_ipv6(packet, data, end);
}

#endif
