/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices of IPsec (xfrm, vti): the kernel puts the link-layer header of the encrypted packet in
 * front of the decrypted one (xfrm4_remove_tunnel_encap() and xfrm6_remove_tunnel_encap() in
 * net/xfrm/xfrm_input.c), so a frame begins with an Ethernet header or, when the encrypted packet
 * came through ppp or another tunnel, with the IP header. And Geneve that inherits the inner
 * protocol: there the sender chooses. Nothing tells the program which it is.
 *
 * So a frame is judged as both. Rarely both make sense, and then it is dropped when either says so:
 * who sends through the tunnel could have forged the other one.
 */
#ifndef SIPGUARD_EITHER_BPF_H
#define SIPGUARD_EITHER_BPF_H

#include "account.bpf.h"
#include "parse.bpf.h"
#include "policy.bpf.h"

/* Whether a frame read in this way looked like one at all. */
static __always_inline bool makes_sense(enum sg_reason reason)
{
	return reason != SG_REASON_NOT_IP && reason != SG_REASON_MALFORMED;
}

static __noinline enum sg_reason judge_as(struct packet *packet, enum sg_link_layer layer)
{
	enum sg_reason reason = parse(packet, layer);

	packet->read_as = layer;
	if (reason == SG_UNDECIDED)
		reason = classify(packet);
	if (reason == SG_UNDECIDED)
		reason = decide(packet);
	return reason;
}

/* Never undecided. */
static __noinline enum sg_reason judge_either(struct packet *packet)
{
	enum sg_reason ethernet_reason, bare_reason;
	bool forged;
	struct packet bare;

	packet_begin(&bare, packet->ctx);
	ethernet_reason = judge_as(packet, SG_LINK_ETHERNET);
	bare_reason = judge_as(&bare, SG_LINK_NONE);

	forged = verdict_of(ethernet_reason) == SG_VERDICT_PASS &&
		 verdict_of(bare_reason) == SG_VERDICT_DROP;
	if (ethernet_reason != SG_REASON_NOT_IP &&
	    (!makes_sense(bare_reason) || (makes_sense(ethernet_reason) && !forged)))
		return ethernet_reason;
	*packet = bare;
	return bare_reason;
}

#endif
