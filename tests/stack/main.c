// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stack-fuzz: the kernel's own stack as the judge of the packet path.
 *
 *	stack-fuzz [--groups N] [--seed S] [--first NUMBER] [--stop-at-first]
 *
 * Needs root, and makes namespaces of its own. Exit status: 0 nothing found; 1 a bypass, a trusted
 *loss or undeclared collateral; 2 a feature reached too few sockets to prove anything.
 */
#include <err.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "policy/names.h"
#include "stack/judge.h"

/* Findings that are printed with their frames. */
#define FINDINGS_SHOWN 3

/* What a feature must reach to mean something: a socket, once in so many groups of the run. */
#define GROUPS_PER_SOCKET 5000

struct options {
	uint64_t groups;
	uint64_t seed;
	uint64_t first;
	bool stop_at_first;
};

static const struct {
	const char *name;
	bool delivered;
} features[] = {
#define DESCRIPTION(enumerator, name, delivered) {name, delivered},
	FEATURES(DESCRIPTION)
#undef DESCRIPTION
};

static uint64_t read_number(const char *text)
{
	char *end;
	uint64_t number = strtoull(text, &end, 0);

	if (end == text || *end)
		errx(64, "%s is not a number", text);
	return number;
}

static struct options read_options(int argc, char **argv)
{
	static const struct option names[] = {
		{"groups", required_argument, NULL, 'g'},
		{"seed", required_argument, NULL, 's'},
		{"first", required_argument, NULL, 'f'},
		{"stop-at-first", no_argument, NULL, '1'},
		{},
	};
	struct options options = {.groups = 100000, .seed = 1};
	int name;

	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (name == 'g')
			options.groups = read_number(optarg);
		else if (name == 's')
			options.seed = read_number(optarg);
		else if (name == 'f')
			options.first = read_number(optarg);
		else if (name == '1')
			options.stop_at_first = true;
		else
			exit(64);
	}
	return options;
}

static void show_finding(const struct options *options, const struct group *group,
			 enum finding finding)
{
	printf("\n%s: --seed %" PRIu64 " --first %" PRIu64 " --groups 1\n", finding_name(finding),
	       options->seed, group->number);
	printf("  features:");
	for (enum feature feature = 0; feature < FEATURE_COUNT; feature++) {
		if (group_has(group, feature))
			printf(" [%s]", features[feature].name);
	}
	for (size_t i = 0; i < group->count; i++) {
		printf("\n  frame %zu, %zu bytes: ", i + 1, group->frames[i].size);
		for (size_t at = 0; at < group->frames[i].size; at++)
			printf("%02x", group->frames[i].bytes[at]);
	}
	putchar('\n');
}

static void run(struct judge *judge, const struct options *options, struct tally *tally)
{
	static struct group group;
	int shown = 0;

	for (uint64_t i = 0; i < options->groups; i++) {
		enum finding finding;

		group_make(&group, options->seed, options->first + i);
		finding = judge_group(judge, &group, tally);
		if (finding == FINDING_NONE)
			continue;
		if (shown++ < FINDINGS_SHOWN)
			show_finding(options, &group, finding);
		if (options->stop_at_first)
			return;
	}
}

/* Whether every feature that can reach a socket did so often enough. */
static bool print_features(const struct tally *tally)
{
	uint64_t least = tally->groups / GROUPS_PER_SOCKET;
	bool enough = true;

	printf("\n%-44s %12s %12s %8s\n", "FEATURE", "GROUPS", "REACHED", "LEAST");
	for (enum feature feature = 0; feature < FEATURE_COUNT; feature++) {
		bool lacking = features[feature].delivered && tally->reached[feature] < least;

		printf("%-44s %12" PRIu64 " %12" PRIu64, features[feature].name,
		       tally->with[feature], tally->reached[feature]);
		if (features[feature].delivered)
			printf(" %8" PRIu64 "%s\n", least, lacking ? "  TOO FEW" : "");
		else
			printf(" %8s\n", "-");
		enough &= !lacking;
	}
	return enough;
}

static void print_verdict(const struct tally *tally, double seconds)
{
	printf("\n%" PRIu64 " groups, %" PRIu64 " frames in %.1f s (%.0f groups a second)\n",
	       tally->groups, tally->frames, seconds, (double)tally->groups / seconds);
	printf("bypasses: %" PRIu64 "\ntrusted losses: %" PRIu64 "\nundeclared collateral: %" PRIu64
	       "\n",
	       tally->bypasses, tally->losses, tally->undeclared);
	for (enum sg_reason reason = 0; reason < SG_REASON_COUNT; reason++) {
		if (tally->collateral[reason])
			printf("collateral for %s%s: %" PRIu64 "\n", reason_name(reason),
			       collateral_is_declared(reason) ? " (declared)" : "",
			       tally->collateral[reason]);
	}
}

int main(int argc, char **argv)
{
	struct options options = read_options(argc, argv);
	struct timespec start, end;
	struct tally tally = {};
	struct judge judge;
	bool enough;

	judge_open(&judge);
	clock_gettime(CLOCK_MONOTONIC, &start);
	run(&judge, &options, &tally);
	clock_gettime(CLOCK_MONOTONIC, &end);
	judge_close(&judge);

	enough = options.stop_at_first || print_features(&tally);
	print_verdict(&tally, (double)(end.tv_sec - start.tv_sec) +
				      (double)(end.tv_nsec - start.tv_nsec) / 1e9);
	if (tally.bypasses || tally.losses || tally.undeclared)
		return 1;
	return enough ? 0 : 2;
}
