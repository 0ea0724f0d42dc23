/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the packet path knows about the packet in hand, and the one way to read its headers.
 *
 * A header is read where it stands in the linear part of the frame or, on devices that split jumbo
 * frames over several buffers, from a copy of what lies behind it; the code that follows is the
 * same.
 */
#ifndef SIPGUARD_PACKET_BPF_H
#define SIPGUARD_PACKET_BPF_H

#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "sipguard/abi.h"

/*
 * The kind of device the program is loaded for, an enum sg_link_layer; the verifier removes the
 * other variant.
 */
const volatile __u32 link_layer = SG_LINK_ETHERNET;

/* An address in two words of 64 bits; one of IPv4 fills the first four bytes. */
struct source {
	__be64 high;
	__be64 low;
};

/* In one store: a word that is read whole must not have been written in parts. */
static __always_inline struct source source_of_ipv4(__be32 address)
{
	return (struct source){bpf_cpu_to_be64((__u64)bpf_ntohl(address) << 32), 0};
}

struct packet {
	struct xdp_md *ctx;

	/* Length of the frame; of its linear part as long as nothing needed to know more. */
	__u32 length;
	/* Where the next header begins, from the start of the frame. */
	__u32 offset;
	/*
	 * No header reaches beyond: the end of the IP packet, because Ethernet padding is not a
	 * header.
	 */
	__u32 end;

	__u8 family;   /* enum sg_family */
	__u8 protocol; /* enum sg_protocol */
	/* enum sg_link_layer that the frame was read with, where the device has either. */
	__u8 read_as;
	/* Host byte order; 0 while unknown. */
	__u16 destination_port;
	/*
	 * Why it is dropped unless its source is allowed; SG_REASON_NOT_ALLOWED when the ports are
	 * known.
	 */
	__u32 unless_allowed;

	struct source source;
};

/*
 * The furthest a header can begin: all tags, all extension headers of 2,048 bytes. The verifier
 * wants a bound below 64 KiB to follow an offset into the packet.
 */
#define HEADER_OFFSET_MAX 0xefff

static __always_inline void packet_begin(struct packet *packet, struct xdp_md *ctx)
{
	__builtin_memset(packet, 0, sizeof(*packet));
	packet->ctx = ctx;
	packet->length = ctx->data_end - ctx->data;
	packet->end = ~0U;
	packet->unless_allowed = SG_REASON_NOT_ALLOWED;
}

/*
 * Learns the length over all buffers. A helper call, so only where the linear part is not enough.
 */
static __always_inline void packet_measure(struct packet *packet)
{
	packet->length = bpf_xdp_get_buff_len(packet->ctx);
}

/* How long the IP packet at the current offset is when its header does not tell. */
static __always_inline __u32 packet_rest(struct packet *packet)
{
	packet_measure(packet);
	return packet->length - packet->offset;
}

/*
 * Declares that the IP packet, which begins at the current offset, has `length` bytes. False when
 * the frame is shorter: the host rejects such a packet too.
 */
static __always_inline bool packet_bound(struct packet *packet, __u32 length)
{
	__u32 end = packet->offset + length;

	if (end > packet->length)
		packet_measure(packet);
	if (end > packet->length)
		return false;
	packet->end = end;
	return true;
}

/*
 * The `size` bytes at `offset`; NULL when they are not all before `end` and in the frame. `copy`
 * has room for them, in case they are not in the frame's linear part.
 */
static __always_inline const void *bytes_at(struct xdp_md *ctx, __u32 offset, __u32 end, void *copy,
					    __u32 size)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;

	if (offset > HEADER_OFFSET_MAX || offset + size > end)
		return NULL;
	if (data + offset + size <= data_end)
		return data + offset;
	return bpf_xdp_load_bytes(ctx, offset, copy, size) == 0 ? copy : NULL;
}

/* The `size` bytes at the current offset; NULL when they are not all part of the packet. */
static __always_inline const void *packet_bytes(const struct packet *packet, void *copy, __u32 size)
{
	return bytes_at(packet->ctx, packet->offset, packet->end, copy, size);
}

#endif
