// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/formats/address.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "random.h"

static void becomes(const char *text, const char *wanted)
{
	struct source_list list = {};
	struct error error;
	char all[512] = "";
	size_t length = 0;

	cr_assert_eq(address_add(text, &(struct source){}, &list, &error), 0, "%s: %s", text,
		     error.message);
	for (size_t i = 0; i < list.count; i++) {
		char prefix[PREFIX_TEXT_SIZE];

		prefix_format(&list.sources[i].prefix, prefix);
		length += (size_t)snprintf(all + length, sizeof(all) - length, "%s%s", i ? " " : "",
					   prefix);
	}
	cr_assert_str_eq(all, wanted, "%s: %s", text, all);
	source_list_clear(&list);
}

Test(address, is_read_as_firewalls_write_it)
{
	becomes("203.0.113.7", "203.0.113.7/32");
	becomes("203.0.113.7/24", "203.0.113.0/24");
	becomes("203.0.113.0/255.255.255.0", "203.0.113.0/24");
	becomes("0/0", "0.0.0.0/0");
	becomes("2001:db8::1/ffff:ffff::", "2001:db8::/32");
	becomes("::/0", "::/0");
}

Test(address, a_range_becomes_the_least_prefixes)
{
	becomes("10.0.0.0-10.0.0.255", "10.0.0.0/24");
	becomes("10.0.0.1-10.0.0.1", "10.0.0.1/32");
	becomes("10.0.0.1-10.0.0.6", "10.0.0.1/32 10.0.0.2/31 10.0.0.4/31 10.0.0.6/32");
	becomes("0.0.0.0-255.255.255.255", "0.0.0.0/0");
	becomes("255.255.255.254-255.255.255.255", "255.255.255.254/31");
	becomes("2001:db8::-2001:db8::ffff", "2001:db8::/112");
	becomes("2001:db8::1-2001:db8::4", "2001:db8::1/128 2001:db8::2/127 2001:db8::4/128");
	becomes("2001:db8:0:1::-2001:db8:0:4::", "2001:db8:0:1::/64 2001:db8:0:2::/63 "
						 "2001:db8:0:4::/128");
	becomes("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0");
	becomes("8000::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "8000::/1");
	/* It ends before it begins. */
	becomes("10.0.0.2-10.0.0.1", "");
}

/* The most that one range becomes, from the first address but one to the last but one. */
Test(address, the_worst_range)
{
	static const struct {
		const char *text;
		size_t count;
	} worst[] = {
		{"0.0.0.1-255.255.255.254", 62},
		{"::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", 254},
	};

	for (size_t i = 0; i < sizeof(worst) / sizeof(worst[0]); i++) {
		struct source_list list = {};
		struct error error;

		cr_assert_eq(address_add(worst[i].text, &(struct source){}, &list, &error), 0);
		cr_assert_eq(list.count, worst[i].count);
		source_list_clear(&list);
	}
}

Test(address, what_is_none_is_refused)
{
	static const char *const texts[] = {
		"",
		"nobody",
		"10.0.0.1/33",
		"10.0.0.1/255.0.255.0",
		"10.0.0.1/",
		"10.0.0.1-::1",
		"-",
		"10.0.0.1/24-10.0.0.9",
		"10.0.0.1/4294967328",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct source_list list = {};
		struct error error;

		cr_assert_eq(address_add(texts[i], &(struct source){}, &list, &error), -EINVAL,
			     "%s", texts[i]);
		cr_assert_eq(list.count, 0);
		source_list_clear(&list);
	}
}

/* Every address of the range once, and no two prefixes that would be one. */
Test(address, random_ranges)
{
	struct random random = {50};

	for (int i = 0; i < 2000; i++) {
		unsigned int first = random_below(&random, 256), last = first;
		struct source_list list = {};
		struct error error;
		char text[64];
		unsigned int next;

		last += random_below(&random, 256 - first);
		snprintf(text, sizeof(text), "10.0.0.%u-10.0.0.%u", first, last);
		cr_assert_eq(address_add(text, &(struct source){}, &list, &error), 0);
		next = first;
		for (size_t j = 0; j < list.count; j++) {
			const struct prefix *prefix = &list.sources[j].prefix;

			cr_assert_eq(prefix->address[3], next, "%s", text);
			next += 1U << (32 - prefix->length);
			cr_assert(!j || prefix->length != list.sources[j - 1].prefix.length ||
					  list.sources[j - 1].prefix.address[3] >>
							  (32 - prefix->length) &
						  1,
				  "%s", text);
		}
		cr_assert_eq(next, last + 1, "%s", text);
		source_list_clear(&list);
	}
}

Test(address, ports)
{
	struct port_range range;

	cr_assert(port_range_parse("5060", ':', &range));
	cr_assert(range.first == 5060 && range.last == 5060);
	cr_assert(port_range_parse("5060:5070", ':', &range));
	cr_assert(range.first == 5060 && range.last == 5070);
	cr_assert(port_range_parse(":5070", ':', &range));
	cr_assert(range.first == 0 && range.last == 5070);
	cr_assert(port_range_parse("5060:", ':', &range));
	cr_assert(range.first == 5060 && range.last == UINT16_MAX);
	cr_assert(port_range_parse("sips", ':', &range));
	cr_assert_eq(range.first, 5061);
	cr_assert_not(port_range_parse("65536", ':', &range));
	cr_assert_not(port_range_parse("5070:5060", ':', &range));
	cr_assert_not(port_range_parse("", ':', &range));
	cr_assert_not(port_range_parse("http", ':', &range));
}
