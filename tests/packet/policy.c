// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the program makes of the policy: entries inside entries, expiry, ports, hit counters,
 * editing in place.
 */
#include "policy/ports.h"

#include <bpf/bpf.h>
#include <criterion/criterion.h>
#include <stdio.h>
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

static void delete (struct fixture *fixture, const char *text)
{
	struct prefix prefix;
	struct error error;

	cr_assert_eq(prefix_parse(text, &prefix, &error), 0);
	cr_assert_eq(policy_delete(&fixture->policy, &prefix, &error), 0);
}

static struct policy_entry entry_of(struct fixture *fixture, const char *text)
{
	struct policy_entries list;
	struct policy_entry entry;
	struct prefix prefix;
	struct error error;
	size_t at = 0;

	cr_assert_eq(prefix_parse(text, &prefix, &error), 0);
	cr_assert_eq(policy_list(&fixture->policy, &list, &error), 0);
	while (at < list.count && prefix_compare(&list.entries[at].prefix, &prefix) != 0)
		at++;
	cr_assert_lt(at, list.count, "there is no %s", text);
	entry = list.entries[at];
	free(list.entries);
	return entry;
}

Test(policy, the_longest_prefix_decides_at_any_depth)
{
	struct fixture fixture;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	fixture_put(&fixture, "203.0.0.0/16", SG_ENTRY_DENY, 0);
	fixture_put(&fixture, "203.0.113.0/29", SG_ENTRY_DENY, 0);
	cr_assert_eq(reason_of(&fixture, "eth ip4:trusted udp:5060"), SG_REASON_DENIED);
	fixture_put(&fixture, "203.0.113.7", SG_ENTRY_ALLOW, 0);
	cr_assert_eq(reason_of(&fixture, "eth ip4:trusted udp:5060"), SG_REASON_ALLOWED);
	delete (&fixture, "203.0.113.7");
	delete (&fixture, "203.0.113.0/29");
	cr_assert_eq(reason_of(&fixture, "eth ip4:trusted udp:5060"), SG_REASON_ALLOWED);
	delete (&fixture, "203.0.113.0/24");
	cr_assert_eq(reason_of(&fixture, "eth ip4:trusted udp:5060"), SG_REASON_DENIED);
	delete (&fixture, "203.0.0.0/16");
	cr_assert_eq(reason_of(&fixture, "eth ip4:trusted udp:5060"), SG_REASON_NOT_ALLOWED);
	fixture_put(&fixture, "0.0.0.0/0", SG_ENTRY_ALLOW, 0);
	cr_assert_eq(reason_of(&fixture, "eth ip4:stranger udp:5060"), SG_REASON_ALLOWED);
	fixture_close(&fixture);
}

static void take_away(int map)
{
	uint32_t slot = 0;

	cr_assert_eq(bpf_map_delete_elem(map, &slot), 0);
}

Test(policy, without_a_list_guarded_ports_are_dropped_and_the_rest_passes)
{
	struct fixture fixture;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	take_away(fixture.policy.allow4);
	take_away(fixture.policy.allow6);
	take_away(fixture.policy.hits);
	cr_assert_eq(reason_of(&fixture, "eth ip4:trusted udp:5060"), SG_REASON_NOT_ALLOWED);
	cr_assert_eq(reason_of(&fixture, "eth ip6:trusted udp:5060"), SG_REASON_NOT_ALLOWED);
	cr_assert_eq(reason_of(&fixture, "eth ip4:trusted udp:53"), SG_REASON_OTHER_PORT);
	fixture_close(&fixture);
}

Test(policy, without_hit_counters_the_list_still_decides)
{
	struct fixture fixture;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	take_away(fixture.policy.hits);
	cr_assert_eq(reason_of(&fixture, "eth ip4:trusted udp:5060"), SG_REASON_ALLOWED);
	cr_assert_eq(reason_of(&fixture, "eth ip4:denied udp:5060"), SG_REASON_DENIED);
	fixture_close(&fixture);
}

/* Only a list that allows all of IPv6 can tell the rule from a miss in the trie. */
Test(policy, a_source_that_spells_an_ipv4_address_is_never_allowed)
{
	struct fixture fixture;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	fixture_put(&fixture, "::/0", SG_ENTRY_ALLOW, 0);
	cr_assert_eq(reason_of(&fixture, "eth ip6:stranger udp:5060"), SG_REASON_ALLOWED);
	cr_assert_eq(reason_of(&fixture, "eth ip6:mapped udp:5060"), SG_REASON_NOT_ALLOWED);
	cr_assert_eq(reason_of(&fixture, "eth ip6:compatible udp:5060"), SG_REASON_NOT_ALLOWED);
	cr_assert_eq(reason_of(&fixture, "eth ip6:mapped tcp:5060 short:2"), SG_REASON_NO_PORTS);
	cr_assert_eq(reason_of(&fixture, "eth ip6:translated udp:5060"), SG_REASON_ALLOWED);
	fixture_close(&fixture);
}

Test(policy, an_expired_entry_counts_as_absent_and_the_next_shorter_one_decides)
{
	int64_t past = clock_now() - 10, future = clock_now() + 1000;
	struct fixture fixture;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	fixture_put(&fixture, "203.0.113.7", SG_ENTRY_DENY, future);
	cr_assert_eq(reason_of(&fixture, "eth ip4:trusted udp:5060"), SG_REASON_DENIED);
	fixture_put(&fixture, "203.0.113.7", SG_ENTRY_DENY, past);
	cr_assert_eq(reason_of(&fixture, "eth ip4:trusted udp:5060"), SG_REASON_ALLOWED);
	fixture_put(&fixture, "203.0.113.0/24", SG_ENTRY_ALLOW, past);
	cr_assert_eq(reason_of(&fixture, "eth ip4:trusted udp:5060"), SG_REASON_NOT_ALLOWED);
	fixture_put(&fixture, "0.0.0.0/0", SG_ENTRY_DENY, past);
	cr_assert_eq(reason_of(&fixture, "eth ip4:trusted udp:5060"), SG_REASON_NOT_ALLOWED);
	fixture_close(&fixture);
}

Test(policy, every_prefix_of_a_host_may_have_expired_but_the_shortest)
{
	int64_t past = clock_now() - 10;
	struct fixture fixture;
	char text[PREFIX_TEXT_SIZE];
	struct prefix prefix;
	struct error error;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	for (int length = 128; length > 0; length--) {
		cr_assert_eq(address_parse("2001:db8:bad::66", &prefix, &error), 0);
		prefix.length = (uint8_t)length;
		prefix_truncate(&prefix);
		prefix_format(&prefix, text);
		fixture_put(&fixture, text, SG_ENTRY_DENY, past);
	}
	cr_assert_eq(reason_of(&fixture, "eth ip6:stranger udp:5060"), SG_REASON_NOT_ALLOWED);
	fixture_put(&fixture, "::/0", SG_ENTRY_ALLOW, 0);
	cr_assert_eq(reason_of(&fixture, "eth ip6:stranger udp:5060"), SG_REASON_ALLOWED);
	fixture_close(&fixture);
}

Test(policy, hits_and_last_seen_belong_to_the_entry_that_decided)
{
	struct policy_entry entry;
	struct fixture fixture;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	cr_assert_eq(entry_of(&fixture, "203.0.113.8").last_seen, 0);
	for (int i = 0; i < 3; i++)
		reason_of(&fixture, "eth ip4:denied udp:5060");
	reason_of(&fixture, "eth ip4:trusted udp:5060");
	reason_of(&fixture, "eth ip4:trusted udp:53");
	entry = entry_of(&fixture, "203.0.113.8");
	cr_assert_eq(entry.packets, 3);
	cr_assert_leq(llabs(entry.last_seen - clock_now()), 2);
	cr_assert_eq(entry_of(&fixture, "203.0.113.0/24").packets, 1);
	cr_assert_eq(entry_of(&fixture, "2001:db8::/48").packets, 0);

	/* Changing the entry keeps its counter; deleting it and adding it anew does not. */
	fixture_put(&fixture, "203.0.113.8", SG_ENTRY_ALLOW, 0);
	cr_assert_eq(entry_of(&fixture, "203.0.113.8").packets, 3);
	delete (&fixture, "203.0.113.8");
	fixture_put(&fixture, "203.0.113.8", SG_ENTRY_ALLOW, 0);
	cr_assert_eq(entry_of(&fixture, "203.0.113.8").packets, 0);
	fixture_close(&fixture);
}

Test(policy, other_ports_can_be_guarded)
{
	struct fixture fixture;
	struct sg_ports ports = {};
	struct error error;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	ports_add(&ports, &(struct port){.table = SG_PORTS_TCP, .number = 65535});
	ports_add(&ports, &(struct port){.table = SG_PORTS_UDP, .number = 1});
	cr_assert_eq(policy_set_ports(&fixture.policy, &ports, &error), 0);
	cr_assert_eq(reason_of(&fixture, "eth ip4:stranger udp:5060"), SG_REASON_OTHER_PORT);
	cr_assert_eq(reason_of(&fixture, "eth ip4:stranger udp:1"), SG_REASON_NOT_ALLOWED);
	cr_assert_eq(reason_of(&fixture, "eth ip4:stranger udplite:1"), SG_REASON_NOT_ALLOWED);
	cr_assert_eq(reason_of(&fixture, "eth ip4:stranger tcp:1"), SG_REASON_OTHER_PORT);
	cr_assert_eq(reason_of(&fixture, "eth ip4:stranger tcp:65535"), SG_REASON_NOT_ALLOWED);
	cr_assert_eq(reason_of(&fixture, "eth ip4:stranger sctp:65535"), SG_REASON_OTHER_PORT);
	fixture_close(&fixture);
}

Test(policy, a_full_list_says_so_and_keeps_what_it_has)
{
	struct entry entry = {.prefix = {.family = SG_FAMILY_IPV4, .length = 32}};
	struct fixture fixture;
	struct error error;
	int result = 0;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	for (unsigned int i = 0; !result && i < 5000; i++) {
		entry.prefix.address[0] = 10;
		entry.prefix.address[2] = (uint8_t)(i >> 8);
		entry.prefix.address[3] = (uint8_t)i;
		result = policy_put(&fixture.policy, &entry, &error);
	}
	cr_assert_lt(result, 0);
	cr_assert_eq(error.status, EXIT_SYSTEM);
	cr_assert_not_null(strstr(error.message, "no room"));
	cr_assert_eq(reason_of(&fixture, "eth ip4:trusted udp:5060"), SG_REASON_ALLOWED);
	fixture_close(&fixture);
}

Test(policy, what_is_loaded_at_once_is_what_is_listed)
{
	struct policy policy = POLICY_CLOSED;
	struct policy_entries listed;
	struct entry_list list = {};
	struct sg_ports ports = {};
	struct error error;

	for (unsigned int i = 0; i < 5000; i++) {
		struct entry entry = {
			.prefix = {.family = i % 2 ? SG_FAMILY_IPV4 : SG_FAMILY_IPV6,
				   .length = 32,
				   .address = {32, 7, (uint8_t)(i >> 8), (uint8_t)i}}};

		cr_assert_eq(entry_list_append(&list, &entry, &error), 0);
	}
	entry_list_sort(&list);
	cr_assert_eq(policy_create(&policy, 4096, &list, &ports, NULL, &error), 0, "%s",
		     error.message);
	cr_assert_eq(policy_list(&policy, &listed, &error), 0);
	cr_assert_eq(listed.count, list.count);
	for (size_t i = 0; i < list.count; i++)
		cr_assert_eq(prefix_compare(&listed.entries[i].prefix, &list.entries[i].prefix), 0);
	free(listed.entries);
	policy_close(&policy);
	entry_list_clear(&list);
}

/* Once each, in the order of prefixes, as text. */
static void callers_of(struct fixture *fixture, int64_t since, char *text, size_t size)
{
	struct policy_callers callers;
	struct entry_list hosts = {};
	struct error error;

	cr_assert_eq(policy_callers(&fixture->policy, since, &callers, &error), 0, "%s",
		     error.message);
	for (size_t i = 0; i < callers.count; i++) {
		struct entry entry = {.prefix = callers.callers[i].host};

		cr_assert_leq(llabs(callers.callers[i].last_seen - clock_now()), 2);
		cr_assert_eq(entry_list_append(&hosts, &entry, &error), 0);
	}
	entry_list_sort(&hosts);
	*text = '\0';
	for (size_t i = 0; i < hosts.count; i++) {
		char host[PREFIX_TEXT_SIZE];

		prefix_format(&hosts.entries[i].prefix, host);
		snprintf(text + strlen(text), size - strlen(text), "%s ", host);
	}
	entry_list_clear(&hosts);
	free(callers.callers);
}

Test(policy, those_who_called_are_known_and_no_stranger)
{
	int64_t now = clock_now();
	struct fixture fixture;
	char text[256];

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	callers_of(&fixture, now - 60, text, sizeof(text));
	cr_assert_str_eq(text, "");
	reason_of(&fixture, "eth ip4:stranger udp:5060");
	reason_of(&fixture, "eth ip6:stranger udp:5060");
	reason_of(&fixture, "eth ip4:trusted udp:53");
	callers_of(&fixture, now - 60, text, sizeof(text));
	cr_assert_str_eq(text, "");
	/* The first packet is remembered, and the second one found. */
	for (int i = 0; i < 2; i++) {
		reason_of(&fixture, "eth ip4:trusted udp:5060");
		reason_of(&fixture, "eth ip6:trusted udp:5060");
		callers_of(&fixture, now - 60, text, sizeof(text));
		cr_assert_str_eq(text, "203.0.113.7/32 2001:db8::7/128 ");
	}
	callers_of(&fixture, now + 60, text, sizeof(text));
	cr_assert_str_eq(text, "");
	/* They called, whatever has become of the list since. */
	delete (&fixture, "203.0.113.0/24");
	callers_of(&fixture, now - 60, text, sizeof(text));
	cr_assert_str_eq(text, "203.0.113.7/32 2001:db8::7/128 ");
	fixture_close(&fixture);
}
