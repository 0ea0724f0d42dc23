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

/* A response as it came in on a port of 192.0.2.1. */
static bool is_reply(const char *message, uint16_t port, enum sip_method *method)
{
	struct sighting sighting = sighting_of("203.0.113.7", message);

	sighting.destination = host("192.0.2.1");
	sighting.port = port;
	return sighting_is_reply(&sighting, method);
}

#define RESPONSE(via) \
	"SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP " via "\r\nCSeq: 1 REGISTER\r\n\r\n"

Test(sighting, an_answer_to_our_own_request_is_known_by_its_via)
{
	static const struct {
		const char *message;
		uint16_t port;
	} replies[] = {
		{RESPONSE("192.0.2.1:5060;branch=1"), 5060},
		{RESPONSE("192.0.2.1;branch=1"), 5060},
		{RESPONSE("192.0.2.1:5080;branch=1"), 5080},
		{RESPONSE("198.51.100.9:5060;received=192.0.2.1;branch=1"), 5060},
		{RESPONSE("192.0.2.1:40000;rport=5060;branch=1"), 5060},
		{RESPONSE("192.0.2.1:5060") "SIP", 5060},
	};
	static const struct {
		const char *message;
		uint16_t port;
	} others[] = {
		{RESPONSE("192.0.2.1:5060;branch=1"), 5061},
		{RESPONSE("192.0.2.10:5060;branch=1"), 5060},
		{RESPONSE("pbx.example.com;branch=1"), 5060},
		{RESPONSE("192.0.2.9, SIP/2.0/UDP 192.0.2.1:5060"), 5060},
		{"REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1\r\n\r\n", 5060},
		{"SIP/2.0 200 OK\r\n\r\n", 5060},
		{"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1", 5060},
	};
	enum sip_method method = SIP_METHOD_COUNT;

	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		cr_assert(is_reply(replies[i].message, replies[i].port, &method), "%s",
			  replies[i].message);
		cr_assert_eq(method, SIP_METHOD_REGISTER);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		cr_assert_not(is_reply(others[i].message, others[i].port, &method), "%s",
			      others[i].message);
	/* Of a packet whose destination is not known nothing can be said. */
	cr_assert_not(sighting_is_reply(&(struct sighting){.sip.kind = SIP_RESPONSE}, &method));
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
