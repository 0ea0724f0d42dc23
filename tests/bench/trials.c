// SPDX-License-Identifier: GPL-2.0-or-later
#include "trials.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "flood.h"
#include "loaders.h"
#include "pair.h"
#include "sipguard/abi.h"

/* A rival may have no room for more entries than this; below it must work. */
#define RIVALS_ENTRIES_MIN 100000

static bool is_trusted(enum sources sources)
{
	return sources != SOURCES_STRANGERS && sources != SOURCES_NEIGHBOURS;
}

/* A rival that cannot do it stays out, and the report says why. */
static int set_up(struct trial *trial, struct error *error)
{
	const struct contender *contender = trial->contender;
	int result = lane_create(&trial->lane, trial->family, error);

	if (result)
		return result;
	result = contender->load(trial->list, error);
	if (!result || contender->kind != CONTENDER_RIVAL ||
	    trial->list->entries.count <= RIVALS_ENTRIES_MIN)
		return result;
	snprintf(trial->left_out, sizeof(trial->left_out), "%.255s", error->message);
	return 0;
}

static int add_trial(struct trials *trials, const struct contender *contender, uint8_t family,
		     struct allowlist *list, struct error *error)
{
	struct trial *trial = &trials->trials[trials->count++];

	*trial = (struct trial){.contender = contender, .family = family, .list = list};
	if (!list || !contender->entries_max || list->entries.count <= contender->entries_max)
		return set_up(trial, error);
	snprintf(trial->left_out, sizeof(trial->left_out), "takes %zu entries",
		 contender->entries_max);
	return 0;
}

static int add_trials(struct trials *trials, const struct contender *contender, struct lists *lists,
		      struct error *error)
{
	bool seen[SG_FAMILY_COUNT] = {};
	int result = 0;

	for (size_t i = 0; !result && i < lists->count; i++) {
		struct allowlist *list = &lists->lists[i];

		if (!(contender->families & BIT(list->family)))
			continue;
		if (contender->kind == CONTENDER_REFERENCE && seen[list->family])
			continue;
		seen[list->family] = true;
		result = add_trial(trials, contender, list->family,
				   contender->kind == CONTENDER_REFERENCE ? NULL : list, error);
	}
	return result;
}

static int add_references(struct trials *trials, uint8_t family, struct error *error)
{
	struct lane *lanes = trials->references[family];
	int result = lane_create(&lanes[false], family, error);

	result = result ?: load_bare_drop(NULL, error);
	return result ?: lane_create(&lanes[true], family, error);
}

/* Without a list of its own it need not meet as many sources of every other's. */
static bool has_met_as_many(const struct trials *trials, const struct trial *trial,
			    const struct allowlist *list, enum sources sources)
{
	size_t number = sources_number(sources, list);

	for (size_t i = 0; !trial->list && i < trials->measurement_count; i++) {
		const struct measurement *planned = &trials->measurements[i];

		if (planned->trial == trial && planned->sources != SOURCES_STRANGERS &&
		    sources_number(planned->sources, planned->list) == number)
			return true;
	}
	return false;
}

/* Trials that meet the same packets stand one behind the other. */
static void plan(struct trials *trials, const struct allowlist *list, enum sources sources)
{
	for (size_t i = 0; i < trials->count; i++) {
		const struct trial *trial = &trials->trials[i];

		if (trial->left_out[0] || trial->family != list->family ||
		    !(trial->contender->sources & BIT(sources)))
			continue;
		if (sources != SOURCES_STRANGERS && trial->list && trial->list != list)
			continue;
		if (has_met_as_many(trials, trial, list, sources))
			continue;
		trials->measurements[trials->measurement_count++] =
			(struct measurement){.trial = trial, .sources = sources, .list = list};
	}
}

static void plan_family(struct trials *trials, const struct lists *lists, uint8_t family)
{
	bool strangers_planned = false;

	for (size_t i = 0; i < lists->count; i++) {
		const struct allowlist *list = &lists->lists[i];

		if (list->family != family)
			continue;
		for (unsigned int sources = 0; sources < SOURCES_COUNT; sources++) {
			if (sources == SOURCES_STRANGERS && strangers_planned)
				continue;
			if (sources_are_worthwhile(sources, list))
				plan(trials, list, sources);
		}
		strangers_planned = true;
	}
}

int trials_set_up(struct trials *trials, struct lists *lists, struct error *error)
{
	size_t trials_max = CONTENDER_COUNT * lists->count;
	int result;

	trials->trials = calloc(trials_max, sizeof(*trials->trials));
	trials->measurements = calloc(trials_max * SOURCES_COUNT, sizeof(*trials->measurements));
	if (!trials->trials || !trials->measurements)
		return error_system(error, ENOMEM, "cannot set up the trials");
	result = add_references(trials, SG_FAMILY_IPV4, error);
	result = result ?: add_references(trials, SG_FAMILY_IPV6, error);
	for (size_t id = 0; !result && id < CONTENDER_COUNT; id++)
		result = add_trials(trials, &contenders[id], lists, error);
	plan_family(trials, lists, SG_FAMILY_IPV4);
	plan_family(trials, lists, SG_FAMILY_IPV6);
	return result;
}

static int measure(struct measurement *measurement, struct reference *reference, double seconds,
		   struct error *error)
{
	const struct contender *contender = measurement->trial->contender;
	const struct subject subject = {
		.name = contender->name,
		.lane = &measurement->trial->lane,
		.fate = contender->filters && !is_trusted(measurement->sources) ? FATE_DROPPED
										: FATE_DELIVERED,
	};
	struct pair pair;
	int result = pair_measure(&subject, reference, seconds, &pair, error);

	if (result)
		return result;
	series_add(&measurement->pps, pair.pps);
	series_add(&measurement->reference_pps, pair.reference_pps);
	series_add(&measurement->ratio, pair.pps / pair.reference_pps);
	if (pair.lost > measurement->lost)
		measurement->lost = pair.lost;
	return 0;
}

/* Everything of one family, with one flood. */
static int measure_family(struct trials *trials, uint8_t family, double seconds,
			  struct error *error)
{
	const struct measurement *before = NULL;
	struct reference reference = {};
	int result;

	sources_choose(SOURCES_STRANGERS, &(const struct allowlist){.family = family});
	result = flood_start(&trials->references[family][false], error);
	if (result)
		return result;
	for (size_t i = 0; !result && i < trials->measurement_count; i++) {
		struct measurement *measurement = &trials->measurements[i];

		if (measurement->trial->family != family)
			continue;
		if (!before || before->sources != measurement->sources ||
		    before->list != measurement->list) {
			sources_choose(measurement->sources, measurement->list);
			reference.lane =
				&trials->references[family][is_trusted(measurement->sources)];
			reference.pps = 0;
		}
		before = measurement;
		result = measure(measurement, &reference, seconds, error);
	}
	if (result) {
		flood_stop(&(struct error){});
		return result;
	}
	return flood_stop(error);
}

int trials_measure(struct trials *trials, double seconds, struct error *error)
{
	int result = measure_family(trials, SG_FAMILY_IPV4, seconds, error);

	return result ?: measure_family(trials, SG_FAMILY_IPV6, seconds, error);
}

const struct measurement *trials_find(const struct trials *trials, enum contender_id id,
				      enum sources sources, size_t entries)
{
	for (size_t i = 0; i < trials->measurement_count; i++) {
		const struct measurement *measurement = &trials->measurements[i];
		const struct trial *trial = measurement->trial;

		if (trial->contender == &contenders[id] && trial->family == SG_FAMILY_IPV4 &&
		    measurement->sources == sources &&
		    (!trial->list || trial->list->entries.count == entries))
			return measurement;
	}
	return NULL;
}
