/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames written as one would describe them: "eth vlan ip6:stranger hbh frag:0,mf udp:5060 pad:8".
 *
 * Words are headers from the outside in; each fills in the type field of the one before, and the
 *lengths of IP headers are set at the end, so a sketch is a valid packet unless it says otherwise.
 *
 *	eth				Ethernet
 *	vlan, qinq, tag:9100		a tag with TPID 0x8100, 0x88a8, or any
 *	type:0806			any EtherType, and nothing behind
 *	ip4:WHO[,ihl=N][,ver=N][,len=N][,off=N][,mf]
 *	ip6:WHO[,ver=N][,len=N]
 *	hbh, route, dst [:N]		extension headers of 8 * (N + 1) bytes
 *	ah [:N]				of 4 * (N + 2) bytes
 *	frag [:OFFSET][,mf]		fragment header, the offset in bytes
 *	mobility, hip, shim6, esp, nonext
 *	udp:PORT tcp:PORT sctp:PORT udplite:PORT [,from=PORT], icmp
 *	short:N				ends the IP packet N bytes into the last header
 *	pad:N				Ethernet padding that looks like UDP to 5060
 *	data:N				payload
 *
 * WHO is trusted, stranger or denied; or the trusted IPv4 address spelled as an IPv6 one: mapped
 * (::ffff:), compatible (::) or translated (::ffff:0:), of which the last is an address of its own.
 */
#ifndef SIPGUARD_TESTS_PACKET_SKETCH_H
#define SIPGUARD_TESTS_PACKET_SKETCH_H

#include <stddef.h>
#include <stdint.h>

/* Sixteen extension headers of 2,048 bytes, and more. */
#define SKETCH_SIZE_MAX 36000

struct sketch {
	uint8_t bytes[SKETCH_SIZE_MAX];
	size_t size;
	size_t ip_offset; /* of the IP header; 0 without a link layer */
	size_t ip_end;	  /* of the IP packet, before padding */
};

/* Aborts the test on a word that there is not. */
void sketch_draw(const char *words, struct sketch *sketch);

/* Writes the IP lengths anew for a frame cut to `size` bytes. */
void sketch_set_length(struct sketch *sketch, size_t size);

#endif
