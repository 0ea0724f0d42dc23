// SPDX-License-Identifier: GPL-2.0-or-later
/* The filter in front of the allowlist: what it must never deny, and what it lets through at most.
 */
#include "policy/filter.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

#define SLOT 1
#define SEED 0x5eed

struct made {
	struct sg_filter *filter;
	struct entry_list list;
	uint32_t keys[SG_FILTER_TABLE_COUNT];
};

static struct prefix prefix_of(const char *text)
{
	struct prefix prefix;
	struct error error;

	cr_assert_eq(prefix_parse(text, &prefix, &error), 0, "%s", error.message);
	return prefix;
}

static void add_prefix(struct made *made, const struct prefix *prefix)
{
	struct entry entry = {.prefix = *prefix};
	struct error error;

	cr_assert_eq(entry_list_append(&made->list, &entry, &error), 0);
}

static void add(struct made *made, const char *text)
{
	struct prefix prefix = prefix_of(text);

	add_prefix(made, &prefix);
}

static void add_hosts(struct made *made, size_t count, uint8_t family)
{
	struct random random = {count};

	for (size_t i = 0; i < count; i++) {
		struct prefix host = {.family = family, .length = prefix_host_length(family)};

		for (size_t byte = 0; byte < host.length / 8; byte++)
			host.address[byte] = (uint8_t)random_below(&random, 256);
		add_prefix(made, &host);
	}
}

/* What was in the slot before must not matter. */
static void make(struct made *made)
{
	made->filter = malloc(sizeof(*made->filter));
	cr_assert(made->filter);
	memset(made->filter, 0xff, sizeof(*made->filter));
	filter_lay_out(made->filter, SLOT, &made->list, SEED);
	for (size_t i = 0; i < made->list.count; i++)
		filter_set(made->filter, SLOT, &made->list.entries[i].prefix, made->keys);
}

static void unmake(struct made *made)
{
	entry_list_clear(&made->list);
	free(made->filter);
}

static double share_of_strangers(const struct made *made, uint8_t family)
{
	struct random random = {99};
	size_t passed = 0, asked = 200000;

	for (size_t i = 0; i < asked; i++) {
		struct prefix host = {.family = family, .length = prefix_host_length(family)};

		for (size_t byte = 0; byte < 16; byte++)
			host.address[byte] = (uint8_t)random_below(&random, 256);
		if (family == SG_FAMILY_IPV4)
			memset(host.address + 4, 0, 12);
		passed += filter_passes(made->filter, SLOT, &host);
	}
	return (double)passed / (double)asked;
}

/* Hosts that differ from an entry in the last byte only. */
static double share_of_neighbours(const struct made *made)
{
	struct random random = {7};
	size_t passed = 0;

	for (size_t i = 0; i < made->list.count; i++) {
		struct prefix host = made->list.entries[i].prefix;

		host.length = prefix_host_length(host.family);
		host.address[host.length / 8 - 1] ^= (uint8_t)(1 + random_below(&random, 255));
		passed += filter_passes(made->filter, SLOT, &host);
	}
	return (double)passed / (double)made->list.count;
}

static bool in_use(const struct made *made, unsigned int part)
{
	return made->filter->layouts[SLOT].in_use & 1U << part;
}

Test(filter, an_empty_list_lets_nobody_through)
{
	struct made made = {};

	make(&made);
	cr_assert_eq(made.filter->layouts[SLOT].in_use, 0);
	cr_assert_eq(share_of_strangers(&made, SG_FAMILY_IPV4), 0);
	cr_assert_eq(share_of_strangers(&made, SG_FAMILY_IPV6), 0);
	unmake(&made);
}

/* Every host under a prefix, at both its ends. */
static void expect_hosts(const struct made *made, const struct prefix *prefix, const char *beside)
{
	for (int end = 0; end < 2; end++) {
		struct prefix asked = *prefix;

		asked.length = prefix_host_length(prefix->family);
		for (int bit = prefix->length; end && bit < asked.length; bit++)
			asked.address[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
		cr_assert(filter_passes(made->filter, SLOT, &asked), "/%d beside %s, the %s host",
			  prefix->length, beside, end ? "last" : "first");
	}
}

/* What else is in the list decides where a prefix stands, and so does when it was added. */
Test(filter, prefixes_of_every_length_let_all_their_hosts_through)
{
	static const char *const hosts[] = {"203.0.113.7", "2a0b:1c2d:3e4f:5a6b:7c8d::9"};
	static const char *const beside[] = {
		"203.0.113.8",
		"203.0.114.0/24",
		"10.0.0.0/8",
		"2a0b:1c2d:3e4f:5a6b::1",
		"2a0b:1c2d:3e4f:5a6c::/64",
		"2a0b:1c2d:3e50::/48",
		"2a0b:1c2d:3e4f:5a6b::/127",
		"2600::/12",
	};

	for (size_t i = 0; i < 2 * 2 * sizeof(beside) / sizeof(beside[0]); i++) {
		const char *other = beside[i / 4];
		struct prefix prefix = prefix_of(hosts[i % 2]);

		for (int length = prefix.length; length >= 0; length--) {
			struct made made = {};
			bool later = i / 2 % 2;

			prefix.length = (uint8_t)length;
			prefix_truncate(&prefix);
			add(&made, other);
			if (!later)
				add_prefix(&made, &prefix);
			make(&made);
			if (later)
				filter_set(made.filter, SLOT, &prefix, made.keys);
			expect_hosts(&made, &prefix, other);
			unmake(&made);
		}
	}
}

Test(filter, one_stranger_in_hundreds_passes_whatever_the_size)
{
	static const size_t sizes[] = {10, 1000, 30000, 300000};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct made made = {};

		add_hosts(&made, sizes[i], SG_FAMILY_IPV4);
		add_hosts(&made, sizes[i], SG_FAMILY_IPV6);
		make(&made);
		for (size_t at = 0; at < made.list.count; at++)
			cr_assert(filter_passes(made.filter, SLOT, &made.list.entries[at].prefix));
		cr_assert_lt(share_of_strangers(&made, SG_FAMILY_IPV4), 0.004, "%zu", sizes[i]);
		cr_assert_lt(share_of_strangers(&made, SG_FAMILY_IPV6), 0.004, "%zu", sizes[i]);
		unmake(&made);
	}
}

/* Whether or not there are networks elsewhere. */
Test(filter, one_neighbour_of_hosts_in_hundreds_passes)
{
	for (unsigned int family = SG_FAMILY_IPV4; family <= SG_FAMILY_IPV6; family++) {
		struct made made = {};

		add_hosts(&made, 30000, (uint8_t)family);
		make(&made);
		cr_assert_lt(share_of_neighbours(&made), 0.004);
		unmake(&made);

		made = (struct made){};
		add_hosts(&made, 30000, (uint8_t)family);
		add(&made, "198.51.100.0/24");
		add(&made, "2001:db8:1::/64");
		add(&made, "2001:db8:2::/48");
		make(&made);
		cr_assert_lt(share_of_neighbours(&made), 0.004);
		unmake(&made);
	}
}

/* Hosts in one network must not share what is left of their hashes. */
Test(filter, hosts_of_one_ipv6_network_are_told_apart)
{
	struct made made = {};
	struct prefix host = prefix_of("2001:db8:0:7::");

	for (uint32_t i = 0; i < 10000; i++) {
		host.address[13] = (uint8_t)(i >> 8);
		host.address[14] = (uint8_t)i;
		add_prefix(&made, &host);
	}
	make(&made);
	for (size_t i = 0; i < made.list.count; i++)
		cr_assert(filter_passes(made.filter, SLOT, &made.list.entries[i].prefix));
	cr_assert_lt(share_of_neighbours(&made), 0.004);
	unmake(&made);
}

/* The most that a list can have: more strangers pass, but not all. */
Test(filter, a_list_beyond_the_filters_size_shares_its_words)
{
	struct made made = {};

	add_hosts(&made, 3000000, SG_FAMILY_IPV4);
	make(&made);
	cr_assert_lt(share_of_strangers(&made, SG_FAMILY_IPV4), 0.05);
	cr_assert_not(
		filter_is_crowded(made.filter, SLOT, &made.list.entries[0].prefix, made.keys));
	unmake(&made);
}

Test(filter, a_length_that_adds_little_is_not_asked_for)
{
	struct made made = {};

	add_hosts(&made, 1000, SG_FAMILY_IPV4);
	add(&made, "198.51.100.0/24");
	make(&made);
	cr_assert(in_use(&made, SG_FILTER_IPV4_32));
	cr_assert_not(in_use(&made, SG_FILTER_IPV4_24));
	cr_assert_not(in_use(&made, SG_FILTER_IPV4_BITMAP));
	cr_assert(filter_passes(made.filter, SLOT,
				&(struct prefix){{198, 51, 100, 255}, SG_FAMILY_IPV4, 32}));
	unmake(&made);

	made = (struct made){};
	for (int i = 0; i < 200; i++) {
		char text[PREFIX_TEXT_SIZE];

		snprintf(text, sizeof(text), "10.0.%d.0/24", i);
		add(&made, text);
	}
	add(&made, "192.0.2.1");
	make(&made);
	cr_assert(in_use(&made, SG_FILTER_IPV4_24));
	cr_assert_not(in_use(&made, SG_FILTER_IPV4_BITMAP));
	unmake(&made);
}

Test(filter, what_is_added_later_passes_in_every_part)
{
	static const char *const later[] = {
		"192.0.2.1",	 "198.51.100.0/24",   "198.18.0.0/20",	 "100.64.0.0/10",
		"2001:db8::1",	 "2001:db8::5:0/112", "2001:db8:1::/48", "2001:db9:200::/40",
		"2001:d00::/24", "2600::/12"};

	for (size_t first = 0; first < sizeof(later) / sizeof(later[0]); first++) {
		struct made made = {};

		add(&made, later[first]);
		make(&made);
		for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
			struct prefix prefix = prefix_of(later[i]);

			filter_set(made.filter, SLOT, &prefix, made.keys);
			prefix.length = prefix_host_length(prefix.family);
			prefix.address[prefix.length / 8 - 1] |= 1;
			cr_assert(filter_passes(made.filter, SLOT, &prefix), "%s after %s",
				  later[i], later[first]);
		}
		unmake(&made);
	}
}

/* Networks first crowd the table of hosts, then take one of their own into use. */
Test(filter, a_crowded_table_is_told)
{
	struct made made = {};
	size_t added = 0;

	add(&made, "192.0.2.1");
	make(&made);
	for (bool crowded = false; !crowded && added < 1000000; added += !crowded) {
		struct prefix prefix = {.family = SG_FAMILY_IPV4, .length = 24};

		prefix.address[0] = 10;
		prefix.address[1] = (uint8_t)(added >> 8);
		prefix.address[2] = (uint8_t)added;
		crowded = filter_is_crowded(made.filter, SLOT, &prefix, made.keys);
		if (!crowded)
			filter_set(made.filter, SLOT, &prefix, made.keys);
	}
	cr_assert(in_use(&made, SG_FILTER_IPV4_24));
	cr_assert_gt(added, 1000);
	cr_assert_lt(added, 20000);
	unmake(&made);
}
