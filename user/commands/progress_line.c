// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/progress_line.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "policy/when.h"

#define MILLISECONDS 1000000ULL
#define SECONDS	     (1000 * MILLISECONDS)
#define SHOWN_AFTER  (500 * MILLISECONDS)
#define DRAWN_EVERY  (100 * MILLISECONDS)
#define CLEAR_LINE   "\r\033[K"

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * SECONDS + (uint64_t)time.tv_nsec;
}

/* 3141592 is written as 3,141,592. */
static void write_count(char *text, size_t size, uint64_t count)
{
	if (count >= 1000000)
		snprintf(text, size, "%llu,%03llu,%03llu", (unsigned long long)(count / 1000000),
			 (unsigned long long)(count / 1000 % 1000),
			 (unsigned long long)(count % 1000));
	else if (count >= 1000)
		snprintf(text, size, "%llu,%03llu", (unsigned long long)(count / 1000),
			 (unsigned long long)(count % 1000));
	else
		snprintf(text, size, "%llu", (unsigned long long)count);
}

static void draw(const struct progress_line *line, size_t done, size_t total, uint64_t elapsed)
{
	uint64_t rate = (uint64_t)((double)done * SECONDS / (double)elapsed);
	char done_text[32], total_text[32], rate_text[32], left[WHEN_TEXT_SIZE];

	write_count(done_text, sizeof(done_text), done);
	write_count(total_text, sizeof(total_text), total);
	write_count(rate_text, sizeof(rate_text), rate);
	duration_format(rate && total > done ? (int64_t)((total - done + rate - 1) / rate) : 0,
			left);
	fprintf(stderr, CLEAR_LINE "%s: %s of %s (%zu %%), %s/s, %s left", line->what, done_text,
		total_text, total ? done * 100 / total : 100, rate_text, left);
	fflush(stderr);
}

/* The line that this progress is the first member of; whoever reports may not change it. */
static void report(const struct progress *progress, const char *what, size_t done, size_t total)
{
	struct progress_line *line = (struct progress_line *)progress;
	uint64_t time = now();

	if (what != line->what) {
		line->what = what;
		line->began = time;
	}
	if (time - line->began < SHOWN_AFTER || time - line->drawn < DRAWN_EVERY)
		return;
	draw(line, done, total, time - line->began);
	line->drawn = time;
}

static void say_nothing(const struct progress *progress, const char *what, size_t done,
			size_t total)
{
	(void)progress;
	(void)what;
	(void)done;
	(void)total;
}

static void end(const struct progress *progress)
{
	struct progress_line *line = (struct progress_line *)progress;

	if (line->drawn)
		fputs(CLEAR_LINE, stderr);
	line->drawn = 0;
}

void progress_line_init(struct progress_line *line, const struct invocation *invocation)
{
	bool shown = takes_escapes(STDERR_FILENO) && !invocation->quiet && !invocation->json;

	*line = (struct progress_line){
		.progress = {.report = shown ? report : say_nothing, .end = end}};
}
