// SPDX-License-Identifier: GPL-2.0-or-later
#include "exporter/endpoint.h"

#include <criterion/criterion.h>
#include <string.h>

Test(endpoint, is_written_as_it_is_read)
{
	static const char *const texts[] = {
		"127.0.0.1:10506", "0.0.0.0:1", "[::1]:10506", "[::]:65535", "[2001:db8::7]:0",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char text[ENDPOINT_TEXT_SIZE];
		struct endpoint endpoint;
		struct error error;

		cr_assert_eq(endpoint_parse(texts[i], &endpoint, &error), 0, "%s", texts[i]);
		endpoint_format(&endpoint, text);
		cr_assert_str_eq(text, texts[i]);
	}
}

Test(endpoint, anything_else_is_refused_with_an_example)
{
	static const char *const texts[] = {
		"",
		":",
		":10506",
		"10506",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1:65536",
		"127.0.0.1:-1",
		"127.0.0.1:+1",
		"127.0.0.1: 1",
		"127.0.0.1:000001",
		"localhost:10506",
		"::1:10506",
		"[::1]",
		"[::1:10506",
		"[127.0.0.1]:10506",
		"[]:10506",
		"[1234:1234:1234:1234:1234:1234:1234:1234:1234:1234:1234:1234:1234:1234]:10506",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct endpoint endpoint;
		struct error error;

		cr_assert_lt(endpoint_parse(texts[i], &endpoint, &error), 0, "%s", texts[i]);
		cr_assert_eq(error.status, EXIT_USAGE);
		cr_assert_not_null(strstr(error.hint, "10506"));
	}
}
