// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet/frame.h"

#include <criterion/criterion.h>
#include <string.h>

static struct frame_request request_from(const char *source)
{
	struct frame_request request = {.protocol = SG_PROTOCOL_UDP, .destination_port = 5060};
	struct error error;

	cr_assert_eq(address_parse(source, &request.source, &error), 0);
	return request;
}

Test(frame, ipv4_over_ethernet_has_its_lengths_and_ports)
{
	struct frame_request request = request_from("203.0.113.7");
	uint8_t frame[FRAME_SIZE_MAX];
	size_t size = frame_build(&request, frame);

	cr_assert_eq(frame[12] << 8 | frame[13], 0x0800);
	cr_assert_eq(frame[14], 0x45);
	cr_assert_eq((size_t)(frame[16] << 8 | frame[17]), size - 14);
	cr_assert_eq(frame[23], 17);
	cr_assert_eq(memcmp(frame + 26, "\xcb\x00\x71\x07", 4), 0);
	cr_assert_eq(frame[36] << 8 | frame[37], 5060);
}

Test(frame, ipv6_without_a_link_layer_begins_with_its_version)
{
	struct frame_request request = request_from("2001:db8::7");
	uint8_t frame[FRAME_SIZE_MAX];
	size_t size;

	request.link_layer = SG_LINK_NONE;
	request.protocol = SG_PROTOCOL_SCTP;
	size = frame_build(&request, frame);
	cr_assert_eq(frame[0] >> 4, 6);
	cr_assert_eq((size_t)(frame[4] << 8 | frame[5]), size - 40);
	cr_assert_eq(frame[6], 132);
}

Test(frame, tags_stand_before_the_ethertype_and_their_number_is_bounded)
{
	struct frame_request request = request_from("203.0.113.7");
	uint8_t frame[FRAME_SIZE_MAX];

	request.vlan_tags = 2;
	request.vlan = 100;
	frame_build(&request, frame);
	cr_assert_eq(memcmp(frame + 12, "\x81\x00\x00\x64\x81\x00\x00\x64\x08\x00\x45", 11), 0);
	request.vlan_tags = 1000000;
	cr_assert_leq(frame_build(&request, frame), FRAME_SIZE_MAX);
}
