/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header with which a response finds its way back (RFC 3261, sections 18.2.2 and 20.42; RFC
 * 3581), and the one that says which request it answers. As hostile as all of a message. Pure.
 */
#ifndef SIPGUARD_USER_SIP_VIA_H
#define SIPGUARD_USER_SIP_VIA_H

#include <stdint.h>

#include "sip/message.h"

/* What the first value of a Via tells of who sent the request. Texts are pieces of the header. */
struct sip_via {
	struct sip_text host;	  /* as the sender calls itself, IPv6 without brackets */
	uint16_t port;		  /* host byte order; 0: not told */
	struct sip_text received; /* where the request came from; not there: not told */
	uint16_t rport;		  /* 0: not told */
};

/* False, with nothing in `via`, when it has no host, or is cut off before its parameters. */
bool sip_via_read(const struct sip_text *header, struct sip_via *via);

/* The method in a CSeq: "REGISTER" of "102 REGISTER". Not there when there is none. */
struct sip_text sip_cseq_method(const struct sip_text *cseq);

#endif
