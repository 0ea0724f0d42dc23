// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The bench: what a flood costs with sipguard and with what else could drop it, in one run.
 *
 * Sets all contenders up in namespaces of its own, measures them round by round, then what watching
 * costs, the commands, and the program by itself, and reports.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "generator.h"
#include "lists.h"
#include "loaders.h"
#include "micro.h"
#include "observers.h"
#include "report.h"
#include "tools.h"
#include "trials.h"
#include "world.h"

#include "kernel/library.h"

/* A flood that the lists cover further than this would measure the network stack. */
#define COVERED_SHARE_MAX 0.001

/* The program alone is steadier than the floods. */
#define COST_ROUNDS_MAX 5

struct options {
	size_t sizes[SIZES_MAX];
	size_t size_count;
	size_t rounds;
	double slice; /* milliseconds */
	const char *commands;
	const char *json;
	const char *picture;
};

static const size_t default_sizes[] = {10, 1000, 10000, 100000, 1000000};

static const char usage[] =
	"usage: bench [OPTION...] [SIZE...]\n"
	"  --rounds N       how often each number is measured (default 15)\n"
	"  --slice MS       how long a flood is measured at a time (default 20)\n"
	"  --commands DIR   where sipguard and sipguard-exporter are (default build)\n"
	"  --json FILE      where the results are written too\n"
	"  --picture FILE   where they are drawn, as SVG\n"
	"  SIZE             entries of an allowlist (default 10 1000 10000 100000 1000000)\n";

static int usage_error(struct error *error, const char *text)
{
	error_set(error, EXIT_USAGE, EINVAL, "not understood: %s", text);
	error_hint(error, "bench --help");
	return -EINVAL;
}

static int read_number(const char *text, double least, double most, double *out,
		       struct error *error)
{
	char *end;
	double number = strtod(text, &end);

	if (end == text || *end || !(number >= least && number <= most))
		return usage_error(error, text);
	*out = number;
	return 0;
}

static int add_size(struct options *options, const char *text, struct error *error)
{
	double size;
	int result = read_number(text, 1, 4e6, &size, error);

	if (result)
		return result;
	if (options->size_count == SIZES_MAX)
		return usage_error(error, text);
	options->sizes[options->size_count++] = (size_t)size;
	return 0;
}

static int read_option(struct options *options, int option, const char *text, struct error *error)
{
	double rounds;
	int result;

	switch (option) {
	case 'r':
		result = read_number(optarg, 1, ROUNDS_MAX, &rounds, error);
		if (!result)
			options->rounds = (size_t)rounds;
		return result;
	case 's':
		return read_number(optarg, 5, 10000, &options->slice, error);
	case 'c':
		options->commands = optarg;
		return 0;
	case 'j':
		options->json = optarg;
		return 0;
	case 'p':
		options->picture = optarg;
		return 0;
	default:
		return usage_error(error, text);
	}
}

static int read_options(int argc, char **argv, struct options *options, struct error *error)
{
	static const struct option known[] = {
		{"rounds", required_argument, NULL, 'r'},
		{"slice", required_argument, NULL, 's'},
		{"commands", required_argument, NULL, 'c'},
		{"json", required_argument, NULL, 'j'},
		{"picture", required_argument, NULL, 'p'},
		{"help", no_argument, NULL, 'h'},
		{},
	};
	int option, result = 0;

	opterr = 0;
	while (!result && (option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			exit(EXIT_DONE);
		}
		result = read_option(options, option, argv[optind - 1], error);
	}
	for (int i = optind; !result && i < argc; i++)
		result = add_size(options, argv[i], error);
	if (optind < argc)
		return result;
	options->size_count = sizeof(default_sizes) / sizeof(default_sizes[0]);
	memcpy(options->sizes, default_sizes, sizeof(default_sizes));
	return result;
}

static int make_lists(const struct options *options, struct report *report, struct error *error)
{
	struct lists *lists = &report->lists;
	int result = 0;

	for (size_t i = 0; !result && i < 2 * options->size_count; i++) {
		struct allowlist *list = &lists->lists[lists->count++];
		uint8_t family = i % 2 ? SG_FAMILY_IPV6 : SG_FAMILY_IPV4;
		double share;

		result = list_generate(list, family, options->sizes[i / 2], error);
		share = family == SG_FAMILY_IPV4 ? list_covered_share(list) : 0;
		if (share > report->covered_share)
			report->covered_share = share;
	}
	if (!result && report->covered_share >= COVERED_SHARE_MAX)
		return error_set(error, EXIT_USAGE, ERANGE,
				 "a list allows %.2f %% of the flood: take a shorter one",
				 report->covered_share * 100);
	return result;
}

static size_t longest(const struct options *options)
{
	size_t most = SOURCES_ACTIVE_MAX;

	for (size_t i = 0; i < options->size_count; i++)
		if (options->sizes[i] > most)
			most = options->sizes[i];
	return most;
}

static void say(const char *what, size_t number, size_t of)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K%s %zu of %zu", what, number, of);
}

static int measure_floods(const struct options *options, struct report *report, struct error *error)
{
	int result;

	say("setting up", 1, 1);
	result = trials_set_up(&report->trials, &report->lists, error);
	for (size_t round = 0; !result && round < options->rounds; round++) {
		say("floods, round", round + 1, options->rounds);
		result = trials_measure(&report->trials, report->seconds, error);
	}
	return result;
}

static int measure_commands(const struct options *options, struct report *report,
			    struct error *error)
{
	char sipguard[512], exporter[512];
	int result;

	snprintf(sipguard, sizeof(sipguard), "%s/sipguard", options->commands);
	snprintf(exporter, sizeof(exporter), "%s/sipguard-exporter", options->commands);
	say("commands", 1, 2);
	result = commands_measure(options->commands, &report->lists, options->rounds,
				  report->commands, error);
	say("commands", 2, 2);
	return result
		       ?: observers_measure(sipguard, exporter, options->rounds, report->seconds,
					    report->observers, error);
}

static int measure_costs(const struct options *options, struct report *report, struct error *error)
{
	size_t rounds = options->rounds < COST_ROUNDS_MAX ? options->rounds : COST_ROUNDS_MAX;
	int result = micro_inspect(report->sizes, error);

	generator_pin();
	for (size_t i = 0; !result && i < report->lists.count; i++) {
		say("program alone, list", i + 1, report->lists.count);
		result = micro_measure(&report->lists.lists[i], rounds, &report->costs[i], error);
		report->cost_count = i + 1;
	}
	return result;
}

static int run(const struct options *options, struct report *report, struct error *error)
{
	int result = tools_check(error);

	result = result ?: make_lists(options, report, error);
	result = result ?: world_enter(error);
	result = result ?: generator_open(longest(options), error);
	result = result ?: measure_floods(options, report, error);
	result = result ?: measure_commands(options, report, error);
	result = result ?: measure_costs(options, report, error);
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	if (result)
		return result;
	report_print(report);
	result = options->json ? report_write_json(report, options->json, error) : 0;
	return result ?: options->picture ? report_draw(report, options->picture, error) : 0;
}

int main(int argc, char **argv)
{
	static struct report report;
	struct options options = {.rounds = 15, .slice = 20, .commands = "build"};
	struct error error = {};
	int result;

	library_silence();
	result = read_options(argc, argv, &options, &error);
	report.argc = argc;
	report.argv = argv;
	report.rounds = options.rounds;
	report.seconds = options.slice / 1000;
	if (!result && !run(&options, &report, &error))
		return EXIT_DONE;
	fprintf(stderr, "error: %s\n", error.message);
	if (error.hint[0])
		fprintf(stderr, "hint: %s\n", error.hint);
	return error.status;
}
