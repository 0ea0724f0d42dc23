// SPDX-License-Identifier: GPL-2.0-or-later
#include "exporter/negotiate.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

/* What Prometheus 2.42 and 3.0 send. */
#define PROMETHEUS_2 \
	"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75," \
	"text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
#define PROMETHEUS_3 \
	"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5," \
	"application/openmetrics-text;version=0.0.1;q=0.4," \
	"text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"

Test(negotiate, format)
{
	static const struct {
		const char *accept;
		enum exposition_format format;
	} cases[] = {
		{NULL, EXPOSITION_TEXT},
		{"", EXPOSITION_TEXT},
		{"*/*", EXPOSITION_TEXT},
		{"text/html,application/xhtml+xml,*/*;q=0.8", EXPOSITION_TEXT},
		{"image/png", EXPOSITION_TEXT},
		{"text/plain", EXPOSITION_TEXT},
		{PROMETHEUS_2, EXPOSITION_OPENMETRICS},
		{PROMETHEUS_3, EXPOSITION_OPENMETRICS},
		{"application/openmetrics-text", EXPOSITION_OPENMETRICS},
		{"Application/OpenMetrics-Text ; Version=1.0.0", EXPOSITION_OPENMETRICS},
		{"application/openmetrics-text;version=0.0.1", EXPOSITION_TEXT},
		{"application/openmetrics-text;version=2.0.0, text/plain", EXPOSITION_TEXT},
		{"application/openmetrics-text;q=0", EXPOSITION_TEXT},
		{"application/openmetrics-text;q=0.000", EXPOSITION_TEXT},
		{"application/openmetrics-text;q=0.3, text/plain;q=0.4", EXPOSITION_TEXT},
		{"text/plain;q=0.3,application/openmetrics-text;q=0.301", EXPOSITION_OPENMETRICS},
		{"application/openmetrics-textual", EXPOSITION_TEXT},
		{",;,q=,;version=", EXPOSITION_TEXT},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_assert_eq(negotiate_format(cases[i].accept), cases[i].format, "%s",
			     cases[i].accept);
}

Test(negotiate, gzip)
{
	static const struct {
		const char *accept;
		bool gzip;
	} cases[] = {
		{NULL, false},		 {"", false},
		{"gzip", true},		 {"deflate, GZip;q=0.5", true},
		{"br, x-gzip", true},	 {"gzip;q=0", false},
		{"gzip ; q=0.0", false}, {"*", true},
		{"*;q=0", false},	 {"*, gzip;q=0", false},
		{"identity", false},	 {"gzipped", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_assert_eq(negotiate_gzip(cases[i].accept), cases[i].gzip, "%s", cases[i].accept);
}

/* On the heap and as long as the text, so that the sanitizer sees a step too far. */
Test(negotiate, hostile_headers_do_no_harm)
{
	static const char alphabet[] = ",;= \tq=0.19version=*/gzip";
	struct random random = {9};

	for (int i = 0; i < 20000; i++) {
		size_t length = random_below(&random, 40);
		char *text = malloc(length + 1);

		for (size_t at = 0; at < length; at++)
			text[at] = random_below(&random, 9)
					   ? alphabet[random_below(&random, sizeof(alphabet) - 1)]
					   : (char)(1 + random_below(&random, 255));
		text[length] = '\0';
		negotiate_format(text);
		negotiate_gzip(text);
		free(text);
	}
}
