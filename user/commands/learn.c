// SPDX-License-Identifier: GPL-2.0-or-later
/* learn: who talks to the guarded ports, and a list of them to review */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "commands/command.h"
#include "commands/learn_show.h"
#include "commands/sample_sighting.h"
#include "commands/sample_words.h"
#include "commands/watch.h"
#include "engine/safety.h"
#include "engine/standing.h"
#include "kernel/clock.h"
#include "kernel/policy.h"
#include "kernel/samples.h"
#include "policy/when.h"
#include "store/replace_file.h"
#include "store/state.h"
#include "traffic/learned_list.h"

/* Enough of a frame for the headers that are read. */
#define FRAME_BYTES 1536
#define SAMPLE_RATE 2000
/* How long it watches when it is not told. */
#define SECONDS_DEFAULT 60
/* In milliseconds. */
#define SECOND	   1000
#define CLEAR_LINE "\r\033[K"

struct learn {
	const struct invocation *invocation;
	int64_t seconds;
	const char *file; /* NULL: none is written; "-": standard output */
	bool force;
	bool allowed_only;
	uint32_t min_packets; /* 0: was not given */
	struct sample_request request;

	struct watch watch;
	struct talkers *talkers;
	struct state state; /* whose labels those of the talkers' entries are */
	struct learned learned;
};

static void learn_close(struct learn *learn)
{
	watch_close(&learn->watch);
	talkers_free(&learn->talkers);
	state_clear(&learn->state);
	free(learn->learned.talkers);
}

static int visit(void *context, const struct sample *sample, struct error *error)
{
	struct learn *learn = context;
	struct sighting sighting = sighting_of(sample);

	(void)error;
	talkers_see(learn->talkers, &sighting);
	return 0;
}

static void show_progress(const struct learn *learn, int64_t left)
{
	cleanup_free struct talker *list = NULL;
	char text[WHEN_TEXT_SIZE];
	size_t count = 0;

	talkers_list(learn->talkers, &list, &count);
	duration_format((left + SECOND - 1) / SECOND, text);
	fprintf(stderr, CLEAR_LINE "%zu sources, %s left", count, text);
	fflush(stderr);
}

static int watch_samples(struct learn *learn, struct samples *samples, struct error *error)
{
	bool progress = takes_escapes(STDERR_FILENO) && !learn->invocation->quiet &&
			!learn->invocation->json;
	int64_t now = clock_monotonic_milliseconds(), until = INT64_MAX, drawn = now;
	int result = 0;

	if (learn->seconds < INT32_MAX)
		until = now + learn->seconds * SECOND;
	for (; result >= 0 && !learn->watch.over && now < until;
	     now = clock_monotonic_milliseconds()) {
		int64_t next = drawn + SECOND;

		watch_for(&learn->watch, samples_descriptor(samples), -1,
			  progress && next < until ? next : until);
		result = samples_poll(samples, 0, visit, learn, error);
		if (!progress || clock_monotonic_milliseconds() < next)
			continue;
		drawn = next;
		show_progress(learn, until - drawn);
	}
	if (progress)
		fputs(CLEAR_LINE, stderr);
	return result < 0 ? result : 0;
}

/* How the policy stands to each of them now, which may be another way than when they were seen. */
static int find_standings(struct learn *learn, struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	int result = open_policy(&policy, error);

	if (result == -ENOENT) {
		notice(learn->invocation, "warning: the last guard is gone; what is said of "
					  "sources is how it was when they were seen");
		return 0;
	}
	result = result ? result : state_load(&learn->state, error);
	for (size_t i = 0; !result && i < learn->learned.count; i++) {
		struct talker *talker = &learn->learned.talkers[i];

		standing_find(&policy, &learn->state, &talker->source, &talker->standing);
	}
	return result;
}

static void keep_allowed(struct learned *learned)
{
	size_t kept = 0;

	for (size_t i = 0; i < learned->count; i++) {
		if (learned->talkers[i].standing.reason == SG_REASON_ALLOWED)
			learned->talkers[kept++] = learned->talkers[i];
	}
	learned->count = kept;
}

static int finish(struct learn *learn, struct samples *samples, struct error *error)
{
	struct learned *learned = &learn->learned;
	int result = samples_tally(samples, &learned->tally, error);

	learned->ended = clock_now();
	if (!result && talkers_list(learn->talkers, &learned->talkers, &learned->count))
		result = error_system(error, ENOMEM, "cannot list the sources");
	result = result ? result : find_standings(learn, error);
	if (result)
		return result;
	if (learn->allowed_only)
		keep_allowed(learned);
	talkers_sort(learned->talkers, learned->count);
	return 0;
}

static int write_file(const struct learn *learn, const struct learned_list *list,
		      struct error *error)
{
	cleanup_free char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (stream)
		learned_list_write(stream, list);
	if (!stream || fclose(stream))
		return error_system(error, ENOMEM, "cannot write %s", learn->file);
	if (learn->force)
		return replace_file(learn->file, text, size, 0644, error);
	return create_file(learn->file, text, size, 0644, error);
}

static int answer(struct learn *learn, struct error *error)
{
	const struct learned *learned = &learn->learned;
	const struct learned_list list = {
		.talkers = learned->talkers,
		.count = learned->count,
		.began = learned->began,
		.ended = learned->ended,
		.min_packets = learn->min_packets,
	};
	size_t chosen = learned_list_chosen(&list);
	int result;

	if (learn->file && !strcmp(learn->file, "-")) {
		learned_list_write(stdout, &list);
		result = watch_flush(&learn->watch, 0, error);
	} else {
		result = watch_flush(&learn->watch, learn_show(learn->invocation, learned, error),
				     error);
		if (!result && learn->file)
			result = write_file(learn, &list, error);
	}
	if (result || !learn->file)
		return result;
	if (chosen)
		notice(learn->invocation,
		       "warning: %zu sources that are not allowed are entries in the list, chosen "
		       "by their number of packets alone: review it",
		       chosen);
	return EXIT_DONE;
}

static int run(struct learn *learn, struct error *error)
{
	__attribute__((cleanup(samples_close))) struct samples *samples = NULL;
	char text[WHEN_TEXT_SIZE];
	int result;

	learn->talkers = talkers_new();
	if (!learn->talkers)
		return error_system(error, ENOMEM, "cannot watch");
	result = watch_begin(&learn->watch, error);
	result = result ? result : samples_open(&samples, &learn->request, error);
	if (result)
		return result;
	learn->learned.began = clock_now();
	duration_format(learn->seconds, text);
	notice(learn->invocation, "watching for %s; an interrupt ends it and shows what was seen",
	       text);
	result = watch_samples(learn, samples, error);
	result = result ? result : finish(learn, samples, error);
	return result ? result : answer(learn, error);
}

static int check_file(const struct learn *learn, struct error *error)
{
	const struct invocation *invocation = learn->invocation;
	int result = 0;

	if (!learn->file && (learn->force || learn->min_packets))
		return usage_error(invocation, error,
				   "--force and --min-packets are about --write");
	if (learn->allowed_only && learn->min_packets)
		return usage_error(invocation, error,
				   "--min-packets chooses among those that --allowed-only leaves "
				   "out");
	if (!learn->file)
		return 0;
	if (strcmp(learn->file, "-") != 0)
		result = check_file_target(learn->file, learn->force, error);
	else if (invocation->json)
		result = usage_error(invocation, error,
				     "standard output cannot take a list and JSON at once");
	if (result == -EEXIST)
		error_hint(error, "another name, or --force, which replaces it");
	return result;
}

/* DEV... [for DURATION] */
static int read_words(struct learn *learn, const struct operands *words, struct error *error)
{
	struct sample_words choice = {.devices = {.words = words->words}};
	struct operands rest;
	int result;

	while (choice.devices.count < words->count &&
	       strcmp(words->words[choice.devices.count], "for") != 0)
		choice.devices.count++;
	rest.count = words->count - choice.devices.count;
	rest.words = words->words + choice.devices.count;
	result = sample_words_read_duration(learn->invocation, &rest, &learn->seconds, error);
	return result ? result
		      : sample_words_read(learn->invocation, &choice, &learn->request, error);
}

int command_learn(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	__attribute__((cleanup(learn_close))) struct learn learn = {
		.invocation = invocation,
		.watch = WATCH_CLOSED,
		.seconds = SECONDS_DEFAULT,
		.request =
			{
				.verdicts = SAMPLE_VERDICTS_ALL,
				.reasons = SAMPLE_REASON(SG_REASON_ALLOWED) |
					   SAMPLE_REASON(SG_REASON_NOT_ALLOWED) |
					   SAMPLE_REASON(SG_REASON_DENIED),
				.bytes = FRAME_BYTES,
				.rate = SAMPLE_RATE,
			},
	};
	const char *min_packets = NULL;
	const struct option_spec specs[] = {
		{"--write", .value = &learn.file},
		{"--force", .flag = &learn.force},
		{"--allowed-only", .flag = &learn.allowed_only},
		{"--min-packets", .value = &min_packets},
	};
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &words, error);
	result = result ? result
			: number_read(invocation, "--min-packets", min_packets, UINT32_MAX,
				      &learn.min_packets, error);
	result = result ? result : check_file(&learn, error);
	result = result ? result : read_words(&learn, &words, error);
	return result ? result : run(&learn, error);
}
