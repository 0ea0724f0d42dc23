// SPDX-License-Identifier: GPL-2.0-or-later
/* Aggregation against the one thing that counts: what each address gets, at each time. */
#include "policy/aggregate.h"

#include <criterion/criterion.h>
#include <string.h>

#include "random.h"
#include "sipguard/abi.h"

/* All addresses of 10.0.0.0/25; entries begin with /20, which covers them all. */
#define UNIVERSE 128

/* Ends of entries, and times around them. */
static const int64_t ends[] = {0, 0, 0, 100, 200};
static const int64_t times[] = {50, 150, 250};

static struct prefix host(unsigned int number, uint8_t length)
{
	struct prefix prefix = {
		.family = SG_FAMILY_IPV4, .length = length, .address = {10, 0, 0, (uint8_t)number}};

	prefix_truncate(&prefix);
	return prefix;
}

/* What the kernel does: the longest entry that has not expired. -1 for none. */
static int verdict_in(const struct entry_list *list, const struct prefix *address, int64_t now,
		      int *length, int verdict)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct entry *entry = &list->entries[i];

		if (!prefix_covers(&entry->prefix, address) ||
		    (entry->until && entry->until <= now) || entry->prefix.length < *length)
			continue;
		*length = entry->prefix.length;
		verdict = entry->verdict;
	}
	return verdict;
}

/* Entries of the other list come before those of the same prefix. */
static int verdict_of(const struct entry_list *list, const struct entry_list *others,
		      unsigned int number, int64_t now)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list all = {};
	struct prefix address = host(number, 32);
	struct error error;
	int length = -1;

	cr_assert_eq(entry_list_merge(list, others, &all, &error), 0);
	return verdict_in(&all, &address, now, &length, -1);
}

static void draw(struct random *random, struct entry_list *list, unsigned int most)
{
	static const char *const labels[] = {NULL, NULL, "office", "trunk"};
	struct error error;

	for (unsigned int count = random_below(random, most + 1); count; count--) {
		struct entry entry = {
			.prefix = host(random_below(random, UNIVERSE),
				       (uint8_t)(random_below(random, 4)
							 ? 30 + random_below(random, 3)
							 : 20 + random_below(random, 13))),
			.verdict = (uint8_t)!random_below(random, 3),
			.until = ends[random_below(random, 5)],
			.label = labels[random_below(random, 4)],
		};

		cr_assert_eq(entry_list_put(list, &entry, &error), 0);
	}
}

static void is_a_list(const struct entry_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		cr_assert_leq(list->entries[i].verdict, SG_ENTRY_DENY);
		if (i)
			cr_assert_lt(prefix_compare(&list->entries[i - 1].prefix,
						    &list->entries[i].prefix),
				     0);
	}
}

static void answers_the_same(const struct entry_list *before, const struct entry_list *after,
			     const struct entry_list *others)
{
	for (unsigned int number = 0; number < UNIVERSE; number++) {
		for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
			cr_assert_eq(verdict_of(before, others, number, times[i]),
				     verdict_of(after, others, number, times[i]),
				     "10.0.0.%u at %ld", number, (long)times[i]);
	}
}

/* Returns how many entries went. */
static size_t aggregates_and_answers_the_same(struct random *random, unsigned int most,
					      unsigned int most_others)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list list = {}, others = {};
	__attribute__((cleanup(entry_list_clear))) struct entry_list before = {};
	struct error error;
	size_t count;

	draw(random, &list, most);
	draw(random, &others, most_others);
	cr_assert_eq(entry_list_copy(&list, &before, &error), 0);
	cr_assert_eq(aggregate(&list, &others, &error), 0);
	is_a_list(&list);
	answers_the_same(&before, &list, &others);
	count = list.count;
	cr_assert_eq(aggregate(&list, &others, &error), 0);
	cr_assert_eq(list.count, count, "there was more to join");
	return before.count - count;
}

Test(aggregate, no_address_gets_anything_else_at_any_time)
{
	struct random random = {11};
	size_t joined = 0;

	for (int i = 0; i < 400; i++)
		joined += aggregates_and_answers_the_same(&random, 150, 0);
	cr_assert_gt(joined, 400);
}

Test(aggregate, no_address_gets_anything_else_beside_entries_of_another_list)
{
	struct random random = {12};
	size_t joined = 0;

	for (int i = 0; i < 400; i++)
		joined += aggregates_and_answers_the_same(&random, 100, 12);
	cr_assert_gt(joined, 400);
}

static struct entry_list read_list(const char *const *texts)
{
	struct entry_list list = {};
	struct entry entry = {};
	struct error error;

	for (; *texts; texts++) {
		cr_assert_eq(prefix_parse(*texts, &entry.prefix, &error), 0);
		cr_assert_eq(entry_list_put(&list, &entry, &error), 0);
	}
	return list;
}

static void becomes(const char *const *texts, const char *const *expected)
{
	struct entry_list list = read_list(texts), none = {};
	struct error error;
	size_t i;

	cr_assert_eq(aggregate(&list, &none, &error), 0);
	for (i = 0; expected[i]; i++) {
		char text[PREFIX_TEXT_SIZE];

		cr_assert_lt(i, list.count);
		prefix_format(&list.entries[i].prefix, text);
		cr_assert_str_eq(text, expected[i]);
	}
	cr_assert_eq(list.count, i);
	entry_list_clear(&list);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

Test(aggregate, joins_halves_up_to_everything)
{
	becomes(LIST("0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/2"), LIST("0.0.0.0/0"));
	becomes(LIST("10.0.0.1", "10.0.0.2"), LIST("10.0.0.1/32", "10.0.0.2/32"));
	becomes(LIST("10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"),
		LIST("10.0.0.0/30", "10.0.0.4/32"));
	becomes(LIST("2001:db8::/33", "2001:db8:8000::/33", "2001:db8:1::/48"),
		LIST("2001:db8::/32"));
	becomes(LIST("ffff::/16", "fffe::/16", "255.255.255.255", "255.255.255.254"),
		LIST("255.255.255.254/31", "fffe::/15"));
}

Test(aggregate, a_label_stays_when_both_halves_have_it)
{
	static char office[] = "office", also_office[] = "office";
	struct entry_list none = {};
	struct error error;

	for (int same = 0; same < 2; same++) {
		struct entry_list list = {};
		struct entry lower = {.prefix = host(2, 32), .label = office};
		struct entry upper = {.prefix = host(3, 32), .label = same ? also_office : "trunk"};

		cr_assert_eq(entry_list_put(&list, &lower, &error), 0);
		cr_assert_eq(entry_list_put(&list, &upper, &error), 0);
		cr_assert_eq(aggregate(&list, &none, &error), 0);
		cr_assert_eq(list.count, 1);
		if (same)
			cr_assert_str_eq(list.entries[0].label, "office");
		else
			cr_assert_null(list.entries[0].label);
		entry_list_clear(&list);
	}
}
