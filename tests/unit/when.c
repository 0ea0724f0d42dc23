// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/when.h"

#include <criterion/criterion.h>

#include "random.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

Test(duration, reads_units_from_large_to_small)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} cases[] = {
		{"1s", 1},
		{"90s", 90},
		{"5m", 300},
		{"1h30m", 5400},
		{"2d", 172800},
		{"1w", 604800},
		{"1w1d1h1m1s", 694861},
		{"0h1s", 1},
	};
	struct error error;

	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t seconds;

		cr_assert_eq(duration_parse(cases[i].text, &seconds, &error), 0, "%s",
			     cases[i].text);
		cr_assert_eq(seconds, cases[i].seconds, "%s", cases[i].text);
	}
}

Test(duration, refuses_what_is_none)
{
	static const char *const cases[] = {
		"",
		"0",
		"0s",
		"5",
		"s",
		"5x",
		"5 m",
		"-5m",
		"+5m",
		"1.5h",
		"5m5m",
		"1m1h",
		"5M",
		"9223372036854775807w",
		"99999999999999999999s",
	};
	struct error error;

	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t seconds = -7;

		cr_assert_lt(duration_parse(cases[i], &seconds, &error), 0, "%s", cases[i]);
		cr_assert_eq(seconds, -7);
	}
}

Test(duration, is_written_in_its_two_largest_units)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} cases[] = {
		{-5, "0s"},
		{0, "0s"},
		{59, "59s"},
		{60, "1m"},
		{3661, "1h 1m"},
		{3605, "1h"},
		{86400 * 6, "6d"},
		{86400 * 8, "1w 1d"},
		{86400LL * 7 * 104, "104w"},
		{31557600LL * 2, "2 years"},
		{86400LL * (3813 * 7 + 4), "73 years"},
		{INT64_MAX, "292271023045 years"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[WHEN_TEXT_SIZE];

		duration_format(cases[i].seconds, text);
		cr_assert_str_eq(text, cases[i].text);
	}
}

Test(time, reads_rfc_3339_with_a_zone)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} cases[] = {
		{"2027-01-31T18:00Z", 1801418400},	{"2027-01-31T18:00:30Z", 1801418430},
		{"2027-01-31T19:00+01:00", 1801418400}, {"2027-01-31T12:30-05:30", 1801418400},
		{"2028-02-29T00:00Z", 1835395200},
	};
	struct error error;

	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t seconds;

		cr_assert_eq(time_parse(cases[i].text, &seconds, &error), 0, "%s", cases[i].text);
		cr_assert_eq(seconds, cases[i].seconds, "%s", cases[i].text);
	}
}

Test(time, refuses_dates_that_do_not_exist_and_times_without_a_zone)
{
	static const char *const cases[] = {
		"",
		"2027-01-31",
		"2027-01-31T18:00",
		"2027-01-31 18:00Z",
		"2027-02-29T00:00Z",
		"2027-04-31T00:00Z",
		"2027-13-01T00:00Z",
		"2027-00-01T00:00Z",
		"2027-01-00T00:00Z",
		"2027-01-31T24:00Z",
		"2027-01-31T18:60Z",
		"2027-01-31T18:00:60Z",
		"2027-1-31T18:00Z",
		"2027-01-31T18:00Zx",
		"2027-01-31T18:00+24:00",
		"2027-01-31T18:00+0100",
		"1969-12-31T00:00Z",
	};
	struct error error;

	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t seconds = -7;

		cr_assert_lt(time_parse(cases[i], &seconds, &error), 0, "%s", cases[i]);
		cr_assert_eq(seconds, -7);
	}
}

Test(time, what_is_written_is_read_back)
{
	struct random random = {7};

	for (int i = 0; i < 20000; i++) {
		int64_t seconds = 1 + random_below(&random, 4000000000U), again;
		char text[WHEN_TEXT_SIZE];
		struct error error;

		time_format(seconds, text);
		cr_assert_eq(time_parse(text, &again, &error), 0, "%s", text);
		cr_assert_eq(again, seconds, "%s", text);
	}
}

Test(time, full_ones_have_seconds_that_are_0)
{
	char text[WHEN_TEXT_SIZE];

	time_format_full(1801418400, text);
	cr_assert_str_eq(text, "2027-01-31T18:00:00Z");
	time_format_full(1801418405, text);
	cr_assert_str_eq(text, "2027-01-31T18:00:05Z");
}

Test(time, exact_ones_have_milliseconds)
{
	char text[WHEN_TEXT_SIZE];

	time_format_exact(1801418405250999999, text);
	cr_assert_str_eq(text, "2027-01-31T18:00:05.250Z");
	time_format_exact(0, text);
	cr_assert_str_eq(text, "1970-01-01T00:00:00.000Z");
	time_format_exact(-1, text);
	cr_assert_str_eq(text, "never");
}
