// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/prefix.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "random.h"
#include "sipguard/abi.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void parses_to(const char *text, const char *expected)
{
	char formatted[PREFIX_TEXT_SIZE];
	struct prefix prefix;
	struct error error;

	cr_assert_eq(prefix_parse(text, &prefix, &error), 0, "%s: %s", text, error.message);
	prefix_format(&prefix, formatted);
	cr_assert_str_eq(formatted, expected, "%s became %s", text, formatted);
}

Test(prefix, reads_addresses_and_prefixes)
{
	static const char *const cases[][2] = {
		{"203.0.113.7", "203.0.113.7/32"},
		{"203.0.113.0/24", "203.0.113.0/24"},
		{"0.0.0.0/0", "0.0.0.0/0"},
		{"255.255.255.255/32", "255.255.255.255/32"},
		{"128.0.0.0/1", "128.0.0.0/1"},
		{"2001:db8::", "2001:db8::/128"},
		{"2001:DB8::/32", "2001:db8::/32"},
		{"2001:0db8:0:0:0:0:0:1", "2001:db8::1/128"},
		{"::/0", "::/0"},
		{"::/64", "::/64"},
		{"fe80::/10", "fe80::/10"},
		{"64:ff9b::203.0.113.7", "64:ff9b::cb00:7107/128"},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		parses_to(cases[i][0], cases[i][1]);
}

Test(prefix, refuses_what_is_none_and_leaves_the_output_alone)
{
	static const char *const cases[] = {
		"",
		"/",
		"/24",
		"203.0.113",
		"203.0.113.7.1",
		"203.0.113.256",
		"203.0.113.07",
		"0xcb.0.113.7",
		" 203.0.113.7",
		"203.0.113.7 ",
		"203.0.113.7/",
		"203.0.113.0/024",
		"203.0.113.0/33",
		"203.0.113.0/-1",
		"203.0.113.0/+24",
		"203.0.113.0/24/24",
		"203.0.113.0/4294967320",
		"2001:db8::/129",
		"2001:db8:::1",
		"fe80::1%eth0",
		"[2001:db8::1]",
		"localhost",
		"2001:db8::1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb",
		"\033[31m",
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct prefix prefix = {.length = 77}, before = prefix;
		struct error error;

		cr_assert_lt(prefix_parse(cases[i], &prefix, &error), 0, "%s", cases[i]);
		cr_assert_eq(error.status, EXIT_USAGE);
		cr_assert_null(strchr(error.message, '\033'));
		cr_assert_eq(memcmp(&prefix, &before, sizeof(prefix)), 0, "%s", cases[i]);
	}
}

/* inet_pton() is the judge of every text that begins like a dotted quad. */
Test(prefix, dotted_quads_are_what_the_c_library_takes_for_them)
{
	static const char letters[] = "0123456789..//0125 x:-\n";
	struct random random = {17};
	size_t good = 0;

	for (int i = 0; i < 300000; i++) {
		unsigned char expected[4];
		struct prefix host;
		struct error error;
		char text[PREFIX_TEXT_SIZE];
		bool is_one;

		snprintf(text, sizeof(text), "%u.%u.%u.%u", random_below(&random, 300),
			 random_below(&random, 260), random_below(&random, 12),
			 random_below(&random, 256));
		for (unsigned int flips = random_below(&random, 3); flips; flips--)
			text[random_below(&random, (unsigned int)strlen(text))] =
				letters[random_below(&random, sizeof(letters) - 1)];
		is_one = inet_pton(AF_INET, text, expected) == 1;
		good += is_one;
		if (strchr(text, ':'))
			continue;
		cr_assert_eq(!address_parse(text, &host, &error), is_one, "%s", text);
		if (!is_one)
			continue;
		cr_assert_eq(memcmp(host.address, expected, 4), 0, "%s", text);
		address_format(&host, text);
		inet_pton(AF_INET, text, host.address);
		cr_assert_eq(memcmp(host.address, expected, 4), 0, "%s", text);
	}
	cr_assert_gt(good, 50000);
}

Test(prefix, text_without_a_terminator_ends_where_it_is_told)
{
	struct prefix prefix;
	struct error error;

	cr_assert_eq(prefix_parse_bytes("203.0.113.0/241", 14, &prefix, &error), 0);
	cr_assert_eq(prefix.length, 24);
	cr_assert_eq(prefix_parse_bytes("203.0.113.77", 11, &prefix, &error), 0);
	cr_assert_eq(prefix.address[3], 7);
	cr_assert_lt(prefix_parse_bytes("203.0.113.0/", 12, &prefix, &error), 0);
	cr_assert_lt(prefix_parse_bytes("203.0.113.7\0", 12, &prefix, &error), 0);
	cr_assert_lt(prefix_parse_bytes("2001:db8::\0", 11, &prefix, &error), 0);
}

Test(prefix, host_bits_are_an_error_that_offers_both_readings)
{
	struct prefix prefix;
	struct error error;

	cr_assert_lt(prefix_parse("203.0.113.7/24", &prefix, &error), 0);
	cr_assert_str_eq(error.hint,
			 "the whole network is 203.0.113.0/24, the one host is 203.0.113.7/32");
	cr_assert_lt(prefix_parse("2001:db8::1/32", &prefix, &error), 0);
	cr_assert_str_eq(error.hint,
			 "the whole network is 2001:db8::/32, the one host is 2001:db8::1/128");
}

Test(prefix, an_ipv6_prefix_that_spells_ipv4_is_refused_with_the_ipv4_one)
{
	static const char *const cases[] = {
		"::ffff:203.0.113.7",
		"::ffff:203.0.113.0/120",
		"::203.0.113.7",
		"::1",
	};
	struct prefix prefix;
	struct error error;

	for (size_t i = 0; i < COUNT(cases); i++)
		cr_assert_lt(prefix_parse(cases[i], &prefix, &error), 0, "%s", cases[i]);
	cr_assert_lt(prefix_parse(cases[1], &prefix, &error), 0);
	cr_assert_str_eq(error.hint, "for the IPv4 peer itself: 203.0.113.0/24");
}

Test(prefix, an_address_to_ask_about_may_be_any)
{
	struct prefix host;
	struct error error;

	cr_assert_eq(address_parse("::ffff:203.0.113.7", &host, &error), 0);
	cr_assert(prefix_embeds_ipv4(&host));
	cr_assert_eq(host.length, 128);
	cr_assert_lt(address_parse("203.0.113.0/24", &host, &error), 0);
}

static struct prefix parsed(const char *text)
{
	struct prefix prefix;
	struct error error;

	cr_assert_eq(prefix_parse(text, &prefix, &error), 0, "%s", text);
	return prefix;
}

Test(prefix, covers)
{
	static const struct {
		const char *outer;
		const char *inner;
		bool covers;
	} cases[] = {
		{"0.0.0.0/0", "203.0.113.7", true},
		{"203.0.113.0/24", "203.0.113.255", true},
		{"203.0.113.0/24", "203.0.113.0/24", true},
		{"203.0.113.0/24", "203.0.112.0/23", false},
		{"203.0.113.0/25", "203.0.113.128", false},
		{"2001:db8::/33", "2001:db8:8000::", false},
		{"2001:db8::/33", "2001:db8:7fff::", true},
		{"::/0", "203.0.113.7", false},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct prefix outer = parsed(cases[i].outer), inner = parsed(cases[i].inner);

		cr_assert_eq(prefix_covers(&outer, &inner), cases[i].covers, "%s %s",
			     cases[i].outer, cases[i].inner);
	}
}

Test(prefix, half_the_internet)
{
	static const struct {
		const char *prefix;
		bool half;
	} cases[] = {
		{"0.0.0.0/0", true}, {"128.0.0.0/1", true}, {"192.0.0.0/2", false},
		{"::/0", true},	     {"2000::/3", true},    {"2000::/4", false},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct prefix prefix = parsed(cases[i].prefix);

		cr_assert_eq(prefix_is_half_the_internet(&prefix), cases[i].half, "%s",
			     cases[i].prefix);
	}
}

static struct prefix random_prefix(struct random *random)
{
	struct prefix prefix = {.family = SG_FAMILY_IPV4 + random_below(random, 2)};
	size_t size = prefix.family == SG_FAMILY_IPV4 ? 4 : 16;

	for (size_t i = 0; i < size; i++)
		prefix.address[i] = (uint8_t)random_next(random);
	prefix.length = (uint8_t)random_below(random, prefix_host_length(prefix.family) + 1U);
	prefix_truncate(&prefix);
	return prefix;
}

Test(prefix, what_is_formatted_is_read_back)
{
	struct random random = {1};

	for (int i = 0; i < 20000; i++) {
		struct prefix prefix = random_prefix(&random), again;
		char text[PREFIX_TEXT_SIZE];
		struct error error;

		if (prefix.length >= 96 && prefix_embeds_ipv4(&prefix))
			continue;
		prefix_format(&prefix, text);
		cr_assert_eq(prefix_parse(text, &again, &error), 0, "%s", text);
		cr_assert_eq(prefix_compare(&prefix, &again), 0, "%s", text);
	}
}

Test(prefix, the_order_is_total_and_puts_a_prefix_before_what_it_covers)
{
	struct random random = {2};

	for (int i = 0; i < 20000; i++) {
		struct prefix left = random_prefix(&random), right = random_prefix(&random);

		cr_assert_eq(prefix_compare(&left, &right) < 0, prefix_compare(&right, &left) > 0);
		right = left;
		right.length = (uint8_t)random_below(&random, left.length + 1U);
		prefix_truncate(&right);
		cr_assert(prefix_covers(&right, &left));
		cr_assert_leq(prefix_compare(&right, &left), 0);
	}
}
