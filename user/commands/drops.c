// SPDX-License-Identifier: GPL-2.0-or-later
/* drops: what is dropped, who it was, what it wanted, and how to allow it */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands/command.h"
#include "commands/drops_show.h"
#include "commands/sample_sighting.h"
#include "commands/sample_words.h"
#include "commands/watch.h"
#include "kernel/clock.h"
#include "kernel/samples.h"
#include "policy/names.h"
#include "policy/when.h"
#include "traffic/sources.h"

/* Enough of a frame for the headers that scanners send. */
#define FRAME_BYTES 1536
/* Samples a second: what somebody can follow, and what a summary is made of. */
#define FOLLOW_RATE  50
#define SUMMARY_RATE 1000
/* How long it watches when it does not follow and is not told. */
#define SUMMARY_SECONDS 5
/* In milliseconds. */
#define SECOND 1000

struct drops {
	const struct invocation *invocation;
	bool follow;
	uint32_t most;	 /* packets to show; 0: any number */
	int64_t seconds; /* 0: without an end */
	struct sample_request request;
	struct watch watch;
	struct sources *sources;
	uint32_t seen;
	/* Where the second that is running began. */
	int64_t began;
	struct sample_tally before;
};

static void drops_close(struct drops *drops)
{
	watch_close(&drops->watch);
	sources_free(&drops->sources);
}

static int visit(void *context, const struct sample *sample, struct error *error)
{
	struct drops *drops = context;
	struct sighting sighting = sighting_of(sample);
	bool is_new;

	if (drops->watch.over)
		return 0;
	is_new = sources_see(drops->sources, &sighting);
	drops->watch.over = ++drops->seen == drops->most;
	return drops->follow ? drops_show(drops->invocation, &sighting, is_new, error) : 0;
}

/* What there was since the last time. */
static struct drops_tally tally_since(const struct drops *drops, const struct sample_tally *now)
{
	return (struct drops_tally){
		.seconds = (double)(clock_monotonic_milliseconds() - drops->began) / SECOND,
		.packets = now->packets - drops->before.packets,
		.samples = now->samples - drops->before.samples,
		.lost = now->lost - drops->before.lost,
	};
}

/* Once a second, when not everything was shown. */
static int tell_share(struct drops *drops, struct samples *samples, struct error *error)
{
	struct sample_tally now;
	struct drops_tally tally;
	int result = samples_tally(samples, &now, error);

	if (result)
		return result;
	tally = tally_since(drops, &now);
	if (tally.packets > tally.samples)
		result = drops_show_tally(drops->invocation, &tally, error);
	drops->began = clock_monotonic_milliseconds();
	drops->before = now;
	return result;
}

static int watch_samples(struct drops *drops, struct samples *samples, int64_t until,
			 struct error *error)
{
	int result = 0;

	while (!result && !drops->watch.over && clock_monotonic_milliseconds() < until) {
		int64_t next = drops->follow ? drops->began + SECOND : until;

		watch_for(&drops->watch, samples_descriptor(samples), -1,
			  next < until ? next : until);
		if (drops->watch.over)
			break;
		result = samples_poll(samples, 0, visit, drops, error);
		result = result < 0 ? result : 0;
		if (!result && drops->follow &&
		    clock_monotonic_milliseconds() >= drops->began + SECOND)
			result = tell_share(drops, samples, error);
		result = watch_flush(&drops->watch, result, error);
	}
	return result;
}

static int finish(struct drops *drops, struct samples *samples, struct error *error)
{
	struct sample_tally now;
	struct drops_tally tally;
	int result;

	result = samples_tally(samples, &now, error);
	if (result)
		return result;
	tally = tally_since(drops, &now);
	/* A packet that came while the counters were read. */
	if (tally.packets < tally.samples)
		tally.packets = tally.samples;
	return drops_show_summary(drops->invocation, drops->sources, &tally, error);
}

static void announce(const struct drops *drops)
{
	if (!drops->follow)
		notice(drops->invocation, "watching for %lld s; --follow shows each packet at once",
		       (long long)drops->seconds);
	else if (!drops->invocation->json)
		drops_show_heading(drops->invocation);
}

static int run(struct drops *drops, struct error *error)
{
	__attribute__((cleanup(samples_close))) struct samples *samples = NULL;
	int64_t until = INT64_MAX;
	int result;

	drops->sources = sources_new();
	if (!drops->sources)
		return error_system(error, ENOMEM, "cannot watch");
	result = watch_begin(&drops->watch, error);
	result = result ? result : samples_open(&samples, &drops->request, error);
	if (result)
		return result;
	drops->began = clock_monotonic_milliseconds();
	if (drops->seconds && drops->seconds < INT32_MAX)
		until = drops->began + drops->seconds * SECOND;
	announce(drops);
	result = watch_flush(&drops->watch, 0, error);
	result = result ? result : watch_samples(drops, samples, until, error);
	if (result || drops->follow)
		return result;
	return watch_flush(&drops->watch, finish(drops, samples, error), error);
}

/* Packets that pass are none of this command's. */
static int keep_drops(const struct invocation *invocation, struct sample_request *request,
		      struct error *error)
{
	request->verdicts = SAMPLE_VERDICT(SG_VERDICT_DROP) | SAMPLE_VERDICT(SG_VERDICT_WOULD_DROP);
	for (enum sg_reason reason = 0; reason < SG_REASON_COUNT; reason++) {
		if (request->reasons & SAMPLE_REASON(reason) &&
		    reason_verdict(reason) == SG_VERDICT_DROP)
			return 0;
	}
	return usage_error(invocation, error, "no packet is dropped for that reason");
}

int command_drops(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(sample_words_clear))) struct sample_words choice = {};
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	__attribute__((cleanup(drops_close))) struct drops drops = {.invocation = invocation,
								    .watch = WATCH_CLOSED};
	const char *count = NULL;
	const struct option_spec specs[] = {
		{"--follow", .flag = &drops.follow},	 {"--count", .value = &count},
		{"--device", .values = &choice.devices}, {"--reason", .values = &choice.reasons},
		{"--from", .value = &choice.from},
	};
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &words, error);
	if (result)
		return result;
	drops.seconds = drops.follow ? 0 : SUMMARY_SECONDS;
	drops.request = (struct sample_request){
		.verdicts = SAMPLE_VERDICTS_ALL,
		.reasons = SAMPLE_REASONS_ALL,
		.bytes = FRAME_BYTES,
		.rate = drops.follow ? FOLLOW_RATE : SUMMARY_RATE,
	};
	result = sample_words_read_duration(invocation, &words, &drops.seconds, error);
	result = result ? result
			: number_read(invocation, "--count", count, UINT32_MAX, &drops.most, error);
	result = result ? result : sample_words_read(invocation, &choice, &drops.request, error);
	result = result ? result : keep_drops(invocation, &drops.request, error);
	return result ? result : run(&drops, error);
}
