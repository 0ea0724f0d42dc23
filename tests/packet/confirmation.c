// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes that end in the kernel unless they are confirmed: no process does anything meanwhile. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "kernel/clock.h"
#include "packet/fixture.h"

static enum sg_verdict verdict_of(struct fixture *fixture, const char *words)
{
	struct sketch sketch;

	sketch_draw(words, &sketch);
	return fixture_run(fixture, sketch.bytes, sketch.size, words).verdict;
}

/* Beyond the second in which a try of one second ends. */
static void outlast(int64_t begin)
{
	while (clock_boot() < begin + 1000000000)
		;
}

static void open_trying(struct fixture *fixture, enum sg_mode mode, enum sg_mode otherwise,
			int64_t *begin)
{
	struct error error;

	fixture_open(fixture, SG_LINK_ETHERNET, otherwise);
	cr_assert_eq(device_maps_try_mode(&fixture->maps, mode, otherwise, 1, &error), 0);
	*begin = clock_boot();
}

Test(confirmation, an_unconfirmed_guard_drops_until_its_time_and_passes_behind_it)
{
	struct fixture fixture;
	int64_t begin;

	open_trying(&fixture, SG_MODE_ENFORCE, SG_MODE_MONITOR, &begin);
	cr_assert_eq(verdict_of(&fixture, "eth ip4:stranger udp:5060"), SG_VERDICT_DROP);
	outlast(begin);
	cr_assert_eq(verdict_of(&fixture, "eth ip4:stranger udp:5060"), SG_VERDICT_WOULD_DROP);
	cr_assert_eq(verdict_of(&fixture, "eth ip6:stranger,ver=5 udp:5060"),
		     SG_VERDICT_WOULD_DROP);
	cr_assert_eq(verdict_of(&fixture, "eth ip4:trusted udp:5060"), SG_VERDICT_PASS);
	fixture_close(&fixture);
}

Test(confirmation, unconfirmed_monitoring_drops_again)
{
	struct fixture fixture;
	int64_t begin;

	open_trying(&fixture, SG_MODE_MONITOR, SG_MODE_ENFORCE, &begin);
	cr_assert_eq(verdict_of(&fixture, "eth ip4:stranger udp:5060"), SG_VERDICT_WOULD_DROP);
	outlast(begin);
	cr_assert_eq(verdict_of(&fixture, "eth ip4:stranger udp:5060"), SG_VERDICT_DROP);
	fixture_close(&fixture);
}

Test(confirmation, what_is_confirmed_stays)
{
	struct device_mode found;
	struct fixture fixture;
	struct error error;
	int64_t begin;

	open_trying(&fixture, SG_MODE_ENFORCE, SG_MODE_MONITOR, &begin);
	cr_assert_eq(device_maps_confirm(&fixture.maps, &found, &error), 0);
	cr_assert_eq(found.confirmation, CONFIRMATION_PENDING);
	outlast(begin);
	cr_assert_eq(verdict_of(&fixture, "eth ip4:stranger udp:5060"), SG_VERDICT_DROP);
	fixture_close(&fixture);
}

Test(confirmation, one_that_comes_too_late_changes_nothing)
{
	struct device_mode found;
	struct fixture fixture;
	struct error error;
	int64_t begin;

	open_trying(&fixture, SG_MODE_ENFORCE, SG_MODE_MONITOR, &begin);
	outlast(begin);
	cr_assert_eq(device_maps_confirm(&fixture.maps, &found, &error), 0);
	cr_assert_eq(found.confirmation, CONFIRMATION_MISSED);
	cr_assert_eq(found.in_force, SG_MODE_MONITOR);
	cr_assert_eq(verdict_of(&fixture, "eth ip4:stranger udp:5060"), SG_VERDICT_WOULD_DROP);
	fixture_close(&fixture);
}

static enum sg_reason reason_of(struct fixture *fixture, const char *words)
{
	struct sketch sketch;

	sketch_draw(words, &sketch);
	return fixture_run(fixture, sketch.bytes, sketch.size, words).reason;
}

/* Twice, because the second packet finds what the first one left. */
static void expect(struct fixture *fixture, enum sg_reason trusted, enum sg_reason stranger)
{
	for (int round = 0; round < 2; round++) {
		cr_assert_eq(reason_of(fixture, "eth ip4:trusted udp:5060"), trusted);
		cr_assert_eq(reason_of(fixture, "eth ip4:stranger udp:5060"), stranger);
	}
}

/* The other way round than the fixture's own list, but for 198.18.0.0/15, which both have. */
static void build_swapped(struct fixture *fixture, struct policy_generation *next)
{
	static const char *const prefixes[] = {"192.0.2.66", "203.0.113.8", "198.18.0.0/15"};
	struct entry_list list = {};
	struct error error;

	for (size_t i = 0; i < 3; i++) {
		struct entry entry = {.verdict = SG_ENTRY_ALLOW};

		cr_assert_eq(prefix_parse(prefixes[i], &entry.prefix, &error), 0);
		cr_assert_eq(entry_list_put(&list, &entry, &error), 0);
	}
	cr_assert_eq(policy_build(&fixture->policy, &list, NULL, next, &error), 0, "%s",
		     error.message);
	entry_list_clear(&list);
}

static void try_swapped(struct fixture *fixture, int64_t *begin)
{
	struct policy_generation next = POLICY_GENERATION_NONE;
	struct error error;

	build_swapped(fixture, &next);
	cr_assert_eq(policy_try(&fixture->policy, &next, 1, &error), 0, "%s", error.message);
	policy_discard(&next);
	*begin = clock_boot();
}

static void open_with_list_on_trial(struct fixture *fixture, int64_t *begin)
{
	fixture_open(fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	fixture_put(fixture, "198.18.0.0/15", SG_ENTRY_ALLOW, 0);
	expect(fixture, SG_REASON_ALLOWED, SG_REASON_NOT_ALLOWED);
	try_swapped(fixture, begin);
}

Test(confirmation, an_unconfirmed_list_decides_until_its_time_and_the_former_one_behind_it)
{
	struct fixture fixture;
	struct error error;
	int64_t begin;

	open_with_list_on_trial(&fixture, &begin);
	expect(&fixture, SG_REASON_NOT_ALLOWED, SG_REASON_ALLOWED);
	outlast(begin);
	expect(&fixture, SG_REASON_ALLOWED, SG_REASON_NOT_ALLOWED);
	cr_assert_eq(policy_end_trial(&fixture.policy, &error), 0);
	expect(&fixture, SG_REASON_ALLOWED, SG_REASON_NOT_ALLOWED);
	fixture_put(&fixture, "192.0.2.0/24", SG_ENTRY_ALLOW, 0);
	expect(&fixture, SG_REASON_ALLOWED, SG_REASON_ALLOWED);
	fixture_close(&fixture);
}

Test(confirmation, a_confirmed_list_stays)
{
	struct policy_trial found;
	struct fixture fixture;
	struct error error;
	int64_t begin;

	open_with_list_on_trial(&fixture, &begin);
	cr_assert_eq(policy_end_trial(&fixture.policy, &error), 0);
	cr_assert_eq(policy_confirm(&fixture.policy, &found, &error), 0);
	cr_assert_eq(found.state, CONFIRMATION_PENDING);
	cr_assert_eq(found.seconds_left, 1);
	outlast(begin);
	expect(&fixture, SG_REASON_NOT_ALLOWED, SG_REASON_ALLOWED);
	fixture_put(&fixture, "192.0.2.66", SG_ENTRY_DENY, 0);
	expect(&fixture, SG_REASON_NOT_ALLOWED, SG_REASON_DENIED);
	fixture_close(&fixture);
}

Test(confirmation, a_list_that_was_given_up_cannot_be_confirmed)
{
	struct policy_trial found;
	struct fixture fixture;
	struct error error;
	int64_t begin;

	open_with_list_on_trial(&fixture, &begin);
	outlast(begin);
	cr_assert_eq(policy_confirm(&fixture.policy, &found, &error), 0);
	cr_assert_eq(found.state, CONFIRMATION_MISSED);
	expect(&fixture, SG_REASON_ALLOWED, SG_REASON_NOT_ALLOWED);
	fixture_close(&fixture);
}

/* A later list must not get the word under which answers of this one are remembered. */
Test(confirmation, nothing_is_remembered_from_a_list_that_was_given_up)
{
	struct policy_generation next = POLICY_GENERATION_NONE;
	struct entry deny = {.verdict = SG_ENTRY_DENY};
	struct entry_list list = {};
	struct fixture fixture;
	struct error error;
	int64_t begin;

	open_with_list_on_trial(&fixture, &begin);
	expect(&fixture, SG_REASON_NOT_ALLOWED, SG_REASON_ALLOWED);
	outlast(begin);
	cr_assert_eq(policy_end_trial(&fixture.policy, &error), 0);
	cr_assert_eq(prefix_parse("192.0.2.66", &deny.prefix, &error), 0);
	cr_assert_eq(entry_list_put(&list, &deny, &error), 0);
	cr_assert_eq(policy_build(&fixture.policy, &list, NULL, &next, &error), 0);
	cr_assert_eq(policy_switch(&fixture.policy, &next, &error), 0);
	expect(&fixture, SG_REASON_NOT_ALLOWED, SG_REASON_DENIED);
	policy_discard(&next);
	entry_list_clear(&list);
	fixture_close(&fixture);
}

static void refuses(struct fixture *fixture)
{
	struct policy_generation next = POLICY_GENERATION_NONE;
	struct entry entry = {.verdict = SG_ENTRY_ALLOW};
	struct entry_list list = {};
	struct error error;

	cr_assert_eq(prefix_parse("198.18.0.0/15", &entry.prefix, &error), 0);
	cr_assert_eq(policy_put(&fixture->policy, &entry, &error), -EBUSY);
	cr_assert_eq(error.status, EXIT_CONFLICT);
	cr_assert_eq(policy_delete(&fixture->policy, &entry.prefix, &error), -EBUSY);
	cr_assert_eq(policy_build(&fixture->policy, &list, NULL, &next, &error), -EBUSY);
}

Test(confirmation, nothing_changes_while_a_list_is_on_trial)
{
	struct fixture fixture;
	struct error error;
	int64_t begin;

	open_with_list_on_trial(&fixture, &begin);
	refuses(&fixture);
	expect(&fixture, SG_REASON_NOT_ALLOWED, SG_REASON_ALLOWED);
	outlast(begin);
	refuses(&fixture);
	cr_assert_eq(policy_end_trial(&fixture.policy, &error), 0);
	fixture_put(&fixture, "198.18.0.0/15", SG_ENTRY_DENY, 0);
	fixture_close(&fixture);
}

static uint64_t hits_of_both(struct fixture *fixture)
{
	struct policy_entries list;
	struct prefix prefix;
	uint64_t packets = UINT64_MAX;
	struct error error;

	cr_assert_eq(prefix_parse("198.18.0.0/15", &prefix, &error), 0);
	cr_assert_eq(policy_list(&fixture->policy, &list, &error), 0);
	for (size_t i = 0; i < list.count; i++) {
		if (!prefix_compare(&list.entries[i].prefix, &prefix))
			packets = list.entries[i].packets;
	}
	free(list.entries);
	return packets;
}

/* A packet of 198.18.0.1, whom both lists allow. */
static void ask_for_both(struct fixture *fixture)
{
	static const uint8_t address[] = {198, 18, 0, 1};
	struct sketch sketch;

	sketch_draw("eth ip4:stranger udp:5060", &sketch);
	memcpy(sketch.bytes + 14 + 12, address, sizeof(address));
	cr_assert_eq(fixture_run(fixture, sketch.bytes, sketch.size, "198.18.0.1").reason,
		     SG_REASON_ALLOWED);
}

Test(confirmation, hits_are_counted_once_there_and_back)
{
	struct fixture fixture;
	struct error error;
	int64_t begin;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	fixture_put(&fixture, "198.18.0.0/15", SG_ENTRY_ALLOW, 0);
	ask_for_both(&fixture);
	ask_for_both(&fixture);
	try_swapped(&fixture, &begin);
	cr_assert_eq(hits_of_both(&fixture), 2);
	ask_for_both(&fixture);
	cr_assert_eq(hits_of_both(&fixture), 3);
	outlast(begin);
	ask_for_both(&fixture);
	cr_assert_eq(policy_end_trial(&fixture.policy, &error), 0);
	cr_assert_eq(hits_of_both(&fixture), 4);
	ask_for_both(&fixture);
	cr_assert_eq(hits_of_both(&fixture), 5);
	fixture_close(&fixture);
}

/* A BPF file system of the test's own, in a mount namespace that ends with its process. */
static void pin_aside(struct fixture *fixture)
{
	struct error error;

	cr_assert_eq(unshare(CLONE_NEWNS), 0);
	cr_assert_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	cr_assert_eq(mount("bpf", "/sys/fs/bpf", "bpf", 0, "mode=0700"), 0);
	cr_assert_eq(setenv("SIPGUARD_PIN_DIR", "/sys/fs/bpf/sipguard", 1), 0);
	cr_assert_eq(policy_pin(&fixture->policy, &error), 0, "%s", error.message);
}

static int pin_count(void)
{
	DIR *directory = opendir("/sys/fs/bpf/sipguard/policy");
	int count = 0;

	while (readdir(directory))
		count++;
	closedir(directory);
	return count - 2;
}

/* What the next command finds. */
static void open_again(struct fixture *fixture)
{
	struct error error;

	policy_close(&fixture->policy);
	cr_assert_eq(policy_open(&fixture->policy, &error), 0, "%s", error.message);
}

static bool lists_stranger(const struct fixture *fixture)
{
	struct prefix prefix;
	struct error error;

	cr_assert_eq(prefix_parse("192.0.2.66", &prefix, &error), 0);
	return policy_has(&fixture->policy, &prefix);
}

Test(confirmation, other_commands_see_the_list_in_force)
{
	struct policy_trial trial;
	struct policy_fill fill;
	struct fixture fixture;
	struct error error;
	int64_t begin;
	int pins;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	pin_aside(&fixture);
	pins = pin_count();
	try_swapped(&fixture, &begin);
	open_again(&fixture);
	cr_assert(lists_stranger(&fixture));
	cr_assert_eq(policy_trial(&fixture.policy, &trial, &error), 0);
	cr_assert_eq(trial.state, CONFIRMATION_PENDING);
	outlast(begin);
	open_again(&fixture);
	cr_assert_not(lists_stranger(&fixture));
	cr_assert_eq(policy_observe(&fill, &trial, &error), 0);
	cr_assert_eq(fill.entries4, 2);
	cr_assert_eq(policy_end_trial(&fixture.policy, &error), 0);
	cr_assert_eq(pin_count(), pins);
	open_again(&fixture);
	cr_assert_not(lists_stranger(&fixture));
	fixture_put(&fixture, "198.51.100.0/24", SG_ENTRY_ALLOW, 0);
	expect(&fixture, SG_REASON_ALLOWED, SG_REASON_NOT_ALLOWED);
	fixture_close(&fixture);
}

Test(confirmation, another_command_can_confirm)
{
	struct policy_trial found;
	struct fixture fixture;
	struct error error;
	int64_t begin;
	int pins;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	pin_aside(&fixture);
	pins = pin_count();
	try_swapped(&fixture, &begin);
	open_again(&fixture);
	cr_assert_eq(policy_confirm(&fixture.policy, &found, &error), 0);
	cr_assert_eq(pin_count(), pins);
	outlast(begin);
	open_again(&fixture);
	cr_assert(lists_stranger(&fixture));
	expect(&fixture, SG_REASON_NOT_ALLOWED, SG_REASON_ALLOWED);
	fixture_close(&fixture);
}
