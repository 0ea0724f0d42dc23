// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>

#include "cleanup.h"
#include "policy/coverage.h"

/* Entries of a list as words: "+203.0.113.0/24" allows, "-203.0.113.7" denies. */
struct covered {
	const char *entries[5];
	const char *network;
	const char *around; /* or NULL */
	size_t inside;
	bool any_allowed, any_not_allowed;
	uint64_t allowed;
};

static const struct covered cases[] = {
	{{NULL}, "203.0.113.0/24", NULL, 0, false, true, 0},
	{{"+203.0.113.0/24"}, "203.0.113.0/24", NULL, 1, true, false, 256},
	{{"+203.0.112.0/23"}, "203.0.113.0/24", "203.0.112.0/23", 0, true, false, 256},
	{{"+203.0.113.0/24", "-203.0.113.7"}, "203.0.113.0/24", NULL, 2, true, true, 255},
	{{"-203.0.113.0/24", "+203.0.113.0/25", "+203.0.113.128/25"},
	 "203.0.113.0/24",
	 NULL,
	 3,
	 true,
	 false,
	 256},
	{{"+203.0.0.0/16", "-203.0.113.0/25"},
	 "203.0.113.0/24",
	 "203.0.0.0/16",
	 1,
	 true,
	 true,
	 128},
	{{"+0.0.0.0/0", "-203.0.0.0/16"}, "203.0.113.0/24", "203.0.0.0/16", 0, false, true, 0},
	{{"+203.0.112.255", "+203.0.114.0"}, "203.0.113.0/24", NULL, 0, false, true, 0},
	{{"+203.0.113.0", "+203.0.113.255"}, "203.0.113.0/24", NULL, 2, true, true, 2},
	{{"+0.0.0.0/0"}, "0.0.0.0/0", NULL, 1, true, false, UINT64_C(1) << 32},
	{{"+2001:db8::/32", "-2001:db8::1"}, "2001:db8::/48", "2001:db8::/32", 1, true, true, 0},
	{{"+2001:db8::/32"}, "2001:db8::/48", "2001:db8::/32", 0, true, false, 0},
};

static void put(struct entry_list *list, const char *word)
{
	struct entry entry = {.verdict = *word == '+' ? SG_ENTRY_ALLOW : SG_ENTRY_DENY};
	struct error error;

	cr_assert_eq(prefix_parse(word + 1, &entry.prefix, &error), 0, "%s", word);
	cr_assert_eq(entry_list_put(list, &entry, &error), 0);
}

Test(coverage, is_what_the_longest_entries_say)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		__attribute__((cleanup(entry_list_clear))) struct entry_list list = {};
		struct coverage coverage;
		struct prefix network, around;
		struct error error;

		for (size_t j = 0; cases[i].entries[j]; j++)
			put(&list, cases[i].entries[j]);
		cr_assert_eq(prefix_parse(cases[i].network, &network, &error), 0);
		coverage_of(&list, &network, &coverage);
		cr_assert_eq(coverage.any_allowed, cases[i].any_allowed, "case %zu", i);
		cr_assert_eq(coverage.any_not_allowed, cases[i].any_not_allowed, "case %zu", i);
		cr_assert_eq(coverage.allowed, cases[i].allowed, "case %zu", i);
		cr_assert_eq(coverage.inside_count, cases[i].inside, "case %zu", i);
		cr_assert_eq(!coverage.around, !cases[i].around, "case %zu", i);
		if (!cases[i].around)
			continue;
		cr_assert_eq(prefix_parse(cases[i].around, &around, &error), 0);
		cr_assert_eq(prefix_compare(&coverage.around->prefix, &around), 0, "case %zu", i);
	}
}
