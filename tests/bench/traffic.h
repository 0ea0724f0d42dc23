/* SPDX-License-Identifier: GPL-2.0-only OR GPL-2.0-or-later */
/*
 * What the bench's XDP programs and its user space agree on: how source addresses are drawn, and
 * where the packets go. User space changes both while the generator runs.
 */
#ifndef BENCH_TRAFFIC_H
#define BENCH_TRAFFIC_H

#include <linux/types.h>

#include "sipguard/abi.h"

/* An address in network byte order; IPv4 in the first word. */
struct source {
	__be32 words[4];
};

struct traffic {
	/* Of the generator of random numbers. */
	__u64 state;
	/* enum sg_family */
	__u32 family;
	/* Draw from so many of the map `sources`; 0: draw any public address. */
	__u32 active;
	/*
	 * The checksum before it is folded, without the source address: of the header (IPv4), of
	 * the datagram (IPv6).
	 */
	__u32 sum;
	/* Index of the device that sends. */
	__u32 device;
};

/* Knuth's MMIX generator (The Art of Computer Programming, 3.3.4); its low bits are poor. */
static inline __u32 lcg_next(__u64 *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (__u32)(*state >> 32);
}

/* 1.0.0.0 to 223.255.255.255 without 127.0.0.0/8: what a host does not reject as a source. */
#define PUBLIC_IPV4_COUNT (222U << 24)

static inline __u32 public_ipv4(__u32 random)
{
	__u32 address = (__u32)((__u64)random * PUBLIC_IPV4_COUNT >> 32) + (1U << 24);

	return address < 127U << 24 ? address : address + (1U << 24);
}

/* The first word of an address in 2000::/3, global unicast. */
static inline __u32 global_ipv6(__u32 random)
{
	return 1U << 29 | random >> 3;
}

#endif
