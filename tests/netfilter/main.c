// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * netfilter-judge: the kernel's packet filter as the judge of import and lint.
 *
 *	netfilter-judge [--count N] [--seed S] [--first NUMBER] [--jobs N] [--known FILE]
 *			[--stop-at-first] [--refusals]
 *
 * Needs root, and makes network namespaces of its own. Exit status: 0 nothing found but what is
 * known; 1 a fault; 2 too little reached a socket to prove anything.
 */
#include <err.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "netfilter/judge.h"
#include "netfilter/known.h"
#include "netfilter/tally.h"

/* Faults of one worker that are made small and compared with those known; the others are counted.
 */
#define SHRUNK_MAX 100

#define JOBS_MAX 64

struct options {
	uint64_t count;
	uint64_t seed;
	uint64_t first;
	unsigned int jobs;
	const char *known;
	bool stop_at_first;
	bool refusals;
};

struct worker {
	const struct options *options;
	struct world world;
	struct coverage coverage;
	struct known known;
	struct tally *tally;   /* its own, of those that all share */
	struct tally *tallies; /* one for each worker */
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
		{"count", required_argument, NULL, 'c'}, {"seed", required_argument, NULL, 's'},
		{"first", required_argument, NULL, 'f'}, {"jobs", required_argument, NULL, 'j'},
		{"known", required_argument, NULL, 'k'}, {"stop-at-first", no_argument, NULL, '1'},
		{"refusals", no_argument, NULL, 'r'},	 {},
	};
	struct options options = {.count = 200, .seed = 1, .jobs = 1};
	int name;

	while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (name == 'c')
			options.count = read_number(optarg);
		else if (name == 's')
			options.seed = read_number(optarg);
		else if (name == 'f')
			options.first = read_number(optarg);
		else if (name == 'j')
			options.jobs = (unsigned int)read_number(optarg);
		else if (name == 'k')
			options.known = optarg;
		else if (name == '1')
			options.stop_at_first = true;
		else if (name == 'r')
			options.refusals = true;
		else
			exit(64);
	}
	if (!options.jobs || options.jobs > JOBS_MAX)
		errx(64, "--jobs takes 1 to %d", JOBS_MAX);
	return options;
}

/* In one write, for several workers have the same output. */
static void show(const struct worker *worker, const struct rules_text *rules,
		 const struct trial *trial, enum fault fault, uint64_t number)
{
	cleanup_free char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		err(3, "cannot hold a finding");
	fprintf(stream, "\n%s: --seed %" PRIu64 " --first %" PRIu64 " --count 1\n  %s: %s\n",
		fault_name(fault), worker->options->seed, number, fault_meaning(fault),
		trial->first[fault]);
	fprintf(stream, "  by %s, IPv%d:\n", tool_name(rules->tool),
		rules->family == SG_FAMILY_IPV4 ? 4 : 6);
	for (size_t i = 0; i < rules->count; i++) {
		const struct line *line = &rules->lines[i];

		fprintf(stream, "    %s %s", line->table, line->chain);
		for (enum part part = 0; part < PART_COUNT; part++)
			fprintf(stream, "%s%s", line->parts[part][0] ? " " : "", line->parts[part]);
		fputc('\n', stream);
	}
	fclose(stream);
	if (write(STDOUT_FILENO, text, size) < 0)
		err(3, "cannot print a finding");
}

static void take_fault(struct worker *worker, const struct rules_text *rules,
		       const struct sources *sources, enum fault fault, uint64_t number)
{
	static struct rules_text smaller;
	struct trial trial;

	worker->tally->faults[fault]++;
	if (known_is_whole(&worker->known, fault)) {
		worker->tally->known[fault]++;
		return;
	}
	if (worker->tally->shrunk++ >= SHRUNK_MAX)
		return;
	smaller = *rules;
	judge_shrink(&worker->world, &smaller, sources, fault);
	if (known_has(&worker->known, fault, &smaller)) {
		worker->tally->known[fault]++;
		return;
	}
	worker->tally->shown++;
	judge_rules(&worker->world, &smaller, sources, 1U << fault, &trial);
	show(worker, &smaller, &trial, fault, number);
}

static void judge_one(struct worker *worker, uint64_t number)
{
	static struct rules_text rules;
	struct sources sources;
	struct trial trial;
	uint64_t seed = worker->options->seed << 32 | number;

	draw_rules(seed, &worker->coverage, &rules);
	draw_sources(seed, &rules, &sources);
	judge_rules(&worker->world, &rules, &sources, FAULTS_ALL, &trial);
	tally_add(worker->tally, &rules, &trial);
	if (!trial.is_loaded && worker->options->refusals)
		printf("%" PRIu64 " is refused: %s\n", number, tools_error());
	for (enum fault fault = 0; fault < FAULT_COUNT; fault++) {
		if (trial.faults >> fault & 1)
			take_fault(worker, &rules, &sources, fault, number);
	}
}

/* Faults that are not known, or are not looked into yet, are not enough. */
static bool somebody_found(const struct worker *worker)
{
	for (unsigned int job = 0; job < worker->options->jobs; job++) {
		if (worker->tallies[job].shown)
			return true;
	}
	return false;
}

/* Each worker has a namespace of its own: while one waits for the kernel, another goes on. */
static void work(struct worker *worker, unsigned int job)
{
	const struct options *options = worker->options;

	if (job)
		world_open(&worker->world);
	for (uint64_t i = job; i < options->count; i += options->jobs) {
		judge_one(worker, options->first + i);
		if (options->stop_at_first && somebody_found(worker))
			break;
	}
}

static void work_together(struct worker *worker, struct tally *tallies)
{
	pid_t children[JOBS_MAX] = {};
	int status;

	fflush(stdout);
	for (unsigned int job = 1; job < worker->options->jobs; job++) {
		children[job] = fork();
		if (children[job] < 0)
			err(3, "cannot make a worker");
		if (children[job])
			continue;
		worker->tally = &tallies[job];
		work(worker, job);
		fflush(stdout);
		_exit(0);
	}
	worker->tally = &tallies[0];
	work(worker, 0);
	for (unsigned int job = 1; job < worker->options->jobs; job++) {
		if (waitpid(children[job], &status, 0) < 0 || status)
			errx(3, "a worker failed");
		tally_sum(&tallies[0], &tallies[job]);
	}
}

int main(int argc, char **argv)
{
	struct options options = read_options(argc, argv);
	static struct worker worker;
	struct timespec start, end;
	struct tally *tallies = mmap(NULL, JOBS_MAX * sizeof(*tallies), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (tallies == MAP_FAILED)
		err(3, "cannot hold the counts");
	worker.options = &options;
	worker.tallies = tallies;
	known_read(options.known, &worker.known);
	world_open(&worker.world);
	coverage_find(&worker.coverage);
	clock_gettime(CLOCK_MONOTONIC, &start);
	work_together(&worker, tallies);
	clock_gettime(CLOCK_MONOTONIC, &end);
	return tally_print(&tallies[0], &worker.coverage,
			   (double)(end.tv_sec - start.tv_sec) +
				   (double)(end.tv_nsec - start.tv_nsec) / 1e9);
}
