// SPDX-License-Identifier: GPL-2.0-or-later
#include "trials.h"

#include <errno.h>
#include <stdlib.h>

#include "generator.h"
#include "lists.h"
#include "stopwatch.h"

/* Samples of two counters are a moment apart, and a stranger may be drawn from the list. */
#define TOLERANCE 0.01

static int write_list(const struct trial *trial, const char *path, struct error *error)
{
	FILE *stream = fopen(path, "we");
	bool failed;

	if (!stream)
		return error_system(error, errno, "cannot create %s", path);
	if (trial->contender->write)
		trial->contender->write(stream, trial->list);
	failed = ferror(stream);
	if (fclose(stream) || failed)
		return error_system(error, EIO, "cannot write %s", path);
	return 0;
}

static int set_up(struct trial *trial, struct error *error)
{
	static const char path[] = WORLD_DIRECTORY "/list";
	int result = lane_create(&trial->lane, error);
	double started;

	result = result ?: write_list(trial, path, error);
	started = stopwatch();
	result = result ?: trial->contender->load(path, error);
	trial->load_seconds = stopwatch() - started;
	return result;
}

static int add(struct trials *trials, const struct contender *contender,
	       const struct entry_list *list, struct error *error)
{
	struct trial *trial = &trials->trials[trials->count++];

	*trial = (struct trial){.contender = contender, .list = list};
	trial->left_out = list && contender->entries_max && list->count > contender->entries_max;
	return trial->left_out ? 0 : set_up(trial, error);
}

int trials_set_up(struct trials *trials, const struct entry_list *lists, size_t count,
		  struct error *error)
{
	trials->lists = lists;
	trials->active_sources = ACTIVE_SOURCES_MAX;
	trials->trials = calloc(CONTENDER_COUNT * count, sizeof(*trials->trials));
	if (!trials->trials)
		return error_system(error, ENOMEM, "cannot set up the trials");
	for (size_t list = 0; list < count; list++) {
		if (lists[list].count < trials->active_sources)
			trials->active_sources = lists[list].count;
		for (size_t id = 0; id < CONTENDER_COUNT; id++) {
			bool has_list = contenders[id].write;
			int result;

			if (list && !has_list)
				continue;
			result = add(trials, &contenders[id], has_list ? &lists[list] : NULL,
				     error);
			if (result)
				return result;
		}
	}
	return 0;
}

static void choose_sources(const struct trials *trials, const struct trial *trial, enum flood flood)
{
	if (flood == FLOOD_STRANGERS)
		generator_draw_strangers(SG_FAMILY_IPV4);
	else
		list_allowed(trial->list ?: trials->lists,
			     generator_draw_from(SG_FAMILY_IPV4, trials->active_sources),
			     trials->active_sources);
}

/* A filter that is not in force, or in the way of allowed packets, must not win. */
static int check_verdicts(const struct trial *trial, enum flood flood, const struct sample *sample,
			  struct error *error)
{
	double passed = (double)sample->to_socket / (double)sample->received;
	bool drops = flood == FLOOD_STRANGERS && trial->contender->filters;

	if (drops ? passed < TOLERANCE : passed > 1 - TOLERANCE)
		return 0;
	return error_set(error, EXIT_SYSTEM, EPROTO, "%s let %.1f %% of the packets pass",
			 trial->contender->name, passed * 100);
}

static int measure(const struct trials *trials, struct trial *trial, enum flood flood,
		   double seconds, struct error *error)
{
	struct series *pps = &trial->pps[flood];
	struct sample sample;
	double lost;
	int result;

	choose_sources(trials, trial, flood);
	result = generator_flood(&trial->lane, seconds, &sample, error);
	result = result ?: check_verdicts(trial, flood, &sample, error);
	if (result)
		return result;
	pps->values[pps->count++] = (double)sample.received / sample.seconds;
	lost = (double)sample.lost / (double)(sample.received + sample.lost);
	if (lost > trial->lost)
		trial->lost = lost;
	return 0;
}

int trials_measure(struct trials *trials, double seconds, struct error *error)
{
	for (size_t i = 0; i < trials->count; i++) {
		struct trial *trial = &trials->trials[i];

		for (unsigned int flood = 0; flood < FLOOD_COUNT; flood++) {
			int result;

			if (trial->left_out || !trial->contender->floods[flood])
				continue;
			result = measure(trials, trial, flood, seconds, error);
			if (result)
				return result;
		}
	}
	return 0;
}

const struct trial *trials_find(const struct trials *trials, enum contender_id id,
				const struct entry_list *list)
{
	for (size_t i = 0; i < trials->count; i++) {
		const struct trial *trial = &trials->trials[i];

		if (trial->contender == &contenders[id] && (!trial->list || trial->list == list))
			return trial;
	}
	return NULL;
}
