// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "policy/list_diff.h"
#include "policy/list_file.h"

static struct entry_list list_of(const char *text)
{
	struct entry_list list = {};
	struct error error;

	cr_assert_eq(list_file_parse("list", text, strlen(text), &list, &error), 0, "%s",
		     error.message);
	return list;
}

/* "-PREFIX+PREFIX " for each difference, with what is on each side. */
static void check(const char *old_text, const char *new_text, const char *wanted)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list old = list_of(old_text);
	__attribute__((cleanup(entry_list_clear))) struct entry_list new = list_of(new_text);
	struct list_diff diff = {&old, &new};
	struct list_change change;
	char found[512] = "";

	while (list_diff_next(&diff, &change)) {
		const struct entry *sides[] = {change.before, change.after};

		for (int i = 0; i < 2; i++) {
			char text[PREFIX_TEXT_SIZE];

			if (!sides[i])
				continue;
			prefix_format(&sides[i]->prefix, text);
			sprintf(found + strlen(found), "%c%s", "-+"[i], text);
		}
		strcat(found, " ");
	}
	cr_expect_str_eq(found, wanted);
}

Test(list_diff, equal_lists_have_no_difference)
{
	check("", "", "");
	check("192.0.2.1 # a\n2001:db8::/32 deny\n", "2001:db8::/32 deny\n192.0.2.1 # a\n", "");
}

Test(list_diff, what_comes_and_goes_is_found_in_order_to_the_end_of_both)
{
	check("", "192.0.2.1\n", "+192.0.2.1/32 ");
	check("192.0.2.1\n", "", "-192.0.2.1/32 ");
	check("192.0.2.1\n192.0.2.3\n192.0.2.9\n", "192.0.2.2\n192.0.2.3\n192.0.2.4\n",
	      "-192.0.2.1/32 +192.0.2.2/32 +192.0.2.4/32 -192.0.2.9/32 ");
	check("192.0.2.0/24\n", "192.0.2.0/25\n", "-192.0.2.0/24 +192.0.2.0/25 ");
}

Test(list_diff, verdict_expiry_and_label_make_a_difference)
{
	check("192.0.2.1\n", "192.0.2.1 deny\n", "-192.0.2.1/32+192.0.2.1/32 ");
	check("192.0.2.1\n", "192.0.2.1 until 2099-01-01T00:00Z\n", "-192.0.2.1/32+192.0.2.1/32 ");
	check("192.0.2.1 # a\n", "192.0.2.1 # b\n", "-192.0.2.1/32+192.0.2.1/32 ");
	check("192.0.2.1\n192.0.2.2\n", "192.0.2.1\n192.0.2.2 # b\n",
	      "-192.0.2.2/32+192.0.2.2/32 ");
}
