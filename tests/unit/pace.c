// SPDX-License-Identifier: GPL-2.0-or-later
/* A reader's pace against a model of the program: so many packets a second of each reason. */
#include "capture/pace.h"

#include <criterion/criterion.h>

#define STEP_SECONDS 0.05

struct model {
	struct pace pace;
	uint64_t counters[SG_SAMPLE_REASONS];
	uint64_t samples[SG_SAMPLE_REASONS];
};

static struct model model_begin(uint32_t rate)
{
	return (struct model){.pace = pace_begin(rate)};
}

/* What the program would do on one CPU in one step. Returns the samples of all reasons. */
static uint64_t run_step(struct model *model, const double rates[static SG_SAMPLE_REASONS])
{
	struct pace_step step = {.seconds = STEP_SECONDS, .cpus = 1};

	/* In turns, because the credit is for all reasons. */
	for (int turn = 0; turn < 100; turn++) {
		for (uint32_t reason = 0; reason < SG_SAMPLE_REASONS; reason++) {
			uint64_t before = model->counters[reason];
			double more = rates[reason] * STEP_SECONDS / 100;
			uint8_t shift = model->pace.shift[reason];
			uint64_t candidates, taken;

			/* Fewer than one a turn come every so many turns. */
			if (more < 1)
				more = turn % (int)(1 / (more + 1e-9) + 1) == 0 && more > 0;
			model->counters[reason] += (uint64_t)more;
			candidates = (model->counters[reason] >> shift) - (before >> shift);
			taken = model->pace.credit - step.samples;
			if (taken > candidates)
				taken = candidates;
			step.packets[reason] += candidates << shift;
			step.samples += taken;
			model->samples[reason] += taken;
		}
	}
	pace_step(&model->pace, &step);
	return step.samples;
}

static uint64_t run_seconds(struct model *model, double seconds,
			    const double rates[static SG_SAMPLE_REASONS])
{
	uint64_t samples = 0;

	for (double passed = 0; passed < seconds; passed += STEP_SECONDS)
		samples += run_step(model, rates);
	return samples;
}

Test(pace, all_of_what_is_below_the_rate_is_taken)
{
	const double rates[SG_SAMPLE_REASONS] = {[4] = 400, [9] = 300};
	struct model model = model_begin(1000);

	run_seconds(&model, 10, rates);
	cr_assert_eq(model.samples[4], model.counters[4]);
	cr_assert_eq(model.samples[9], model.counters[9]);
}

Test(pace, a_burst_after_silence_is_taken_as_a_whole)
{
	const double silence[SG_SAMPLE_REASONS] = {}, burst[SG_SAMPLE_REASONS] = {[4] = 16000};
	struct model model = model_begin(1000);

	run_seconds(&model, 5, silence);
	cr_assert_eq(run_step(&model, burst), 800);
	run_seconds(&model, 5, silence);
	cr_assert_eq(run_step(&model, burst), 800);
}

Test(pace, a_flood_is_held_to_the_rate)
{
	const double rates[SG_SAMPLE_REASONS] = {[4] = 10e6};
	struct model model = model_begin(1000);
	uint64_t samples = run_seconds(&model, 10, rates);

	cr_assert_leq(samples, 1000 + 10 * 1000 + 50);
	/* Shifts are powers of two, so half of the rate is what is sure. */
	cr_assert_geq(samples, 10 * 500);
}

/* Samples that came with the first packets of each step would tell little of the rest. */
Test(pace, a_flood_is_spread_evenly_once_it_is_known)
{
	const double rates[SG_SAMPLE_REASONS] = {[4] = 1e6};
	struct model model = model_begin(100);

	run_seconds(&model, 8, rates);
	for (int i = 0; i < 100; i++) {
		run_step(&model, rates);
		cr_assert_geq(1e6 / (1 << model.pace.shift[4]), 100.0 / 4);
		cr_assert_leq(1e6 / (1 << model.pace.shift[4]), 100.0);
	}
}

Test(pace, what_is_rare_is_taken_in_a_flood_of_something_else)
{
	const double rates[SG_SAMPLE_REASONS] = {[4] = 10e6, [5] = 100, [9] = 60};
	struct model model = model_begin(1000);
	uint64_t rare, common;

	run_seconds(&model, 5, rates);
	rare = model.counters[5] + model.counters[9] - model.samples[5] - model.samples[9];
	common = model.samples[4];
	run_seconds(&model, 5, rates);
	cr_assert_eq(model.counters[5] + model.counters[9] - model.samples[5] - model.samples[9],
		     rare, "rare packets were left out");
	cr_assert_gt(model.samples[4] - common, 5 * 400);
}

Test(pace, after_a_flood_all_is_taken_again_soon)
{
	const double flood[SG_SAMPLE_REASONS] = {[4] = 10e6}, calm[SG_SAMPLE_REASONS] = {[4] = 200};
	struct model model = model_begin(1000);
	uint64_t missed;

	run_seconds(&model, 10, flood);
	run_seconds(&model, 1, calm);
	missed = model.counters[4] - model.samples[4];
	run_seconds(&model, 5, calm);
	cr_assert_eq(model.counters[4] - model.samples[4], missed);
}

Test(pace, credit_is_shared_by_the_cpus_and_never_runs_dry_between_them)
{
	struct pace pace = pace_begin(100);
	struct pace_step step = {.seconds = 1, .cpus = 4};

	pace_step(&pace, &step);
	cr_assert_eq(pace.credit, 25);
	step.cpus = 1000;
	pace_step(&pace, &step);
	cr_assert_eq(pace.credit, 1);
	/* More was taken than there was: the debt is paid first. */
	step = (struct pace_step){.seconds = 1, .cpus = 1, .samples = 250};
	pace_step(&pace, &step);
	cr_assert_eq(pace.credit, 0);
	step.samples = 0;
	pace_step(&pace, &step);
	cr_assert_eq(pace.credit, 50);
}

Test(pace, no_time_changes_nothing)
{
	struct pace pace = pace_begin(100), before = pace;

	pace_step(&pace, &(struct pace_step){.packets = {[4] = 1000}, .samples = 5});
	cr_assert_eq(pace.credit, before.credit);
	cr_assert_eq(pace.shift[4], 0);
}
