// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic/sighting.h"

#include <criterion/criterion.h>
#include <string.h>

#include "packet/frame.h"
#include "unit/sightings.h"

Test(sighting, reads_a_frame)
{
	struct frame_request request = {.source = host("203.0.113.7"),
					.protocol = SG_PROTOCOL_UDP,
					.destination_port = 5060};
	struct sighting sighting = {.reason = SG_REASON_NOT_ALLOWED};
	char method[SIGHTING_METHOD_MAX];
	uint8_t frame[FRAME_SIZE_MAX];

	sighting_read(&sighting, frame, frame_build(&request, frame), SG_LINK_ETHERNET);
	cr_assert_eq(prefix_compare(&sighting.source, &request.source), 0);
	cr_assert_eq(sighting.source_port, 5060);
	cr_assert_eq(sighting_method(&sighting, method), 7);
	cr_assert_eq(memcmp(method, "OPTIONS", 7), 0);
	cr_assert(sighting_is_allowable(&sighting));
}

Test(sighting, what_the_device_told_of_the_source_stays)
{
	struct sighting sighting = {.source = host("192.0.2.9")};

	sighting_read(&sighting, (const uint8_t *)"", 0, SG_LINK_ETHERNET);
	cr_assert_eq(sighting.source.address[3], 9);
	cr_assert_eq(sighting.sip.kind, SIP_NONE);
	cr_assert_null(sighting_agent(&sighting)->bytes);
}

Test(sighting, only_what_an_entry_can_change_is_allowable)
{
	struct sighting sighting = sighting_of("::ffff:192.0.2.1", scan);

	cr_assert_not(sighting_is_allowable(&sighting));
	sighting = sighting_of("2001:db8::1", scan);
	cr_assert(sighting_is_allowable(&sighting));
	sighting.reason = SG_REASON_VLAN_LIMIT;
	cr_assert_not(sighting_is_allowable(&sighting));
	sighting.reason = SG_REASON_MALFORMED;
	cr_assert_not(sighting_is_allowable(&sighting));
	cr_assert_not(sighting_is_allowable(&(struct sighting){}));
}

Test(sighting, a_response_has_a_method_too)
{
	struct sighting sighting = sighting_of("192.0.2.1", reply);
	char method[SIGHTING_METHOD_MAX];

	cr_assert_eq(sighting_method(&sighting, method), 11);
	cr_assert_eq(memcmp(method, "SIP/2.0 404", 11), 0);
	cr_assert_eq(sighting_agent(&sighting)->length, 5);
}

Test(sighting, what_is_shown_is_harmless_and_says_that_it_is_cut)
{
	static const struct {
		const char *bytes;
		bool cut;
		size_t size;
		const char *shown;
	} cases[] = {
		{"plain", false, 64, "plain"},
		{"a\r\n b\033[2J", false, 64, "a b\\x1b[2J"},
		{"friendly-sc", true, 64, "friendly-sc..."},
		{"exactly", false, 8, "exactly"},
		{"too long", false, 8, "too ..."},
		{"\001\002\003\004", false, 8, "\\x01..."},
		{"", false, 4, ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sip_text text = {cases[i].bytes, strlen(cases[i].bytes), cases[i].cut};
		char shown[64];

		sighting_show(&text, shown, cases[i].size);
		cr_assert_str_eq(shown, cases[i].shown);
	}
}
