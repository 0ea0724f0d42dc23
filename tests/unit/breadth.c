// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/breadth.h"

#include <criterion/criterion.h>
#include <string.h>

#include "policy/list_file.h"
#include "random.h"
#include "sipguard/abi.h"

static void allows(const char *text, double ipv4, double ipv6)
{
	struct entry_list list = {};
	struct error error;

	cr_assert_eq(list_file_parse("list", text, strlen(text), &list, &error), 0, "%s",
		     error.message);
	cr_assert_eq(breadth_of(&list, SG_FAMILY_IPV4), ipv4, "%s", text);
	cr_assert_eq(breadth_of(&list, SG_FAMILY_IPV6), ipv6, "%s", text);
	entry_list_clear(&list);
}

Test(breadth, the_longest_prefix_decides)
{
	allows("", 0, 0);
	allows("0.0.0.0/0\n", 1, 0);
	allows("0.0.0.0/0\n10.0.0.0/8\n10.0.0.1\n", 1, 0);
	allows("0.0.0.0/2\n64.0.0.0/2\n128.0.0.0/2\n192.0.0.0/2\n2000::/3\n", 1, 0.125);
	allows("0.0.0.0/0\n0.0.0.0/1 deny\n64.0.0.0/2\n", 0.75, 0);
	allows("0.0.0.0/1 deny\n", 0, 0);
	allows("0.0.0.0/0 deny\n128.0.0.0/1\n", 0.5, 0);
	allows("::/0 deny\n2000::/4\n3000::/5\n", 0, 0.09375);
}

/* Against one lookup for each of the 4,096 networks of a /12, which no entry is longer than. */
Test(breadth, is_what_lookups_say)
{
	struct random random = {13};

	for (int round = 0; round < 200; round++) {
		struct entry_list list = {};
		unsigned int allowed = 0;
		struct error error;

		for (unsigned int left = random_below(&random, 40); left; left--) {
			struct entry entry = {.verdict = (uint8_t)random_below(&random, 2)};

			entry.prefix.family = SG_FAMILY_IPV4;
			entry.prefix.length = (uint8_t)random_below(&random, 13);
			entry.prefix.address[0] = (uint8_t)random_next(&random);
			entry.prefix.address[1] = (uint8_t)random_next(&random);
			prefix_truncate(&entry.prefix);
			cr_assert_eq(entry_list_put(&list, &entry, &error), 0);
		}
		for (unsigned int network = 0; network < 4096; network++) {
			const struct entry *found = NULL;

			for (int length = 12; length >= 0 && !found; length--) {
				struct prefix prefix = {.family = SG_FAMILY_IPV4,
							.length = (uint8_t)length,
							.address = {(uint8_t)(network >> 4),
								    (uint8_t)(network << 4)}};

				prefix_truncate(&prefix);
				found = entry_list_find(&list, &prefix);
			}
			allowed += found && found->verdict == SG_ENTRY_ALLOW;
		}
		cr_assert_eq(breadth_of(&list, SG_FAMILY_IPV4), allowed / 4096.0);
		entry_list_clear(&list);
	}
}
