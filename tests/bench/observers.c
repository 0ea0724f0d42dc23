// SPDX-License-Identifier: GPL-2.0-or-later
#include "observers.h"

#include "flood.h"
#include "lists.h"
#include "loaders.h"
#include "pair.h"
#include "scraper.h"
#include "sipguard/abi.h"
#include "stopwatch.h"
#include "tools.h"

/* Nanoseconds are told apart, so each round takes the mean of several pairs. */
#define PAIRS 4

/* Packets a second: what a person can read, and what is worth a file. */
#define SAMPLE_RATE  "100"
#define CAPTURE_RATE "10000"

/* An observer has started by then. */
#define START_SECONDS 0.3

struct bench {
	const char *sipguard, *exporter;
	struct lane reference, guarded;
	double seconds;
};

/* `ratio` is the guarded lane's share of the reference; `nanoseconds` are the reference's. */
static int measure_pairs(const struct bench *bench, double *ratio, double *nanoseconds,
			 struct error *error)
{
	const struct subject subject = {"sipguard", &bench->guarded, FATE_DROPPED};
	struct reference reference = {.lane = &bench->reference};
	double pps = 0, reference_pps = 0;

	for (int i = 0; i < PAIRS; i++) {
		struct pair pair;
		int result = pair_measure(&subject, &reference, bench->seconds, &pair, error);

		if (result)
			return result;
		pps += pair.pps;
		reference_pps += pair.reference_pps;
	}
	*ratio = pps / reference_pps;
	*nanoseconds = 1e9 * PAIRS / reference_pps;
	return 0;
}

static int measure_observed(const struct bench *bench, struct tool *tool, double *ratio,
			    struct error *error)
{
	double nanoseconds;
	int result;

	sleep_seconds(START_SECONDS);
	result = tool_check(tool, error);
	result = result ?: measure_pairs(bench, ratio, &nanoseconds, error);
	return result ?: tool_check(tool, error);
}

static int measure_scraped(const struct bench *bench, struct tool *tool, double *ratio,
			   struct error *error)
{
	pid_t scraper;
	int result, stopped;

	sleep_seconds(START_SECONDS);
	result = tool_check(tool, error);
	result = result ?: scraper_start(&scraper, error);
	if (result)
		return result;
	result = measure_observed(bench, tool, ratio, error);
	stopped = scraper_stop(scraper, error);
	return result ?: stopped;
}

static int start(const struct bench *bench, enum observer_id id, struct tool *tool,
		 struct error *error)
{
	const char *const commands[OBSERVER_COUNT][12] = {
		[OBSERVER_SAMPLES] = {bench->sipguard, "--quiet", "capture", "-w", "/dev/null",
				      "--verdict", "drop", "--rate", SAMPLE_RATE},
		[OBSERVER_CAPTURE] = {bench->sipguard, "--quiet", "capture", "-w", "/dev/null",
				      "--rate", CAPTURE_RATE},
		[OBSERVER_SCRAPES] = {bench->exporter, "--user", "nobody"},
	};

	return tool_start(tool, commands[id], error);
}

static int measure(const struct bench *bench, enum observer_id id, struct observer *observer,
		   struct error *error)
{
	__attribute__((cleanup(tool_stop))) struct tool tool = TOOL_NONE;
	double without, with, nanoseconds;
	int result = measure_pairs(bench, &without, &nanoseconds, error);

	result = result ?: start(bench, id, &tool, error);
	if (result)
		return result;
	if (id == OBSERVER_SCRAPES)
		result = measure_scraped(bench, &tool, &with, error);
	else
		result = measure_observed(bench, &tool, &with, error);
	if (result)
		return result;
	series_add(&observer->ratio, with);
	series_add(&observer->ratio_without, without);
	series_add(&observer->nanoseconds, nanoseconds * (1 / with - 1 / without));
	return 0;
}

static int measure_all(const struct bench *bench, size_t rounds, struct observer *observers,
		       struct error *error)
{
	int result = lane_enter(&bench->guarded, error);

	for (size_t i = 0; !result && i < rounds * OBSERVER_COUNT; i++) {
		unsigned int id = i % OBSERVER_COUNT;

		result = measure(bench, id, &observers[id], error);
	}
	return result;
}

static int set_up(struct bench *bench, struct error *error)
{
	int result = lane_create(&bench->reference, SG_FAMILY_IPV4, error);

	result = result ?: load_bare_drop(NULL, error);
	result = result ?: lane_create(&bench->guarded, SG_FAMILY_IPV4, error);
	return result
		       ?: run_tool((const char *const[]){bench->sipguard, "--quiet", "attach",
							 RECEIVER, "--allow-empty", NULL},
				   error);
}

int observers_measure(const char *sipguard, const char *exporter, size_t rounds, double seconds,
		      struct observer observers[static OBSERVER_COUNT], struct error *error)
{
	static struct bench bench;
	int result, stopped;

	bench = (struct bench){.sipguard = sipguard, .exporter = exporter, .seconds = seconds};
	observers[OBSERVER_SAMPLES].name = "drops sampled, " SAMPLE_RATE " a second";
	observers[OBSERVER_CAPTURE].name = "captured, " CAPTURE_RATE " a second";
	observers[OBSERVER_SCRAPES].name = "scraped, 10 times a second";
	result = set_up(&bench, error);
	if (result)
		return result;
	sources_choose(SOURCES_STRANGERS, &(const struct allowlist){.family = SG_FAMILY_IPV4});
	result = flood_start(&bench.reference, error);
	if (result)
		return result;
	result = measure_all(&bench, rounds, observers, error);
	stopped = flood_stop(result ? &(struct error){} : error);
	return result ?: stopped;
}
