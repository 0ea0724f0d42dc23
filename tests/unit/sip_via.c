// SPDX-License-Identifier: GPL-2.0-or-later
#include "sip/via.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

static struct sip_text text_of(const char *string, bool cut)
{
	return (struct sip_text){string, strlen(string), cut};
}

static bool is(const struct sip_text *text, const char *wanted)
{
	return text->length == strlen(wanted) &&
	       (!text->length || !memcmp(text->bytes, wanted, text->length));
}

Test(sip_via, says_where_a_request_came_from)
{
	static const struct {
		const char *header;
		const char *host;
		uint16_t port;
		const char *received; /* empty: not told */
		uint16_t rport;
	} cases[] = {
		{"SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1", "192.0.2.1", 5060, "", 0},
		{"SIP/2.0/UDP 192.0.2.1", "192.0.2.1", 0, "", 0},
		{"SIP/2.0/UDP pbx.example.com;rport=5062;received=203.0.113.7", "pbx.example.com",
		 0, "203.0.113.7", 5062},
		{"SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1 ;branch=z9",
		 "first.example.com", 4000, "", 0},
		{"SIP/2.0/UDP [2001:db8::1]:5060;RPort=1;Received=[2001:db8::2]", "2001:db8::1",
		 5060, "2001:db8::2", 1},
		{"SIP/2.0/UDP [2001:db8::1];received=2001:db8::2", "2001:db8::1", 0, "2001:db8::2",
		 0},
		{"SIP/2.0/TCP 192.0.2.1;rport;branch=1, SIP/2.0/UDP 192.0.2.2;received=192.0.2.3",
		 "192.0.2.1", 0, "", 0},
		{"SIP/2.0/UDP\r\n 192.0.2.1 :5060\r\n ;branch=1", "192.0.2.1", 5060, "", 0},
		{"SIP/2.0/UDP 192.0.2.1;rport=70000", "192.0.2.1", 0, "", 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sip_text header = text_of(cases[i].header, false);
		struct sip_via via;

		cr_assert(sip_via_read(&header, &via), "%s", cases[i].header);
		cr_assert(is(&via.host, cases[i].host), "%s", cases[i].header);
		cr_assert_eq(via.port, cases[i].port, "%s", cases[i].header);
		cr_assert(is(&via.received, cases[i].received), "%s", cases[i].header);
		cr_assert_eq(via.rport, cases[i].rport, "%s", cases[i].header);
	}
}

Test(sip_via, what_is_none_says_nothing)
{
	static const char *const headers[] = {
		"",
		"SIP/2.0",
		"SIP/2.0/UDP",
		"SIP/2.0/UDP ",
		"SIP/2.0/UDP ;branch=1",
		"SIP/2.0/UDP :5060",
		"SIP/2.0/UDP []",
		"SIP/2.0/UDP [2001:db8::1",
		"SIP/2.0/UDP 192.0.2.1:x",
		"SIP/2.0/UDP 192.0.2.1:99999",
		"192.0.2.1:5060",
	};
	struct sip_text cut = text_of("SIP/2.0/UDP 192.0.2.1", true), none = {};
	struct sip_via via;

	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		struct sip_text header = text_of(headers[i], false);

		cr_assert_not(sip_via_read(&header, &via), "%s", headers[i]);
		cr_assert_null(via.host.bytes);
	}
	/* It may go on: 192.0.2.10. */
	cr_assert_not(sip_via_read(&cut, &via));
	cut = text_of("SIP/2.0/UDP 192.0.2.1:5060", true);
	cr_assert_not(sip_via_read(&cut, &via));
	cut = text_of("SIP/2.0/UDP 192.0.2.1;branch=z9hG", true);
	cr_assert(sip_via_read(&cut, &via));
	cr_assert_not(sip_via_read(&none, &via));
}

Test(sip_via, the_method_of_a_cseq)
{
	struct sip_text cseq = text_of("102 REGISTER", false), method = sip_cseq_method(&cseq);

	cr_assert(is(&method, "REGISTER"));
	cseq = text_of("102 \r\n OPTIONS", true);
	method = sip_cseq_method(&cseq);
	cr_assert(is(&method, "OPTIONS"));
	cr_assert(method.cut);
	cseq = text_of("102", false);
	cr_assert_null(sip_cseq_method(&cseq).bytes);
	cseq = (struct sip_text){};
	cr_assert_null(sip_cseq_method(&cseq).bytes);
}

/* On memory of exactly this size, so that the sanitizer sees a read beyond it. */
Test(sip_via, nothing_is_read_beyond_the_end)
{
	static const char header[] = "SIP/2.0/UDP [2001:db8::1]:5060;received=[::1];rport=5,x";
	struct random random = {71};

	for (int i = 0; i < 20000; i++) {
		size_t size = random_below(&random, sizeof(header));
		char *bytes = malloc(size + !size);
		struct sip_text text = {bytes, size, false};
		struct sip_via via;

		memcpy(bytes, header, size);
		for (unsigned int j = 0; size && j < random_below(&random, 4); j++)
			bytes[random_below(&random, (uint32_t)size)] = (char)random_next(&random);
		if (sip_via_read(&text, &via))
			cr_assert_leq((size_t)(via.host.bytes - bytes) + via.host.length, size);
		sip_cseq_method(&text);
		free(bytes);
	}
}
