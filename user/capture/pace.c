// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/pace.h"

#include <stdbool.h>

/* A burst that fills the bucket must not count as a flood, so demand grows over this time. */
#define GROWTH_SECONDS 1.0
#define BUCKET_SECONDS 1.0

struct pace pace_begin(uint32_t rate)
{
	return (struct pace){
		.rate = rate,
		.tokens = rate * BUCKET_SECONDS,
		.credit = rate,
	};
}

/*
 * Demand grows slowly and falls fast, because after a flood every packet matters again. It is no
 * more than what one more candidate in the time since the last ones would have meant.
 */
static void learn_demand(struct pace *pace, const struct pace_step *step, uint32_t reason)
{
	double grown = step->seconds < GROWTH_SECONDS ? step->seconds / GROWTH_SECONDS : 1;
	double packets = (double)step->packets[reason], most;
	double *demand = &pace->demand[reason], *idle = &pace->idle[reason];
	double half = *demand / 2;

	*demand += (packets / step->seconds - *demand) * grown;
	*idle += step->seconds;
	most = (packets + (double)(1U << pace->shift[reason])) / *idle;
	if (*demand > most)
		*demand = most > half ? most : half;
	if (step->packets[reason])
		*idle = 0;
}

/* The smallest shift that leaves at most `share` of the demand. */
static uint8_t shift_to(double demand, double share)
{
	uint8_t shift = 0;

	while (demand > share && shift < SG_SAMPLE_SHIFT_MAX) {
		demand /= 2;
		shift++;
	}
	return shift;
}

/* Whoever needs no more than an equal share of what is left gets it, until nobody does. */
static void share_rate(struct pace *pace)
{
	bool settled[SG_SAMPLE_REASONS] = {};
	double left = pace->rate, share = left;
	int waiting = SG_SAMPLE_REASONS;
	bool again = true;

	while (again && waiting) {
		again = false;
		share = left / waiting;
		for (uint32_t reason = 0; reason < SG_SAMPLE_REASONS; reason++) {
			if (settled[reason] || pace->demand[reason] > share)
				continue;
			settled[reason] = again = true;
			left -= pace->demand[reason];
			waiting--;
		}
	}
	for (uint32_t reason = 0; reason < SG_SAMPLE_REASONS; reason++)
		pace->shift[reason] = settled[reason] ? 0 : shift_to(pace->demand[reason], share);
}

static void fill_bucket(struct pace *pace, const struct pace_step *step)
{
	double each;

	pace->tokens += pace->rate * step->seconds;
	pace->tokens -= (double)step->samples;
	if (pace->tokens > pace->rate * BUCKET_SECONDS)
		pace->tokens = pace->rate * BUCKET_SECONDS;
	each = pace->tokens / (step->cpus ? step->cpus : 1);
	if (pace->tokens < 1)
		pace->credit = 0;
	else
		pace->credit = each < 1 ? 1 : (uint32_t)each;
}

void pace_step(struct pace *pace, const struct pace_step *step)
{
	if (step->seconds <= 0)
		return;
	for (uint32_t reason = 0; reason < SG_SAMPLE_REASONS; reason++)
		learn_demand(pace, step, reason);
	share_rate(pace);
	fill_bucket(pace, step);
}
