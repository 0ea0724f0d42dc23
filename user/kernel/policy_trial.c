// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generations on trial: the former one stays complete in its slot, and the program goes back to it
 * by itself when the time is over.
 *
 * While a trial lasts neither generation is changed, so what the program remembers under the word
 * of either stays true. A trial that ends gets a new word in any case: the word of the generation
 * that was given up must not name a later one.
 */
#include <errno.h>

#include "kernel/clock.h"
#include "kernel/policy_internal.h"

#define NANOSECONDS 1000000000LL

int policy_try(struct policy *policy, struct policy_generation *generation, int64_t seconds,
	       struct error *error)
{
	uint32_t old = (generation->slot + 1) % SG_GENERATION_SLOTS;
	struct policy_generation former = policy_own_generation(policy, old);
	struct sg_settings settings;
	struct error ignored;
	int result;

	result = clock_refuse_namespace(error);
	result = result ?: generation_enter(policy, generation, &settings, error);
	if (result)
		return result;
	/* The way back is there before there is a time for it. */
	settings.revert_current = settings.current;
	result = policy_write_settings(policy, &settings, error);
	if (result)
		return result;
	settings.current = next_current(&settings, generation->slot);
	settings.revert_at = (uint64_t)(clock_boot() + seconds * NANOSECONDS);
	result = policy_write_settings(policy, &settings, error);
	if (result)
		return result;

	/* A change of the slots waits for the packets that still count in the former one. */
	generation_install(policy, generation, &ignored);
	hits_carry(&former, generation, CARRY_ALL, &ignored);
	policy->trie4 = policy->trie6 = policy->hit_rows = -1;
	policy_take_generation(policy, generation);
	policy->other = former;
	return 0;
}

struct policy_trial trial_of(const struct sg_settings *settings)
{
	int64_t left = (int64_t)settings->revert_at - clock_boot();

	if (!settings->revert_at)
		return (struct policy_trial){CONFIRMATION_NONE};
	if (left <= 0)
		return (struct policy_trial){CONFIRMATION_MISSED, .ends = settings->revert_at};
	return (struct policy_trial){CONFIRMATION_PENDING, (left + NANOSECONDS - 1) / NANOSECONDS,
				     settings->revert_at};
}

int policy_trial(const struct policy *policy, struct policy_trial *trial, struct error *error)
{
	struct sg_settings settings;
	int result = policy_read_settings(policy, &settings, error);

	if (!result)
		*trial = trial_of(&settings);
	return result;
}

int policy_refuse_trial(const struct policy *policy, struct error *error)
{
	struct sg_settings settings;
	int result = policy_read_settings(policy, &settings, error);

	return result ?: settings_refuse_trial(&settings, error);
}

/* Nothing can fail behind the store that ended the trial. */
static void release_other(struct policy *policy, uint32_t slot)
{
	struct error ignored;

	generation_remove(policy, slot, &ignored);
	if (policy->pinned)
		generation_unpin(slot, &ignored);
	policy_discard(&policy->other);
}

int policy_confirm(struct policy *policy, struct policy_trial *found, struct error *error)
{
	struct sg_settings settings;
	int result = policy_read_settings(policy, &settings, error);

	if (result)
		return result;
	*found = trial_of(&settings);
	if (found->state != CONFIRMATION_PENDING)
		return 0;
	/* A packet that has just read the time may still go back: the word for it stays. */
	settings.revert_at = 0;
	result = policy_write_settings(policy, &settings, error);
	if (!result)
		release_other(policy, SG_CURRENT_SLOT(settings.revert_current));
	return result;
}

/* The policy has the former generation open, and the one on trial as the other. */
static void turn_back(struct policy *policy, uint32_t tried)
{
	struct policy_generation former = policy->other;

	if (former.slot == tried)
		return;
	policy->other = policy_own_generation(policy, tried);
	policy->trie4 = policy->trie6 = policy->hit_rows = -1;
	policy_take_generation(policy, &former);
}

int policy_give_up(struct policy *policy, struct error *error)
{
	struct sg_settings settings;
	int result = policy_read_settings(policy, &settings, error);

	if (result || trial_of(&settings).state == CONFIRMATION_NONE)
		return result;
	settings.revert_at = 1;
	result = policy_write_settings(policy, &settings, error);
	return result ?: policy_end_trial(policy, error);
}

int policy_end_trial(struct policy *policy, struct error *error)
{
	struct policy_generation own;
	struct sg_settings settings;
	struct error ignored;
	uint32_t tried, former;
	int result = policy_read_settings(policy, &settings, error);

	if (result || trial_of(&settings).state != CONFIRMATION_MISSED)
		return result;
	former = SG_CURRENT_SLOT(settings.revert_current);
	tried = (former + 1) % SG_GENERATION_SLOTS;
	/* If a killed command left it in the middle of a change, it still is. */
	settings.current = next_current(&settings, former) |
			   (settings.revert_current & SG_CURRENT_CHANGING);
	result = policy_write_settings(policy, &settings, error);
	if (result)
		return result;
	/* Until no packet remembers the slot of the trial, the time must send them away from it. */
	result = generation_remove(policy, tried, error);
	settings.revert_at = 0;
	result = result ?: policy_write_settings(policy, &settings, error);
	if (result)
		return result;
	turn_back(policy, tried);
	own = policy_own_generation(policy, former);
	hits_carry(&policy->other, &own, CARRY_OWN, &ignored);
	release_other(policy, tried);
	return 0;
}
