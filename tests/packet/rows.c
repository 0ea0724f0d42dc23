// SPDX-License-Identifier: GPL-2.0-or-later
/* Every row of the verdict table, as frames that one can read. */
#include <criterion/criterion.h>
#include <string.h>

#include "packet/fixture.h"
#include "packet/reference.h"
#include "policy/names.h"

struct row {
	const char *what;
	const char *frame;
	enum sg_reason reason;
};

static const struct row rows[] = {
	/* not IP */
	{"ARP", "eth type:0806 data:28", SG_REASON_NOT_IP},
	{"LLDP", "eth type:88cc data:46", SG_REASON_NOT_IP},
	{"an LLC frame, whose length stands for the type", "eth type:0026 data:38",
	 SG_REASON_NOT_IP},
	{"a tag that Linux does not know", "eth tag:9100 ip4:stranger udp:5060", SG_REASON_NOT_IP},
	{"nothing behind the type", "eth type:0806", SG_REASON_NOT_IP},
	{"ARP behind a tag", "eth vlan type:0806 data:28", SG_REASON_NOT_IP},

	/* not for a guarded port */
	{"DNS", "eth ip4:stranger udp:53 data:20", SG_REASON_OTHER_PORT},
	{"SSH", "eth ip4:stranger tcp:22", SG_REASON_OTHER_PORT},
	{"RTP from a stranger", "eth ip4:stranger udp:16384 data:172", SG_REASON_OTHER_PORT},
	{"a stranger's SIP server, as a source", "eth ip4:stranger udp:40000,from=5060",
	 SG_REASON_OTHER_PORT},
	{"the port below", "eth ip4:stranger udp:5059", SG_REASON_OTHER_PORT},
	{"the port above", "eth ip4:stranger udp:5062", SG_REASON_OTHER_PORT},
	{"the same byte, the other half", "eth ip4:stranger udp:50177", SG_REASON_OTHER_PORT},
	{"ping", "eth ip4:stranger icmp", SG_REASON_OTHER_PORT},
	{"neighbour discovery", "eth ip6:stranger icmp data:24", SG_REASON_OTHER_PORT},
	{"ESP is opaque", "eth ip6:stranger esp", SG_REASON_OTHER_PORT},
	{"no next header", "eth ip6:stranger nonext udp:5060", SG_REASON_OTHER_PORT},
	{"mobility ends the walk", "eth ip6:stranger mobility udp:5060", SG_REASON_OTHER_PORT},
	{"HIP ends the walk", "eth ip6:stranger hip udp:5060", SG_REASON_OTHER_PORT},
	{"shim6 ends the walk", "eth ip6:stranger shim6 udp:5060", SG_REASON_OTHER_PORT},
	{"another port behind headers", "eth ip6:stranger hbh dst udp:53", SG_REASON_OTHER_PORT},

	/* allowed */
	{"UDP", "eth ip4:trusted udp:5060 data:400", SG_REASON_ALLOWED},
	{"TCP with TLS", "eth ip4:trusted tcp:5061", SG_REASON_ALLOWED},
	{"SCTP", "eth ip4:trusted sctp:5060", SG_REASON_ALLOWED},
	{"UDP-Lite", "eth ip4:trusted udplite:5060", SG_REASON_ALLOWED},
	{"IPv6", "eth ip6:trusted udp:5060", SG_REASON_ALLOWED},
	{"a first fragment", "eth ip4:trusted,mf udp:5060 data:1472", SG_REASON_ALLOWED},
	{"a tiny first fragment", "eth ip4:trusted,mf udp:5060 short:2", SG_REASON_ALLOWED},
	{"too many headers",
	 "eth ip6:trusted dst dst dst dst dst dst dst dst dst dst dst dst dst dst "
	 "dst dst dst udp:5060",
	 SG_REASON_ALLOWED},

	/* not allowed */
	{"UDP", "eth ip4:stranger udp:5060", SG_REASON_NOT_ALLOWED},
	{"TCP", "eth ip4:stranger tcp:5060", SG_REASON_NOT_ALLOWED},
	{"SCTP", "eth ip4:stranger sctp:5061", SG_REASON_NOT_ALLOWED},
	{"UDP-Lite", "eth ip4:stranger udplite:5061", SG_REASON_NOT_ALLOWED},
	{"IPv6 UDP", "eth ip6:stranger udp:5060", SG_REASON_NOT_ALLOWED},
	{"IPv6 TCP", "eth ip6:stranger tcp:5061", SG_REASON_NOT_ALLOWED},
	{"IP options", "eth ip4:stranger,ihl=6 udp:5060", SG_REASON_NOT_ALLOWED},
	{"all of the IP options", "eth ip4:stranger,ihl=15 udp:5060", SG_REASON_NOT_ALLOWED},
	{"a priority tag", "eth vlan ip4:stranger udp:5060", SG_REASON_NOT_ALLOWED},
	{"a provider's tag", "eth qinq vlan ip6:stranger udp:5060", SG_REASON_NOT_ALLOWED},
	{"eight tags", "eth vlan vlan vlan vlan vlan vlan vlan qinq ip4:stranger udp:5060",
	 SG_REASON_NOT_ALLOWED},
	{"a first fragment", "eth ip4:stranger,mf udp:5060 data:1472", SG_REASON_NOT_ALLOWED},
	{"a first fragment of the four bytes it takes", "eth ip4:stranger,mf udp:5060 short:4",
	 SG_REASON_NOT_ALLOWED},
	{"an atomic fragment", "eth ip6:stranger frag udp:5060", SG_REASON_NOT_ALLOWED},
	{"an IPv6 first fragment", "eth ip6:stranger frag:0,mf udp:5060 data:8",
	 SG_REASON_NOT_ALLOWED},
	{"hop-by-hop", "eth ip6:stranger hbh udp:5060", SG_REASON_NOT_ALLOWED},
	{"routing", "eth ip6:stranger route:2 udp:5060", SG_REASON_NOT_ALLOWED},
	{"destination options", "eth ip6:stranger dst:31 tcp:5060", SG_REASON_NOT_ALLOWED},
	{"the longest options", "eth ip6:stranger dst:255 udp:5060", SG_REASON_NOT_ALLOWED},
	{"authentication header", "eth ip6:stranger ah:4 udp:5060", SG_REASON_NOT_ALLOWED},
	{"the longest authentication header", "eth ip6:stranger ah:255 udp:5060",
	 SG_REASON_NOT_ALLOWED},
	{"all kinds together", "eth ip6:stranger hbh:1 dst route:1 frag ah:4 dst udp:5060",
	 SG_REASON_NOT_ALLOWED},
	{"sixteen headers",
	 "eth ip6:stranger dst dst dst dst dst dst dst dst dst dst dst dst dst dst "
	 "dst dst udp:5060",
	 SG_REASON_NOT_ALLOWED},
	{"payload length 0", "eth ip6:stranger,len=0 udp:5060", SG_REASON_NOT_ALLOWED},
	{"payload length 0 and hop-by-hop", "eth ip6:stranger,len=0 hbh udp:5060",
	 SG_REASON_NOT_ALLOWED},
	{"an IPv6 source that spells a trusted IPv4 one", "eth ip6:mapped udp:5060",
	 SG_REASON_NOT_ALLOWED},
	{"the old way to spell it", "eth ip6:compatible tcp:5060", SG_REASON_NOT_ALLOWED},

	{"TCP that GRO merged beyond 64 KiB", "eth ip4:stranger,len=0 tcp:5060",
	 SG_REASON_NOT_ALLOWED},
	{"UDP is never merged so", "eth ip4:trusted,len=0 udp:5060", SG_REASON_MALFORMED},
	{"merged TCP for another port", "eth ip4:stranger,len=0 tcp:8080", SG_REASON_OTHER_PORT},

	/* denied */
	{"a host denied inside a network allowed", "eth ip4:denied udp:5060", SG_REASON_DENIED},
	{"the same for IPv6", "eth ip6:denied sctp:5060", SG_REASON_DENIED},

	/* non-first fragments */
	{"an IPv4 tail", "eth ip4:stranger,off=1480 udp:5060", SG_REASON_FRAGMENT_TAIL},
	{"a tail that more will follow", "eth ip4:stranger,off=8,mf udp:5060",
	 SG_REASON_FRAGMENT_TAIL},
	{"the last possible tail", "eth ip4:stranger,off=65528 data:8", SG_REASON_FRAGMENT_TAIL},
	{"a tail of another protocol", "eth ip4:stranger,off=8 icmp", SG_REASON_FRAGMENT_TAIL},
	{"an IPv6 tail", "eth ip6:stranger frag:8 udp:5060", SG_REASON_FRAGMENT_TAIL},
	{"the last possible IPv6 tail", "eth ip6:stranger frag:65528 data:8",
	 SG_REASON_FRAGMENT_TAIL},
	{"a tail in the upper half alone", "eth ip6:stranger frag:32768,mf udp:5060",
	 SG_REASON_FRAGMENT_TAIL},
	{"an IPv6 tail behind headers", "eth ip6:stranger hbh dst frag:1448,mf udp:5060",
	 SG_REASON_FRAGMENT_TAIL},

	/* ports that cannot be seen */
	{"a tiny first fragment", "eth ip4:stranger,mf udp:5060 short:3", SG_REASON_NO_PORTS},
	{"no transport header at all", "eth ip4:stranger tcp:5060 short:0", SG_REASON_NO_PORTS},
	{"ports only in the padding", "eth ip4:stranger udp:5060 short:0 pad:26",
	 SG_REASON_NO_PORTS},
	{"an IPv6 first fragment that ends in its headers",
	 "eth ip6:stranger frag:0,mf dst:1 udp:53 short:0", SG_REASON_NO_PORTS},
	{"an extension header only in the padding", "eth ip6:stranger frag:0,mf dst short:0 pad:24",
	 SG_REASON_NO_PORTS},
	{"an extension header longer than the packet", "eth ip6:stranger dst:9 short:8",
	 SG_REASON_NO_PORTS},
	{"a fragment header cut short", "eth ip6:stranger frag short:7", SG_REASON_NO_PORTS},
	{"denied, and too short to say for what", "eth ip4:denied,mf udp:5060 short:2",
	 SG_REASON_NO_PORTS},

	/* limits */
	{"seventeen headers",
	 "eth ip6:stranger dst dst dst dst dst dst dst dst dst dst dst dst dst "
	 "dst dst dst dst udp:5060",
	 SG_REASON_HEADER_LIMIT},
	{"nine tags", "eth vlan vlan vlan vlan vlan vlan vlan vlan vlan ip4:trusted udp:5060",
	 SG_REASON_VLAN_LIMIT},

	/* what the host rejects too */
	{"IPv4 of version 6", "eth ip4:trusted,ver=6 udp:5060", SG_REASON_MALFORMED},
	{"IPv6 of version 4", "eth ip6:trusted,ver=4,len=8 udp:5060", SG_REASON_MALFORMED},
	{"an IP header of 16 bytes", "eth ip4:trusted,ihl=4 udp:5060", SG_REASON_MALFORMED},
	{"a total length beyond the frame", "eth ip4:trusted,len=29 udp:5060", SG_REASON_MALFORMED},
	{"a total length inside the header", "eth ip4:trusted,len=19 udp:5060",
	 SG_REASON_MALFORMED},
	{"options beyond the total length", "eth ip4:trusted,ihl=6,len=20 udp:5060",
	 SG_REASON_MALFORMED},
	{"a payload length beyond the frame", "eth ip6:trusted,len=9 udp:5060",
	 SG_REASON_MALFORMED},
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

Test(rows, every_frame_gets_its_verdict_and_its_reason)
{
	struct fixture fixture;
	struct sketch sketch;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	for (size_t i = 0; i < ROW_COUNT; i++) {
		struct outcome outcome;

		sketch_draw(rows[i].frame, &sketch);
		outcome = fixture_run(&fixture, sketch.bytes, sketch.size, rows[i].frame);
		cr_expect_eq(outcome.reason, rows[i].reason, "%s (%s): %s instead of %s",
			     rows[i].what, rows[i].frame, reason_name(outcome.reason),
			     reason_name(rows[i].reason));
		cr_expect_eq(outcome.verdict, reason_verdict(rows[i].reason), "%s", rows[i].frame);
	}
	fixture_close(&fixture);
}

/* Without a link layer the frame is what stands behind the Ethernet header. */
Test(rows, every_packet_gets_the_same_without_a_link_layer)
{
	struct fixture fixture;
	struct sketch sketch;

	fixture_open(&fixture, SG_LINK_NONE, SG_MODE_ENFORCE);
	for (size_t i = 0; i < ROW_COUNT; i++) {
		struct outcome outcome;
		size_t size;

		sketch_draw(rows[i].frame, &sketch);
		size = sketch.size - sketch.ip_offset;
		/* The version alone tells what it is, so one that is wrong is another packet. */
		if (!sketch.ip_offset || strstr(rows[i].frame, "ver=") ||
		    strstr(rows[i].frame, "tag:") || rows[i].reason == SG_REASON_VLAN_LIMIT)
			continue;
		outcome = fixture_run(&fixture, sketch.bytes + sketch.ip_offset, size,
				      rows[i].frame);
		cr_expect_eq(outcome.reason, rows[i].reason, "%s (%s): %s instead of %s",
			     rows[i].what, rows[i].frame, reason_name(outcome.reason),
			     reason_name(rows[i].reason));
	}
	sketch_draw("eth type:0806 data:28", &sketch);
	cr_assert_eq(fixture_run(&fixture, sketch.bytes + 14, 28, "neither 4 nor 6").reason,
		     SG_REASON_NOT_IP);
	fixture_close(&fixture);
}

Test(rows, the_reference_agrees_with_every_row)
{
	struct sketch sketch;

	for (size_t i = 0; i < ROW_COUNT; i++) {
		sketch_draw(rows[i].frame, &sketch);
		cr_expect_eq(reference_reason(sketch.bytes, sketch.size, SG_LINK_ETHERNET),
			     rows[i].reason, "%s: %s", rows[i].what, rows[i].frame);
	}
}

Test(rows, monitor_mode_passes_and_counts_what_it_would_drop)
{
	struct fixture fixture;
	struct sketch sketch;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_MONITOR);
	for (size_t i = 0; i < ROW_COUNT; i++) {
		enum sg_verdict expected = reason_verdict(rows[i].reason);
		struct outcome outcome;

		if (expected == SG_VERDICT_DROP)
			expected = SG_VERDICT_WOULD_DROP;
		sketch_draw(rows[i].frame, &sketch);
		outcome = fixture_run(&fixture, sketch.bytes, sketch.size, rows[i].frame);
		cr_expect_eq(outcome.reason, rows[i].reason, "%s", rows[i].frame);
		cr_expect_eq(outcome.verdict, expected, "%s", rows[i].frame);
	}
	fixture_close(&fixture);
}

Test(rows, family_and_protocol_are_counted)
{
	static const struct {
		const char *frame;
		enum sg_family family;
		enum sg_protocol protocol;
	} cases[] = {
		{"eth type:0806 data:28", SG_FAMILY_NONE, SG_PROTOCOL_OTHER},
		{"eth ip4:stranger udp:53", SG_FAMILY_IPV4, SG_PROTOCOL_UDP},
		{"eth ip4:stranger tcp:5060", SG_FAMILY_IPV4, SG_PROTOCOL_TCP},
		{"eth ip6:stranger sctp:5060", SG_FAMILY_IPV6, SG_PROTOCOL_SCTP},
		{"eth ip6:stranger dst udplite:5060", SG_FAMILY_IPV6, SG_PROTOCOL_UDPLITE},
		{"eth ip4:stranger icmp", SG_FAMILY_IPV4, SG_PROTOCOL_OTHER},
		{"eth ip4:stranger,off=8 udp:5060", SG_FAMILY_IPV4, SG_PROTOCOL_OTHER},
	};
	struct fixture fixture;
	struct sketch sketch;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct outcome outcome;

		sketch_draw(cases[i].frame, &sketch);
		outcome = fixture_run(&fixture, sketch.bytes, sketch.size, cases[i].frame);
		cr_expect_eq(outcome.family, cases[i].family, "%s", cases[i].frame);
		cr_expect_eq(outcome.protocol, cases[i].protocol, "%s", cases[i].frame);
	}
	fixture_close(&fixture);
}
