// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bench's XDP programs: a generator of packets with random sources, a wrapper that puts one
 * in front of the program it measures, and the two programs that everything is compared with.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "traffic.h"

struct traffic traffic;

/* user space chooses how many there are */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct source);
} sources SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} measured SEC(".maps");

static __always_inline void draw_stranger(struct source *source)
{
	if (traffic.family == SG_FAMILY_IPV4) {
		source->words[0] = bpf_htonl(public_ipv4(lcg_next(&traffic.state)));
		return;
	}
	source->words[0] = bpf_htonl(global_ipv6(lcg_next(&traffic.state)));
	for (int i = 1; i < 4; i++)
		source->words[i] = bpf_htonl(lcg_next(&traffic.state));
}

static __always_inline bool draw(struct source *source)
{
	const struct source *known;
	__u32 index;

	if (!traffic.active) {
		draw_stranger(source);
		return true;
	}
	index = (__u64)lcg_next(&traffic.state) * traffic.active >> 32;
	known = bpf_map_lookup_elem(&sources, &index);
	if (!known)
		return false;
	*source = *known;
	return true;
}

/*
 * RFC 1071. The host drops what has a wrong checksum: of an IPv4 header before its firewall sees
 * it, of UDP over IPv6 before a socket does.
 */
static __always_inline __u16 checksum(const struct source *source)
{
	__u64 sum = traffic.sum;

	for (int i = 0; i < 4; i++)
		sum += source->words[i];
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~((sum & 0xffff) + (sum >> 16));
}

static __always_inline bool rewrite_source(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	struct ipv6hdr *ipv6 = data + ETH_HLEN;
	struct iphdr *ipv4 = data + ETH_HLEN;
	struct udphdr *udp = (void *)(ipv6 + 1);
	struct source source = {};

	if ((void *)(udp + 1) > data_end || !draw(&source))
		return false;
	if (traffic.family == SG_FAMILY_IPV4) {
		ipv4->saddr = source.words[0];
		ipv4->check = checksum(&source);
	} else {
		__builtin_memcpy(&ipv6->saddr, &source, sizeof(source));
		/* RFC 768: 0 would say that there is none. */
		udp->check = checksum(&source) ?: 0xffff;
	}
	return true;
}

SEC("xdp")
int generate(struct xdp_md *ctx)
{
	if (!rewrite_source(ctx))
		return XDP_ABORTED;
	return bpf_redirect(traffic.device, 0);
}

/* xdp.frags as the program it calls: the kernel does not let the two kinds call each other. */
SEC("xdp.frags")
int wrapper(struct xdp_md *ctx)
{
	if (rewrite_source(ctx))
		bpf_tail_call(ctx, &measured, 0);
	return XDP_ABORTED;
}

SEC("xdp.frags")
int bare_drop(struct xdp_md *ctx __attribute__((unused)))
{
	return XDP_DROP;
}

SEC("xdp.frags")
int bare_pass(struct xdp_md *ctx __attribute__((unused)))
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
