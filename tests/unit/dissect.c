// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet/dissect.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "packet/frame.h"
#include "packet/sketch.h"
#include "random.h"

static void dissect_sketch(const char *words, struct sketch *sketch, struct dissection *dissection)
{
	sketch_draw(words, sketch);
	dissect(sketch->bytes, sketch->size, sketch->ip_offset ? SG_LINK_ETHERNET : SG_LINK_NONE,
		dissection);
}

Test(dissect, the_frames_that_test_sends)
{
	struct frame_request request = {.protocol = SG_PROTOCOL_UDP, .destination_port = 5061};
	uint8_t frame[FRAME_SIZE_MAX];
	struct dissection dissection;
	struct error error;
	size_t size;

	cr_assert_eq(address_parse("203.0.113.7", &request.source, &error), 0);
	request.vlan_tags = 2;
	size = frame_build(&request, frame);
	dissect(frame, size, SG_LINK_ETHERNET, &dissection);
	cr_assert_eq(prefix_compare(&dissection.source, &request.source), 0);
	cr_assert_eq(dissection.destination.family, SG_FAMILY_IPV4);
	cr_assert_eq(dissection.protocol, SG_PROTOCOL_UDP);
	cr_assert_eq(dissection.destination_port, 5061);
	cr_assert_eq(dissection.payload_length, strlen("OPTIONS sip:guard SIP/2.0\r\n\r\n"));
	cr_assert_eq(strncmp(dissection.payload, "OPTIONS sip:guard", 17), 0);
}

static const struct {
	const char *sketch;
	uint8_t family;
	uint8_t protocol;
	uint16_t port;
	size_t payload_length; /* 0: none is seen */
} cases[] = {
	{"eth ip4:stranger udp:5060 data:20", SG_FAMILY_IPV4, SG_PROTOCOL_UDP, 5060, 20},
	{"eth ip4:stranger,ihl=15 udp:5060 data:20", SG_FAMILY_IPV4, SG_PROTOCOL_UDP, 5060, 20},
	{"eth ip4:stranger udp:5060 data:20 pad:9", SG_FAMILY_IPV4, SG_PROTOCOL_UDP, 5060, 20},
	{"eth ip4:stranger udp:5060", SG_FAMILY_IPV4, SG_PROTOCOL_UDP, 5060, 0},
	{"eth vlan qinq vlan ip6:stranger udplite:5061 data:8", SG_FAMILY_IPV6, SG_PROTOCOL_UDPLITE,
	 5061, 8},
	{"eth ip6:stranger hbh:2 route dst:1 frag:0,mf ah:4 tcp:5060 data:7", SG_FAMILY_IPV6,
	 SG_PROTOCOL_TCP, 5060, 7},
	{"ip4:stranger tcp:5060 data:5", SG_FAMILY_IPV4, SG_PROTOCOL_TCP, 5060, 5},
	{"ip6:stranger udp:5060 data:5", SG_FAMILY_IPV6, SG_PROTOCOL_UDP, 5060, 5},
	{"eth ip6:stranger,len=0 udp:5060 data:5", SG_FAMILY_IPV6, SG_PROTOCOL_UDP, 5060, 5},
	{"eth ip4:stranger,mf udp:5060 data:16", SG_FAMILY_IPV4, SG_PROTOCOL_UDP, 5060, 16},
	{"eth ip4:stranger,off=8 udp:5060 data:16", SG_FAMILY_IPV4, SG_PROTOCOL_OTHER, 0, 0},
	{"eth ip6:stranger frag:8 udp:5060 data:16", SG_FAMILY_IPV6, SG_PROTOCOL_OTHER, 0, 0},
	{"eth ip4:stranger sctp:5060", SG_FAMILY_IPV4, SG_PROTOCOL_SCTP, 5060, 0},
	{"eth ip4:stranger udp:5060 short:5", SG_FAMILY_IPV4, SG_PROTOCOL_UDP, 5060, 0},
	{"eth ip4:stranger udp:5060 short:3 pad:9", SG_FAMILY_IPV4, SG_PROTOCOL_UDP, 0, 0},
	{"eth ip4:stranger,len=9 udp:5060 data:16", SG_FAMILY_IPV4, SG_PROTOCOL_OTHER, 0, 0},
	{"eth ip6:stranger hip udp:5060", SG_FAMILY_IPV6, SG_PROTOCOL_OTHER, 0, 0},
	{"eth ip4:stranger icmp", SG_FAMILY_IPV4, SG_PROTOCOL_OTHER, 0, 0},
	{"eth type:0806", SG_FAMILY_NONE, SG_PROTOCOL_OTHER, 0, 0},
};

Test(dissect, finds_what_the_headers_show)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dissection dissection;
		struct sketch sketch;

		dissect_sketch(cases[i].sketch, &sketch, &dissection);
		cr_assert_eq(dissection.source.family, cases[i].family, "%s", cases[i].sketch);
		cr_assert_eq(dissection.destination.family, cases[i].family);
		cr_assert_eq(dissection.protocol, cases[i].protocol, "%s", cases[i].sketch);
		cr_assert_eq(dissection.destination_port, cases[i].port, "%s: %u", cases[i].sketch,
			     dissection.destination_port);
		cr_assert_eq(dissection.payload_length, cases[i].payload_length, "%s: %zu",
			     cases[i].sketch, dissection.payload_length);
		cr_assert_eq(dissection.payload == NULL, !cases[i].payload_length);
	}
}

Test(dissect, the_length_of_udp_bounds_its_payload)
{
	struct dissection dissection;
	struct sketch sketch;

	sketch_draw("eth ip4:stranger udp:5060 data:20", &sketch);
	sketch.bytes[14 + 20 + 4] = 0;
	sketch.bytes[14 + 20 + 5] = 8 + 11;
	dissect(sketch.bytes, sketch.size, SG_LINK_ETHERNET, &dissection);
	cr_assert_eq(dissection.payload_length, 11);
}

/* From the heap, so that the sanitizer sees a step too far. */
static void dissect_exactly(const uint8_t *bytes, size_t size, struct dissection *dissection)
{
	uint8_t *copy = malloc(size ? size : 1);

	memcpy(copy, bytes, size);
	dissect(copy, size, size % 3 ? SG_LINK_ETHERNET : SG_LINK_NONE, dissection);
	if (dissection->payload)
		cr_assert_eq((const uint8_t *)dissection->payload + dissection->payload_length <=
				     copy + size,
			     true);
	free(copy);
}

Test(dissect, cut_or_mutated_it_stays_inside)
{
	struct random random = {9};
	unsigned int seen = 0;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sketch sketch;

		sketch_draw(cases[i].sketch, &sketch);
		for (unsigned int turn = 0; turn < 2000; turn++) {
			size_t size = random_below(&random, (unsigned int)sketch.size + 1);
			uint8_t *flipped = &sketch.bytes[random_below(&random, 60)];
			uint8_t before = *flipped;
			struct dissection dissection;

			*flipped = (uint8_t)random_next(&random);
			dissect_exactly(sketch.bytes, size, &dissection);
			seen += dissection.payload != NULL;
			*flipped = before;
		}
	}
	cr_assert_gt(seen, 1000);
}
