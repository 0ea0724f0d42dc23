// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whole lists that take each other's place, and the two things that must never be wrong in front of
 * the trie: the filter and what the program remembers.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/clock.h"
#include "packet/fixture.h"

static enum sg_reason reason_of(struct fixture *fixture, const char *words)
{
	struct sketch sketch;

	sketch_draw(words, &sketch);
	return fixture_run(fixture, sketch.bytes, sketch.size, words).reason;
}

static void add(struct entry_list *list, const char *prefix, enum sg_entry_verdict verdict)
{
	struct entry entry = {.verdict = (uint8_t)verdict};
	struct error error;

	cr_assert_eq(prefix_parse(prefix, &entry.prefix, &error), 0, "%s", error.message);
	cr_assert_eq(entry_list_put(list, &entry, &error), 0);
}

static void replace(struct fixture *fixture, struct entry_list *list)
{
	struct policy_generation next = POLICY_GENERATION_NONE;
	struct error error;

	cr_assert_eq(policy_build(&fixture->policy, list, NULL, &next, &error), 0, "%s",
		     error.message);
	cr_assert_eq(policy_switch(&fixture->policy, &next, &error), 0, "%s", error.message);
	policy_discard(&next);
	entry_list_clear(list);
}

static uint64_t hits_of(struct fixture *fixture, const char *text)
{
	struct policy_entries list;
	struct prefix prefix;
	uint64_t packets = UINT64_MAX;
	struct error error;

	cr_assert_eq(prefix_parse(text, &prefix, &error), 0);
	cr_assert_eq(policy_list(&fixture->policy, &list, &error), 0);
	for (size_t i = 0; i < list.count; i++) {
		if (!prefix_compare(&list.entries[i].prefix, &prefix))
			packets = list.entries[i].packets;
	}
	free(list.entries);
	return packets;
}

Test(generations, the_new_list_decides_from_the_switch_on)
{
	struct entry_list list = {};
	struct fixture fixture;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	cr_assert_eq(reason_of(&fixture, "eth ip4:trusted udp:5060"), SG_REASON_ALLOWED);
	add(&list, "192.0.2.66", SG_ENTRY_ALLOW);
	add(&list, "2001:db8::/48", SG_ENTRY_DENY);
	replace(&fixture, &list);
	cr_assert_eq(reason_of(&fixture, "eth ip4:trusted udp:5060"), SG_REASON_NOT_ALLOWED);
	cr_assert_eq(reason_of(&fixture, "eth ip4:stranger udp:5060"), SG_REASON_ALLOWED);
	cr_assert_eq(reason_of(&fixture, "eth ip6:trusted udp:5060"), SG_REASON_DENIED);

	/* And back, into the slot that was used first. */
	add(&list, "203.0.113.0/24", SG_ENTRY_ALLOW);
	replace(&fixture, &list);
	cr_assert_eq(reason_of(&fixture, "eth ip4:trusted udp:5060"), SG_REASON_ALLOWED);
	cr_assert_eq(reason_of(&fixture, "eth ip4:stranger udp:5060"), SG_REASON_NOT_ALLOWED);
	cr_assert_eq(reason_of(&fixture, "eth ip6:trusted udp:5060"), SG_REASON_NOT_ALLOWED);
	fixture_close(&fixture);
}

Test(generations, hits_of_entries_that_stay_go_on)
{
	struct entry_list list = {};
	struct fixture fixture;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	for (int i = 0; i < 3; i++)
		reason_of(&fixture, "eth ip4:trusted udp:5060");
	reason_of(&fixture, "eth ip4:denied udp:5060");
	for (int round = 1; round <= 3; round++) {
		add(&list, "203.0.113.0/24", SG_ENTRY_ALLOW);
		add(&list, "10.0.0.0/8", SG_ENTRY_ALLOW);
		replace(&fixture, &list);
		reason_of(&fixture, "eth ip4:trusted udp:5060");
		cr_assert_eq(hits_of(&fixture, "203.0.113.0/24"), 3 + round);
		cr_assert_eq(hits_of(&fixture, "10.0.0.0/8"), 0);
	}
	fixture_close(&fixture);
}

Test(generations, what_was_discarded_leaves_no_trace)
{
	struct policy_generation next = POLICY_GENERATION_NONE;
	struct entry_list list = {};
	struct fixture fixture;
	struct error error;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	add(&list, "192.0.2.66", SG_ENTRY_ALLOW);
	cr_assert_eq(policy_build(&fixture.policy, &list, NULL, &next, &error), 0);
	policy_discard(&next);
	cr_assert_eq(reason_of(&fixture, "eth ip4:stranger udp:5060"), SG_REASON_NOT_ALLOWED);
	cr_assert_eq(reason_of(&fixture, "eth ip4:trusted udp:5060"), SG_REASON_ALLOWED);
	replace(&fixture, &list);
	cr_assert_eq(reason_of(&fixture, "eth ip4:stranger udp:5060"), SG_REASON_ALLOWED);
	fixture_close(&fixture);
}

/* Twice, because the second packet finds what the first one left. */
static void expect(struct fixture *fixture, const char *words, enum sg_reason reason)
{
	cr_assert_eq(reason_of(fixture, words), reason, "%s", words);
	cr_assert_eq(reason_of(fixture, words), reason, "%s, again", words);
}

Test(generations, nothing_is_remembered_beyond_a_change)
{
	struct fixture fixture;
	struct prefix prefix;
	struct error error;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	expect(&fixture, "eth ip4:trusted udp:5060", SG_REASON_ALLOWED);
	expect(&fixture, "eth ip6:trusted udp:5060", SG_REASON_ALLOWED);
	fixture_put(&fixture, "203.0.113.7", SG_ENTRY_DENY, 0);
	expect(&fixture, "eth ip4:trusted udp:5060", SG_REASON_DENIED);
	fixture_put(&fixture, "203.0.113.7", SG_ENTRY_ALLOW, 0);
	expect(&fixture, "eth ip4:trusted udp:5060", SG_REASON_ALLOWED);
	cr_assert_eq(prefix_parse("2001:db8::/48", &prefix, &error), 0);
	cr_assert_eq(policy_delete(&fixture.policy, &prefix, &error), 0);
	expect(&fixture, "eth ip6:trusted udp:5060", SG_REASON_NOT_ALLOWED);
	expect(&fixture, "eth ip4:trusted udp:5060", SG_REASON_ALLOWED);
	fixture_close(&fixture);
}

Test(generations, what_ends_is_not_remembered)
{
	struct fixture fixture;
	int64_t end;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	end = clock_now() + 2;
	fixture_put(&fixture, "203.0.113.7", SG_ENTRY_DENY, end);
	fixture_put(&fixture, "192.0.2.66", SG_ENTRY_ALLOW, end);
	expect(&fixture, "eth ip4:stranger udp:5060", SG_REASON_ALLOWED);
	expect(&fixture, "eth ip4:trusted udp:5060", SG_REASON_DENIED);
	while (clock_now() < end + 1)
		reason_of(&fixture, "eth ip4:stranger udp:5060");
	expect(&fixture, "eth ip4:stranger udp:5060", SG_REASON_NOT_ALLOWED);
	expect(&fixture, "eth ip4:trusted udp:5060", SG_REASON_ALLOWED);
	fixture_close(&fixture);
}

Test(generations, an_ipv6_source_is_not_taken_for_the_ipv4_one_with_its_first_bytes)
{
	struct sketch sketch;
	struct fixture fixture;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	expect(&fixture, "eth ip4:trusted udp:5060", SG_REASON_ALLOWED);
	fixture_put(&fixture, "cb00:7107::/128", SG_ENTRY_DENY, 0);
	expect(&fixture, "eth ip4:trusted udp:5060", SG_REASON_ALLOWED);
	sketch_draw("eth ip6:trusted udp:5060", &sketch);
	memset(sketch.bytes + 14 + 8, 0, 16);
	memcpy(sketch.bytes + 14 + 8, (uint8_t[]){203, 0, 113, 7}, 4);
	cr_assert_eq(fixture_run(&fixture, sketch.bytes, sketch.size, "cb00:7107::").reason,
		     SG_REASON_DENIED);
	fixture_close(&fixture);
}

/* One bit of the seed moves in each round; the answers must not. */
Test(generations, prefixes_of_every_length_pass_the_filter)
{
	static const char *const hosts[] = {"203.0.113.7", "2001:db8::7"};
	static const char *const frames[] = {"eth ip4:trusted udp:5060",
					     "eth ip6:trusted udp:5060"};
	struct fixture fixture;
	struct error error;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	for (size_t family = 0; family < 2; family++) {
		struct prefix host;

		cr_assert_eq(prefix_parse(hosts[family], &host, &error), 0);
		for (int length = 0; length <= host.length; length++) {
			struct entry entry = {.prefix = host};
			struct entry_list list = {};

			entry.prefix.length = (uint8_t)length;
			prefix_truncate(&entry.prefix);
			cr_assert_eq(entry_list_put(&list, &entry, &error), 0);
			replace(&fixture, &list);
			cr_assert_eq(reason_of(&fixture, frames[family]), SG_REASON_ALLOWED, "/%d",
				     length);
		}
	}
	fixture_close(&fixture);
}
