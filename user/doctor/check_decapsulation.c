// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks of what is unpacked on a guarded device itself, and so comes to sockets unseen. */
#include "doctor/check.h"

static void check_machine(const struct facts *facts, struct findings *findings)
{
	const struct decapsulation_facts *found = &facts->decapsulation;

	if (found->sctp_udp_port)
		finding_mend(finding_add(findings, SEVERITY_WARNING, NULL,
					 "SCTP is unpacked from UDP port %d behind the guard",
					 found->sctp_udp_port),
			     "sysctl -w net.sctp.udp_port=0; or guard udp/%d too",
			     found->sctp_udp_port);
	if (found->ipsec_associations)
		finding_mend(finding_add(findings, SEVERITY_NOTE, NULL,
					 "IPsec%s is unpacked behind the guard: %zu associations "
					 "have no device of their own",
					 found->ipsec_in_udp ? " in UDP" : "",
					 found->ipsec_associations),
			     "give them an xfrm device (if_id) and guard that; or filter with "
			     "nft, where `meta ipsec exists` tells what came so");
}

static void check_device(const struct facts *facts, const struct device_facts *device,
			 struct findings *findings)
{
	if (!facts_guarded(facts, device))
		return;
	if (device->unpacks_srv6)
		finding_mend(finding_add(findings, SEVERITY_WARNING, device->name,
					 "segments of SRv6 are unpacked on it, behind the guard"),
			     "sysctl -w net/ipv6/conf/%s/seg6_enabled=0", device->name);
	if (device->unpacks_mpls)
		finding_mend(finding_add(findings, SEVERITY_WARNING, device->name,
					 "MPLS is unpacked on it, behind the guard"),
			     "sysctl -w net/mpls/conf/%s/input=0", device->name);
}

static const struct check checks[] = {
	{"decapsulation", "the guard sees the packet around it, and no other device has one",
	 .machine = check_machine},
	{"decapsulation", "the guard sees the packet around it, and no other device has one",
	 .device = check_device},
};

const struct checks decapsulation_checks = {checks, sizeof(checks) / sizeof(checks[0])};
