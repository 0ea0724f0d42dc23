// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/entry.h"

#include <criterion/criterion.h>
#include <string.h>

#include "random.h"
#include "sipguard/abi.h"

#define HOSTS 64

static struct entry host_entry(unsigned int host, int64_t until, const char *label)
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

/* Prefixes of both families, many of which share their first 64 bits. */
static struct entry random_entry(struct random *random, int64_t until)
{
	struct entry entry = {.until = until};
	struct prefix *prefix = &entry.prefix;

	prefix->family = random_below(random, 2) ? SG_FAMILY_IPV4 : SG_FAMILY_IPV6;
	prefix->length = (uint8_t)random_below(random, prefix_host_length(prefix->family) + 1U);
	for (size_t i = 0; i < prefix_host_length(prefix->family) / 8U; i++)
		prefix->address[i] = (uint8_t)(i == 7 || i == 6 ? 1 : random_below(random, 3));
	prefix_truncate(prefix);
	return entry;
}

Test(entry_list, sorting_many_is_as_adding_them_one_by_one)
{
	struct random random = {8};
	struct error error;

	for (unsigned int size = 0; size < 400; size++) {
		struct entry_list sorted = {}, model = {};

		for (unsigned int i = 1; i <= size; i++) {
			struct entry entry = random_entry(&random, i);

			cr_assert_eq(entry_list_append(&sorted, &entry, &error), 0);
			cr_assert_eq(entry_list_put(&model, &entry, &error), 0);
		}
		entry_list_sort(&sorted);
		cr_assert_eq(sorted.count, model.count);
		for (size_t i = 0; i < model.count; i++)
			cr_assert(entry_equal(&sorted.entries[i], &model.entries[i]));
		entry_list_clear(&sorted);
		entry_list_clear(&model);
	}
}

static void is_as_the_model(const struct entry_list *list, const struct entry_list *model)
{
	size_t at = 0;

	cr_assert_eq(list->count, model->count);
	for (size_t i = 0; i < model->count; i++) {
		cr_assert(entry_equal(&list->entries[i], &model->entries[i]));
		cr_assert_eq(entry_list_find_next(list, &at, &model->entries[i].prefix),
			     &list->entries[i]);
	}
}

Test(entry_list, merging_and_subtracting_are_as_putting_and_removing_one_by_one)
{
	struct random random = {9};
	struct error error;

	for (int i = 0; i < 500; i++) {
		struct entry_list left = {}, right = {}, merged, rest, more = {}, less = {};

		for (unsigned int count = random_below(&random, 60); count; count--) {
			struct entry entry = random_entry(&random, 1);

			entry.label = "left";
			cr_assert_eq(entry_list_put(&left, &entry, &error), 0);
		}
		for (unsigned int count = random_below(&random, 60); count; count--) {
			struct entry entry = random_entry(&random, 2);

			entry.label = random_below(&random, 2) ? "right" : NULL;
			cr_assert_eq(entry_list_put(&right, &entry, &error), 0);
		}
		cr_assert_eq(entry_list_copy(&left, &more, &error), 0);
		cr_assert_eq(entry_list_copy(&left, &less, &error), 0);
		for (size_t j = 0; j < right.count; j++) {
			cr_assert_eq(entry_list_put(&more, &right.entries[j], &error), 0);
			entry_list_remove(&less, &right.entries[j].prefix);
		}
		cr_assert_eq(entry_list_merge(&left, &right, &merged, &error), 0);
		cr_assert_eq(entry_list_subtract(&left, &right, &rest, &error), 0);
		/* What they are made of may go first. */
		entry_list_clear(&left);
		entry_list_clear(&right);
		is_as_the_model(&merged, &more);
		is_as_the_model(&rest, &less);
		entry_list_clear(&merged);
		entry_list_clear(&rest);
		entry_list_clear(&more);
		entry_list_clear(&less);
	}
}

Test(entry_list, a_copy_outlives_what_it_was_made_of)
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
