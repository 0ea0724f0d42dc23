// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guard: drops what an untrusted source sends to a guarded port, and passes everything else
 * untouched.
 *
 * This page is the whole path of a packet. Each stage answers with the reason for the packet's
 * verdict or leaves the question to the next one, and exactly one reason comes out in the end.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "account.bpf.h"
#include "either.bpf.h"
#include "packet.bpf.h"
#include "parse.bpf.h"
#include "plain.bpf.h"
#include "policy.bpf.h"
#include "sample.bpf.h"

SEC("xdp.frags")
int sipguard(struct xdp_md *ctx)
{
	enum sg_reason reason = SG_UNDECIDED;
	enum sg_verdict verdict;
	struct packet packet;
	__u64 number;

	packet_begin(&packet, ctx);

	if (link_layer == SG_LINK_EITHER)
		reason = judge_either(&packet);
	else if (!read_plain(&packet, link_layer))
		reason = parse(&packet, link_layer);
	if (reason == SG_UNDECIDED)
		reason = classify(&packet);
	if (reason == SG_UNDECIDED)
		reason = decide(&packet);

	verdict = enforce(reason);
	number = account(&packet, verdict, reason);
	sample(&packet, verdict, reason, number);
	return verdict == SG_VERDICT_DROP ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
