// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/names.h"

#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

Test(names, every_reason_has_a_word_of_its_own_and_a_verdict)
{
	for (unsigned int i = 0; i < SG_REASON_COUNT; i++) {
		cr_assert_not_null(reason_help(i));
		cr_assert(reason_verdict(i) == SG_VERDICT_PASS ||
			  reason_verdict(i) == SG_VERDICT_DROP);
		for (unsigned int j = 0; j < i; j++)
			cr_assert_neq(strcmp(reason_name(i), reason_name(j)), 0);
	}
}

Test(names, are_the_words_of_metrics_and_scripts)
{
	cr_assert_str_eq(reason_name(SG_REASON_NOT_ALLOWED), "not_allowed");
	cr_assert_eq(reason_verdict(SG_REASON_NOT_ALLOWED), SG_VERDICT_DROP);
	cr_assert_eq(reason_verdict(SG_REASON_FRAGMENT_TAIL), SG_VERDICT_PASS);
	cr_assert_str_eq(verdict_name(SG_VERDICT_WOULD_DROP), "would_drop");
	cr_assert_str_eq(family_name(SG_FAMILY_IPV6), "ipv6");
	cr_assert_str_eq(protocol_name(SG_PROTOCOL_UDPLITE), "udplite");
	cr_assert_str_eq(mode_name(SG_MODE_MONITOR), "monitor");
	cr_assert_str_eq(entry_verdict_name(SG_ENTRY_DENY), "deny");
}

Test(names, every_cell_of_the_counters_has_an_index_of_its_own)
{
	static bool seen[SG_COUNTER_COUNT];

	for (unsigned int verdict = 0; verdict < SG_VERDICT_COUNT; verdict++)
		for (unsigned int family = 0; family < SG_FAMILY_COUNT; family++)
			for (unsigned int protocol = 0; protocol < SG_PROTOCOL_COUNT; protocol++)
				for (unsigned int reason = 0; reason < SG_REASON_COUNT; reason++) {
					uint32_t index = sg_counter_index(verdict, family, protocol,
									  reason);

					cr_assert_lt(index, SG_COUNTER_COUNT);
					cr_assert_not(seen[index]);
					seen[index] = true;
				}
}
