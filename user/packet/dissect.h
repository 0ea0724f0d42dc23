/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The beginning of a captured frame, taken apart: addresses, ports, and where the payload stands.
 * Pure.
 *
 * It walks the headers as the XDP program does (bpf/parse.bpf.h) and, like it, reads nothing beyond
 * the end of the IP packet. But it judges nothing: it tells as much as the bytes show, of malformed
 * packets too, because those are what people want to see.
 */
#ifndef SIPGUARD_USER_PACKET_DISSECT_H
#define SIPGUARD_USER_PACKET_DISSECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/prefix.h"
#include "sipguard/abi.h"

struct dissection {
	/* Hosts; of family SG_FAMILY_NONE where the addresses cannot be seen. */
	struct prefix source;
	struct prefix destination;
	uint8_t protocol; /* enum sg_protocol */
	/* Host byte order; 0 where they cannot be seen. */
	uint16_t source_port;
	uint16_t destination_port;
	/* What UDP, UDP-Lite and TCP carry; NULL: nothing can be seen. It stays the frame's. */
	const char *payload;
	size_t payload_length;
};

/* Takes the first `size` bytes of a frame apart. */
void dissect(const uint8_t *frame, size_t size, enum sg_link_layer link_layer,
	     struct dissection *dissection);

#endif
