/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parse: from the first byte of the frame to the destination port.
 *
 * Each function reads one kind of header and returns the packet's reason, or SG_UNDECIDED with what
 * it learnt in `packet`. The rule behind every branch is what the host's own stack would do with
 * the packet: net/ipv4/ip_input.c, net/ipv6/ip6_input.c, net/ipv6/exthdrs.c, net/ipv6/reassembly.c.
 */
#ifndef SIPGUARD_PARSE_BPF_H
#define SIPGUARD_PARSE_BPF_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>

#include "packet.bpf.h"

/* RFC 791: the low 13 bits are the offset of a fragment in units of 8 bytes. */
#define IPV4_FRAGMENT_OFFSET 0x1fff
/* RFC 8200, section 4.5: the high 13 bits. */
#define IPV6_FRAGMENT_OFFSET 0xfff8

/* linux/in.h has no name for it (RFC 3828). */
#ifndef IPPROTO_UDPLITE
#define IPPROTO_UDPLITE 136
#endif

/* IEEE 802.1Q, behind the EtherType 0x8100 or 0x88a8. */
struct vlan_tag {
	__be16 tci;
	__be16 ethertype;
};

/* RFC 8200, section 4; AH (RFC 4302) begins in the same way. */
struct extension_header {
	__u8 next_header;
	__u8 length;
};

struct fragment_header {
	__u8 next_header;
	__u8 reserved;
	__be16 offset;
	__be32 identification;
};

/* How the transport headers of UDP, TCP, SCTP and UDP-Lite begin. */
struct transport_ports {
	__be16 source;
	__be16 destination;
};

/* A packet that ends before its ports: whether it may go on depends on its source alone. */
static __always_inline enum sg_reason hide_ports(struct packet *packet, enum sg_reason reason)
{
	packet->unless_allowed = reason;
	return SG_UNDECIDED;
}

static __always_inline enum sg_protocol protocol_of(__u8 number)
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

static __always_inline enum sg_reason parse_transport(struct packet *packet, __u8 number)
{
	const struct transport_ports *ports;
	struct transport_ports copy;

	packet->protocol = protocol_of(number);
	if (packet->protocol == SG_PROTOCOL_OTHER)
		return SG_REASON_OTHER_PORT;
	ports = packet_bytes(packet, &copy, sizeof(copy));
	if (!ports)
		return hide_ports(packet, SG_REASON_NO_PORTS);
	packet->destination_port = bpf_ntohs(ports->destination);
	return SG_UNDECIDED;
}

static __always_inline enum sg_reason parse_ipv4(struct packet *packet)
{
	__u32 header_length, total_length;
	const struct iphdr *ip;
	struct iphdr copy;

	ip = packet_bytes(packet, &copy, sizeof(copy));
	if (!ip)
		return SG_REASON_MALFORMED;
	header_length = ip->ihl * 4;
	total_length = bpf_ntohs(ip->tot_len);
	if (ip->version != 4 || header_length < sizeof(*ip))
		return SG_REASON_MALFORMED;
	/* GRO merges TCP into packets too long for the field before generic XDP sees them. */
	if (total_length == 0 && ip->protocol == IPPROTO_TCP)
		total_length = packet_rest(packet);
	if (total_length < header_length || !packet_bound(packet, total_length))
		return SG_REASON_MALFORMED;

	packet->source = source_of_ipv4(ip->saddr);
	if (ip->frag_off & bpf_htons(IPV4_FRAGMENT_OFFSET))
		return SG_REASON_FRAGMENT_TAIL;
	packet->offset += header_length;
	return parse_transport(packet, ip->protocol);
}

/* The headers that the host walks on its way to the transport header; all others end the walk. */
static __always_inline bool is_extension_header(__u8 number)
{
	return number == IPPROTO_HOPOPTS || number == IPPROTO_ROUTING ||
	       number == IPPROTO_DSTOPTS || number == IPPROTO_FRAGMENT || number == IPPROTO_AH;
}

/*
 * AH counts in words of four bytes less two (RFC 4302, section 2.2), the others in words of eight
 * less one.
 */
static __always_inline __u32 extension_length(__u8 number, __u8 length)
{
	if (number == IPPROTO_AH)
		return (length + 2) * 4;
	return (length + 1) * 8;
}

/*
 * What stands in the extension header of type `number` at `offset`: its length and the next
 * header's type, packed into one positive number, or one of the two answers that end the walk.
 */
enum { EXTENSION_CUT = -1, EXTENSION_FRAGMENT_TAIL = -2 };
#define EXTENSION(length, next_header) ((int)((length) << 8 | (next_header)))
#define EXTENSION_LENGTH(extension)    ((__u32)(extension) >> 8)
#define EXTENSION_NEXT(extension)      ((__u8)(extension))

/*
 * A function of its own, so that the verifier follows it once instead of once for each header
 * walked.
 */
__noinline int read_extension(struct xdp_md *ctx, __u32 offset, __u32 end, __u32 number)
{
	struct fragment_header fragment_copy;
	struct extension_header copy;
	const struct fragment_header *fragment;
	const struct extension_header *header;

	if (number == IPPROTO_FRAGMENT) {
		fragment = bytes_at(ctx, offset, end, &fragment_copy, sizeof(fragment_copy));
		if (!fragment)
			return EXTENSION_CUT;
		if (fragment->offset & bpf_htons(IPV6_FRAGMENT_OFFSET))
			return EXTENSION_FRAGMENT_TAIL;
		return EXTENSION(sizeof(*fragment), fragment->next_header);
	}
	header = bytes_at(ctx, offset, end, &copy, sizeof(copy));
	if (!header)
		return EXTENSION_CUT;
	return EXTENSION(extension_length(number, header->length), header->next_header);
}

static __always_inline enum sg_reason parse_extensions(struct packet *packet, __u8 next_header)
{
	for (int walked = 0; walked < SG_EXTENSION_HEADERS_MAX; walked++) {
		int extension;

		if (!is_extension_header(next_header))
			break;
		extension = read_extension(packet->ctx, packet->offset, packet->end, next_header);
		if (extension == EXTENSION_FRAGMENT_TAIL)
			return SG_REASON_FRAGMENT_TAIL;
		if (extension < 0)
			return hide_ports(packet, SG_REASON_NO_PORTS);
		packet->offset += EXTENSION_LENGTH(extension);
		next_header = EXTENSION_NEXT(extension);
	}
	if (is_extension_header(next_header))
		return hide_ports(packet, SG_REASON_HEADER_LIMIT);
	return parse_transport(packet, next_header);
}

static __always_inline enum sg_reason parse_ipv6(struct packet *packet)
{
	__u32 payload_length;
	const struct ipv6hdr *ip;
	struct ipv6hdr copy;

	ip = packet_bytes(packet, &copy, sizeof(copy));
	if (!ip || ip->version != 6)
		return SG_REASON_MALFORMED;

	/*
	 * 0 stands for a jumbogram, and the host delivers it without its option too: the frame is
	 * the bound.
	 */
	payload_length = bpf_ntohs(ip->payload_len);
	if (payload_length == 0)
		packet_measure(packet);
	else if (!packet_bound(packet, sizeof(*ip) + payload_length))
		return SG_REASON_MALFORMED;

	packet->source = *(const struct source *)&ip->saddr;
	packet->offset += sizeof(*ip);
	return parse_extensions(packet, ip->nexthdr);
}

/*
 * The host delivers frames with a stack of tags even where no VLAN is configured, as long as their
 * VID is 0.
 */
static __always_inline enum sg_reason parse_vlan_tags(struct packet *packet, __be16 *ethertype)
{
	const struct vlan_tag *tag;
	struct vlan_tag copy;

	for (int walked = 0; walked <= SG_VLAN_TAGS_MAX; walked++) {
		if (*ethertype != bpf_htons(ETH_P_8021Q) && *ethertype != bpf_htons(ETH_P_8021AD))
			return SG_UNDECIDED;
		tag = packet_bytes(packet, &copy, sizeof(copy));
		if (!tag)
			return SG_REASON_NOT_IP;
		packet->offset += sizeof(*tag);
		*ethertype = tag->ethertype;
	}
	return SG_REASON_VLAN_LIMIT;
}

static __always_inline enum sg_reason parse_ethernet(struct packet *packet, __be16 *ethertype)
{
	const struct ethhdr *ethernet;
	struct ethhdr copy;

	ethernet = packet_bytes(packet, &copy, sizeof(copy));
	if (!ethernet)
		return SG_REASON_NOT_IP;
	packet->offset += sizeof(*ethernet);
	*ethertype = ethernet->h_proto;
	return parse_vlan_tags(packet, ethertype);
}

/* Without a link-layer header only the version tells what the packet is. */
static __always_inline enum sg_reason parse_version(struct packet *packet, __be16 *ethertype)
{
	const __u8 *version;
	__u8 copy;

	version = packet_bytes(packet, &copy, sizeof(copy));
	if (!version)
		return SG_REASON_NOT_IP;
	if (*version >> 4 == 4)
		*ethertype = bpf_htons(ETH_P_IP);
	else if (*version >> 4 == 6)
		*ethertype = bpf_htons(ETH_P_IPV6);
	else
		return SG_REASON_NOT_IP;
	return SG_UNDECIDED;
}

static __always_inline enum sg_reason parse_network(struct packet *packet, __be16 ethertype)
{
	if (ethertype == bpf_htons(ETH_P_IP)) {
		packet->family = SG_FAMILY_IPV4;
		return parse_ipv4(packet);
	}
	if (ethertype == bpf_htons(ETH_P_IPV6)) {
		packet->family = SG_FAMILY_IPV6;
		return parse_ipv6(packet);
	}
	return SG_REASON_NOT_IP;
}

/* Not inlined: its many ways would crowd out the registers of the short one. */
static __noinline enum sg_reason parse(struct packet *packet, enum sg_link_layer link_layer)
{
	enum sg_reason reason;
	__be16 ethertype = 0;

	if (link_layer == SG_LINK_ETHERNET)
		reason = parse_ethernet(packet, &ethertype);
	else
		reason = parse_version(packet, &ethertype);
	if (reason == SG_UNDECIDED)
		reason = parse_network(packet, ethertype);
	/* No IP length has told how long it is. */
	if (reason == SG_REASON_NOT_IP || reason == SG_REASON_VLAN_LIMIT ||
	    reason == SG_REASON_MALFORMED)
		packet_measure(packet);
	return reason;
}

#endif
