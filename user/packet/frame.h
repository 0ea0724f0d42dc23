/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One frame as a SIP peer would send it, to ask the program what it would get. Pure.
 *
 * Ethernet (or none), VLAN tags, IPv4 (RFC 791) or IPv6 (RFC 8200), and UDP, UDP-Lite, TCP (a SYN)
 * or SCTP with nothing but their ports and lengths filled in: checksums stay 0, because the program
 * does not look at them.
 */
#ifndef SIPGUARD_USER_PACKET_FRAME_H
#define SIPGUARD_USER_PACKET_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "policy/prefix.h"
#include "sipguard/abi.h"

struct frame_request {
	struct prefix source; /* a host */
	uint8_t protocol;     /* enum sg_protocol, not OTHER */
	uint16_t destination_port;
	uint8_t link_layer; /* enum sg_link_layer */
	unsigned int vlan_tags;
	uint16_t vlan; /* the VLAN identifier of each tag */
};

#define FRAME_VLAN_TAGS_MAX 16
#define FRAME_SIZE_MAX	    256

/* Writes the frame and returns its length. */
size_t frame_build(const struct frame_request *request, uint8_t frame[static FRAME_SIZE_MAX]);

#endif
