/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet that a guard saw, as people want to be told of it: who, where to, why, and what it
 * wanted. Pure.
 *
 * What comes from the packet is hostile; sighting_show() makes it fit for a terminal or JSON.
 */
#ifndef SIPGUARD_USER_TRAFFIC_SIGHTING_H
#define SIPGUARD_USER_TRAFFIC_SIGHTING_H

#include <stdint.h>

#include "policy/prefix.h"
#include "sip/message.h"
#include "sip/method.h"
#include "sipguard/abi.h"

struct sighting {
	int64_t time; /* nanoseconds of Unix time */
	const char *device;
	uint32_t packets; /* how many it stands for */
	uint32_t length;  /* of the frame */
	uint8_t verdict;  /* enum sg_verdict */
	uint8_t reason;	  /* enum sg_reason */
	uint8_t protocol; /* enum sg_protocol */
	/* Host byte order; 0: unknown. */
	uint16_t source_port;
	uint16_t port;
	struct prefix source; /* a host; SG_FAMILY_NONE: unknown */
	struct prefix destination;
	struct sip_message sip; /* pieces of the frame; SIP_NONE where there is no SIP in it */
};

/*
 * Adds what the first `size` bytes of the frame show: source_port, destination, sip, and the source
 * where it is unknown.
 */
void sighting_read(struct sighting *sighting, const uint8_t *frame, size_t size,
		   enum sg_link_layer link_layer);

/*
 * Whether it answers a request that this host sent from the port at which it came in: a response
 * whose topmost Via names this packet's destination, as the sender of the request put it there (RFC
 * 3261, section 18.2.2). `method` is that of the request. Somebody who knows the host's address can
 * forge it, and a host that calls itself by a name in its Via is not recognised.
 */
bool sighting_is_reply(const struct sighting *sighting, enum sip_method *method);

/* The method of a request, or "SIP/2.0 404" of a response; empty where there is no SIP. */
#define SIGHTING_METHOD_MAX 32
size_t sighting_method(const struct sighting *sighting, char method[static SIGHTING_METHOD_MAX]);

/* User-Agent, or Server, which is what responses have. */
const struct sip_text *sighting_agent(const struct sighting *sighting);

/* Whether packets like this one would pass if the source was allowed. */
bool sighting_is_allowable(const struct sighting *sighting);

/*
 * The text unfolded and escaped, as text_escape(); "..." at the end says that it is cut, by the
 * packet or for want of room. `size` must be at least 4.
 */
void sighting_show(const struct sip_text *text, char *out, size_t size);

#endif
