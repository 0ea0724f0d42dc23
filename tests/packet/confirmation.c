// SPDX-License-Identifier: GPL-2.0-or-later
/* Changes that end in the kernel unless they are confirmed: no process does anything meanwhile. */
#include <criterion/criterion.h>

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
