// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices of IPsec, whose frames begin with an Ethernet header or with the IP header. */
#include <criterion/criterion.h>
#include <string.h>

#include "packet/fixture.h"
#include "packet/reference.h"
#include "policy/names.h"

#define ETHERNET_SIZE 14

static const char *const frames[] = {
	"eth ip4:trusted udp:5060 data:400",  "eth ip6:trusted tcp:5061",
	"eth ip4:stranger udp:5060 data:30",  "eth ip6:stranger hbh dst frag udp:5060",
	"eth ip4:denied udp:5060 data:30",    "eth ip4:stranger,mf udp:5060 short:2",
	"eth ip4:stranger,off=1480 udp:5060", "eth ip4:stranger tcp:443 data:30",
	"eth ip4:trusted,len=19 udp:5060",    "eth ip6:trusted,len=9 udp:5060",
};

Test(either, a_frame_gets_the_same_with_and_without_its_ethernet_header)
{
	struct fixture fixture;
	struct sketch sketch;

	fixture_open(&fixture, SG_LINK_EITHER, SG_MODE_ENFORCE);
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		enum sg_reason expected;

		sketch_draw(frames[i], &sketch);
		expected = reference_reason(sketch.bytes, sketch.size, SG_LINK_ETHERNET);
		cr_expect_eq(fixture_run(&fixture, sketch.bytes, sketch.size, frames[i]).reason,
			     expected, "%s", frames[i]);
		cr_expect_eq(fixture_run(&fixture, sketch.bytes + ETHERNET_SIZE,
					 sketch.size - ETHERNET_SIZE, frames[i])
				     .reason,
			     expected, "%s, without its first header", frames[i]);
	}
	fixture_close(&fixture);
}

Test(either, what_is_neither_passes)
{
	struct fixture fixture;
	struct sketch sketch;

	fixture_open(&fixture, SG_LINK_EITHER, SG_MODE_ENFORCE);
	sketch_draw("eth type:0806 data:28", &sketch);
	cr_expect_eq(fixture_run(&fixture, sketch.bytes, sketch.size, "ARP").reason,
		     SG_REASON_NOT_IP);
	fixture_close(&fixture);
}

/*
 * A source whose middle spells an Ethernet header's end and an IPv6 header of no payload: read as
 * Ethernet, the frame is for no port at all.
 */
Test(either, a_source_cannot_pass_for_an_ethernet_header)
{
	static const uint8_t forged[16] = {0x20, 0x01, 0x0d, 0xb9, 0x86, 0xdd, 0x60, 0x00,
					   0x00, 0x00, 0x00, 0x01, 59,	 64,   0x00, 0x01};
	struct fixture fixture;
	struct sketch sketch;
	uint8_t *bare;
	size_t size;

	sketch_draw("eth ip6:stranger udp:5060 data:100", &sketch);
	bare = sketch.bytes + ETHERNET_SIZE;
	size = sketch.size - ETHERNET_SIZE;
	memcpy(bare + 8, forged, sizeof(forged));

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	cr_expect_eq(fixture_run(&fixture, bare, size, "read as Ethernet").reason,
		     SG_REASON_OTHER_PORT);
	fixture_close(&fixture);
	fixture_open(&fixture, SG_LINK_EITHER, SG_MODE_ENFORCE);
	cr_expect_eq(fixture_run(&fixture, bare, size, "read as either").reason,
		     SG_REASON_NOT_ALLOWED);
	fixture_close(&fixture);
}

/* Hardware addresses that begin like an IP header, which a network card may well have. */
Test(either, a_hardware_address_does_not_pass_for_an_ip_header)
{
	static const uint8_t addresses[][12] = {
		{0x4c, 0x5e, 0x00, 0x40, 0x00, 0x01, 0x4c, 0x5e, 0x00, 0x11, 0x00, 0x02},
		{0x60, 0xa4, 0x4c, 0x00, 0x00, 0x20, 0x11, 0x5e, 0x00, 0x11, 0x00, 0x02},
	};
	struct fixture fixture;
	struct sketch sketch;

	fixture_open(&fixture, SG_LINK_EITHER, SG_MODE_ENFORCE);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		sketch_draw("eth ip4:trusted udp:5060 data:100", &sketch);
		memcpy(sketch.bytes, addresses[i], sizeof(addresses[i]));
		cr_expect_eq(fixture_run(&fixture, sketch.bytes, sketch.size, "trusted").reason,
			     SG_REASON_ALLOWED, "address %zu", i);
		sketch_draw("eth ip4:stranger udp:5060 data:100", &sketch);
		memcpy(sketch.bytes, addresses[i], sizeof(addresses[i]));
		cr_expect_eq(fixture_run(&fixture, sketch.bytes, sketch.size, "stranger").reason,
			     SG_REASON_NOT_ALLOWED, "address %zu", i);
	}
	fixture_close(&fixture);
}
