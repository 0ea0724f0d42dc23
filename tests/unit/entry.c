// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/entry.h"

#include <criterion/criterion.h>
#include <string.h>

#include "random.h"
#include "sipguard/abi.h"

#define HOSTS 64

static struct entry host_entry(unsigned int host, int64_t until, char *label)
{
	return (struct entry){
		.prefix = {.family = SG_FAMILY_IPV4,
			   .length = 32,
			   .address = {10, 0, 0, (uint8_t)host}},
		.until = until,
		.label = label,
	};
}

Test(label, printable_utf8_of_a_bounded_length)
{
	static const struct {
		const char *label;
		bool good;
	} cases[] = {
		{"office", true},
		{"Büro 4 – Köln", true},
		{"a # inside", true},
		{"", false},
		{"   ", false},
		{" leading", false},
		{"trailing ", false},
		{"two\nlines", false},
		{"\033[31mred", false},
		{"\xc2\x9b"
		 "31m",
		 false},
		{"right-to-left \xe2\x80\xae", false},
		{"\xff\xfe", false},
		{"\xc0\xaf", false},
	};
	char longest[LABEL_BYTES_MAX + 2];
	struct error error;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_assert_eq(!label_check(cases[i].label, &error), cases[i].good, "case %zu", i);

	memset(longest, 'x', sizeof(longest));
	longest[LABEL_BYTES_MAX + 1] = '\0';
	cr_assert_lt(label_check(longest, &error), 0);
	longest[LABEL_BYTES_MAX] = '\0';
	cr_assert_eq(label_check(longest, &error), 0);
}

/* A list of hosts against an array with a place for each: present, and with which end. */
Test(entry_list, behaves_like_a_set_through_any_sequence_of_changes)
{
	int64_t model[HOSTS] = {};
	struct entry_list list = {};
	struct random random = {3};
	struct error error;

	for (int step = 0; step < 20000; step++) {
		unsigned int host = random_below(&random, HOSTS);
		struct entry entry = host_entry(host, 1 + random_below(&random, 1000), "label");
		size_t present = 0;

		if (random_below(&random, 2)) {
			cr_assert_eq(entry_list_put(&list, &entry, &error), 0);
			model[host] = entry.until;
		} else {
			cr_assert_eq(entry_list_remove(&list, &entry.prefix), model[host] != 0);
			model[host] = 0;
		}
		for (unsigned int i = 0; i < HOSTS; i++) {
			struct entry asked = host_entry(i, 0, NULL);
			struct entry *found = entry_list_find(&list, &asked.prefix);

			cr_assert_eq(found ? found->until : 0, model[i]);
			present += model[i] != 0;
		}
		cr_assert_eq(list.count, present);
		for (size_t i = 1; i < list.count; i++)
			cr_assert_lt(prefix_compare(&list.entries[i - 1].prefix,
						    &list.entries[i].prefix),
				     0);
	}
	entry_list_clear(&list);
}

Test(entry_list, sorting_keeps_the_last_of_equal_prefixes)
{
	struct entry_list list = {};
	struct random random = {4};
	int64_t last[HOSTS] = {};
	struct error error;

	for (int i = 1; i <= 1000; i++) {
		unsigned int host = random_below(&random, HOSTS);
		struct entry entry = host_entry(host, i, i % 2 ? "odd" : NULL);

		cr_assert_eq(entry_list_append(&list, &entry, &error), 0);
		last[host] = i;
	}
	entry_list_sort(&list);
	cr_assert_eq(list.count, HOSTS);
	for (unsigned int i = 0; i < HOSTS; i++)
		cr_assert_eq(list.entries[i].until, last[i]);
	entry_list_clear(&list);
}

Test(entry_list, a_copy_has_labels_of_its_own)
{
	struct entry_list list = {}, copy = {};
	struct entry entry = host_entry(1, 0, "office");
	struct error error;

	cr_assert_eq(entry_list_put(&list, &entry, &error), 0);
	cr_assert_eq(entry_list_copy(&list, &copy, &error), 0);
	entry_list_clear(&list);
	cr_assert_str_eq(copy.entries[0].label, "office");
	cr_assert(entry_equal(&copy.entries[0], &entry));
	entry_list_clear(&copy);
}

Test(entry, differs_by_verdict_end_and_label)
{
	struct entry entry = host_entry(1, 0, "office"), other = entry;

	cr_assert(entry_equal(&entry, &other));
	other.verdict = SG_ENTRY_DENY;
	cr_assert_not(entry_equal(&entry, &other));
	other = entry;
	other.until = 1;
	cr_assert_not(entry_equal(&entry, &other));
	other = entry;
	other.label = NULL;
	cr_assert_not(entry_equal(&entry, &other));
}
