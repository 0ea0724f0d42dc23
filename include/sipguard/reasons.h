/* SPDX-License-Identifier: GPL-2.0-only OR GPL-2.0-or-later */
/*
 * The one list of reasons: why a packet got its verdict.
 *
 * Every packet gets exactly one. The name is at once the enumerator, the counter, the metric label
 * and the word in output; the help is what the documentation says. Order is ABI: append only, and
 * raise SG_ABI_VERSION when something else must change.
 *
 *	X(ENUMERATOR, name, verdict, help)
 *
 * The verdict is PASS or DROP; in monitor mode DROP is counted as would_drop and the packet passes.
 */
#ifndef SIPGUARD_REASONS_H
#define SIPGUARD_REASONS_H

/* clang-format off */
#define SG_REASONS(X) \
	X(NOT_IP, not_ip, PASS, "not IPv4 or IPv6: ARP, LLDP, an unknown EtherType") \
	X(OTHER_PORT, other_port, PASS, "IP, but not for a guarded port") \
	X(ALLOWED, allowed, PASS, "the longest matching entry allows the source") \
	X(FRAGMENT_TAIL, fragment_tail, PASS, "a non-first fragment: useless without its first one") \
	X(NOT_ALLOWED, not_allowed, DROP, "for a guarded port, and no entry matches the source") \
	X(DENIED, denied, DROP, "for a guarded port, and the longest matching entry denies the source") \
	X(NO_PORTS, no_ports, DROP, "too short to show its ports, and the source is not allowed") \
	X(HEADER_LIMIT, header_limit, DROP, "more extension headers than are walked, and the source is not allowed") \
	X(VLAN_LIMIT, vlan_limit, DROP, "more VLAN tags than are walked") \
	X(MALFORMED, malformed, DROP, "an IP version, header length or total length that the host rejects too")
/* clang-format on */

#endif
