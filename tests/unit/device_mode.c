// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/device_mode.h"

#include <criterion/criterion.h>
#include <errno.h>

#define SECOND 1000000000ULL
#define NOW    (100 * SECOND)

static const struct sg_device enforcing = {.mode = SG_MODE_ENFORCE};
static const struct sg_device monitoring = {.mode = SG_MODE_MONITOR};

static void reads(const struct sg_device *device, uint64_t now, const char *expected)
{
	struct device_mode mode = device_mode_of(device, now);
	char text[DEVICE_MODE_TEXT_SIZE];

	device_mode_format(&mode, text);
	cr_assert_str_eq(text, expected);
	cr_assert_eq(mode.in_force, sg_mode_in_force(device, now));
}

/* As the command `mode` does it. */
static void try(struct sg_device *device, enum sg_mode mode, int64_t seconds, uint64_t now)
{
	device_mode_try(device, mode, device_mode_of(device, now).reverts_to, seconds, now);
}

Test(device_mode, a_change_for_good_stays)
{
	struct sg_device device = monitoring;

	try(&device, SG_MODE_ENFORCE, 20, NOW);
	device_mode_set(&device, SG_MODE_ENFORCE);
	reads(&device, NOW, "enforce");
	reads(&device, UINT64_MAX, "enforce");
}

Test(device_mode, what_is_not_confirmed_ends)
{
	struct sg_device device = monitoring;

	try(&device, SG_MODE_ENFORCE, 120, NOW);
	reads(&device, NOW, "enforce, back to monitor in 120 s unless confirmed");
	reads(&device, NOW + 33 * SECOND - 1, "enforce, back to monitor in 88 s unless confirmed");
	reads(&device, NOW + 120 * SECOND - 1, "enforce, back to monitor in 1 s unless confirmed");
	reads(&device, NOW + 120 * SECOND, "monitor (not confirmed)");
	reads(&device, UINT64_MAX, "monitor (not confirmed)");
}

Test(device_mode, a_second_try_goes_back_to_what_was_confirmed_last)
{
	struct sg_device device = monitoring;

	try(&device, SG_MODE_ENFORCE, 20, NOW);
	try(&device, SG_MODE_ENFORCE, 60, NOW + 10 * SECOND);
	reads(&device, NOW + 69 * SECOND, "enforce, back to monitor in 1 s unless confirmed");
	reads(&device, NOW + 70 * SECOND, "monitor (not confirmed)");
	try(&device, SG_MODE_MONITOR, 60, NOW + 30 * SECOND);
	reads(&device, NOW + 30 * SECOND, "monitor");
}

Test(device_mode, a_try_behind_the_end_starts_from_what_is_in_force)
{
	struct sg_device device = monitoring;

	try(&device, SG_MODE_ENFORCE, 20, NOW);
	try(&device, SG_MODE_MONITOR, 20, NOW + 20 * SECOND);
	reads(&device, UINT64_MAX, "monitor");
	try(&device, SG_MODE_ENFORCE, 20, NOW + 20 * SECOND);
	reads(&device, UINT64_MAX, "monitor (not confirmed)");
}

Test(device_mode, no_change_is_nothing_to_confirm)
{
	struct sg_device device = enforcing;

	try(&device, SG_MODE_ENFORCE, 20, NOW);
	reads(&device, UINT64_MAX, "enforce");
}

Test(device_mode, a_mode_may_drop_when_it_does_or_will)
{
	struct sg_device device = enforcing;
	struct device_mode mode;

	try(&device, SG_MODE_MONITOR, 20, NOW);
	mode = device_mode_of(&device, NOW);
	cr_assert_eq(mode.in_force, SG_MODE_MONITOR);
	cr_assert(device_mode_may_drop(&mode));
	mode = device_mode_of(&device, NOW + 20 * SECOND);
	cr_assert_eq(mode.in_force, SG_MODE_ENFORCE);
	mode = device_mode_of(&monitoring, NOW);
	cr_assert_not(device_mode_may_drop(&mode));
}

Test(device_mode, a_confirmation_is_waited_for_within_limits)
{
	static const struct {
		const char *text;
		int result;
		int64_t seconds;
	} cases[] = {
		{"10s", 0, 10},	       {"1d", 0, 86400},   {"2m", 0, 120},	 {"9s", -ERANGE, 0},
		{"24h1s", -ERANGE, 0}, {"0s", -EINVAL, 0}, {"soon", -EINVAL, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error error = {};
		int64_t seconds = 0;

		cr_expect_eq(confirm_parse(cases[i].text, &seconds, &error), cases[i].result, "%s",
			     cases[i].text);
		cr_expect_eq(seconds, cases[i].seconds, "%s", cases[i].text);
		cr_expect_eq(error.status, cases[i].result ? EXIT_USAGE : 0, "%s", cases[i].text);
	}
}
