// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The bench: what a flood costs with sipguard and with what else could drop it, in one run.
 *
 * Sets all contenders up in namespaces of its own, measures them round by round, then the program
 * by itself, and reports.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "generator.h"
#include "lists.h"
#include "micro.h"
#include "report.h"
#include "tools.h"
#include "trials.h"
#include "world.h"

#include "kernel/library.h"

/* A flood that the lists cover further than this would measure the network stack. */
#define COVERED_SHARE_MAX 0.001

struct options {
	size_t sizes[SIZES_MAX];
	size_t size_count;
	size_t rounds;
	double seconds;
	const char *json;
};

static const char usage[] =
	"usage: bench [--rounds N] [--seconds S] [--json FILE] [SIZE...]\n"
	"  --rounds N     how often each number is measured (default 5)\n"
	"  --seconds S    how long each flood is measured (default 1)\n"
	"  --json FILE    where the results are written too\n"
	"  SIZE           entries of an allowlist (default 1000 10000 100000)\n";

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
	int result = read_number(text, 1, 10e6, &size, error);

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
		return read_number(optarg, 0.01, 60, &options->seconds, error);
	case 'j':
		options->json = optarg;
		return 0;
	default:
		return usage_error(error, text);
	}
}

static int read_options(int argc, char **argv, struct options *options, struct error *error)
{
	static const struct option known[] = {
		{"rounds", required_argument, NULL, 'r'},
		{"seconds", required_argument, NULL, 's'},
		{"json", required_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{},
	};
	static const char *const defaults[] = {"1000", "10000", "100000"};
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
	for (size_t i = 0; !result && optind == argc && i < 3; i++)
		result = add_size(options, defaults[i], error);
	return result;
}

struct lists {
	struct entry_list ipv4[SIZES_MAX], ipv6[SIZES_MAX];
};

static int make_lists(const struct options *options, struct lists *lists, struct report *report,
		      struct error *error)
{
	int result = 0;

	for (size_t i = 0; !result && i < options->size_count; i++) {
		double share;

		result = list_generate(&lists->ipv4[i], SG_FAMILY_IPV4, options->sizes[i], error);
		result = result
				 ?: list_generate(&lists->ipv6[i], SG_FAMILY_IPV6,
						  options->sizes[i], error);
		share = list_covered_share(&lists->ipv4[i]);
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
	size_t most = ACTIVE_SOURCES_MAX;

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

static int measure_floods(const struct options *options, const struct lists *lists,
			  struct trials *trials, struct error *error)
{
	int result = trials_set_up(trials, lists->ipv4, options->size_count, error);

	for (size_t round = 0; !result && round < options->rounds; round++) {
		say("floods, round", round + 1, options->rounds);
		result = trials_measure(trials, options->seconds, error);
	}
	return result;
}

static int measure_costs(const struct options *options, const struct lists *lists,
			 struct report *report, struct error *error)
{
	size_t count = options->size_count * 2;
	int result = 0;

	generator_pin();
	for (size_t i = 0; !result && i < count; i++) {
		say("program alone, list", i + 1, count);
		result = micro_measure(i % 2 ? &lists->ipv6[i / 2] : &lists->ipv4[i / 2],
				       options->rounds, &report->costs[i], &report->size, error);
		report->cost_count = i + 1;
	}
	return result;
}

static int run(const struct options *options, struct report *report, struct error *error)
{
	static struct lists lists;
	int result = tools_check(error);

	result = result ?: make_lists(options, &lists, report, error);
	result = result ?: world_enter(error);
	result = result ?: generator_open(longest(options), error);
	result = result ?: measure_floods(options, &lists, &report->trials, error);
	result = result ?: measure_costs(options, &lists, report, error);
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	if (result)
		return result;
	report_print(report);
	return options->json ? report_write_json(report, options->json, error) : 0;
}

int main(int argc, char **argv)
{
	static struct report report;
	struct options options = {.rounds = 5, .seconds = 1};
	struct error error = {};
	int result;

	library_silence();
	result = read_options(argc, argv, &options, &error);
	report.argc = argc;
	report.argv = argv;
	report.rounds = options.rounds;
	report.seconds = options.seconds;
	if (!result && !run(&options, &report, &error))
		return EXIT_DONE;
	fprintf(stderr, "error: %s\n", error.message);
	if (error.hint[0])
		fprintf(stderr, "hint: %s\n", error.hint);
	return error.status;
}
