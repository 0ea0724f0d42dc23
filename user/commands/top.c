// SPDX-License-Identifier: GPL-2.0-or-later
/* top: who is dropped now and how much, on a terminal, on paper or in JSON */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "commands/command.h"
#include "commands/sample_sighting.h"
#include "commands/sample_words.h"
#include "commands/terminal.h"
#include "commands/top_json.h"
#include "commands/watch.h"
#include "engine/safety.h"
#include "kernel/clock.h"
#include "kernel/guard.h"
#include "kernel/samples.h"
#include "policy/names.h"
#include "text/device_text.h"
#include "traffic/screen.h"

#define FRAME_BYTES 1536
#define SAMPLE_RATE 1000
/* In milliseconds. */
#define SECOND 1000
/* Of a picture on paper. */
#define PAPER_LINES   60
#define PAPER_COLUMNS 100

struct top {
	const struct invocation *invocation;
	bool batch;
	uint32_t most; /* pictures; 0: any number */
	uint32_t shown;
	struct watch watch;
	struct traffic *traffic;
	struct screen screen;
	struct screen_request request;
	char guards[256];
	char clock[16];
	int64_t ticked;
};

static void top_close(struct top *top)
{
	terminal_close();
	watch_close(&top->watch);
	traffic_free(&top->traffic);
}

static int visit(void *context, const struct sample *sample, struct error *error)
{
	struct top *top = context;
	struct sighting sighting = sighting_of(sample);

	(void)error;
	traffic_see(top->traffic, &sighting);
	return 0;
}

static void add_guard_text(struct top *top, const struct guard *guard, enum sg_mode mode)
{
	size_t length = strlen(top->guards);
	bool attached = guard->state == GUARD_ATTACHED;

	snprintf(top->guards + length, sizeof(top->guards) - length, "%s%s %s, %s",
		 length ? "; " : "", device_text(attached ? guard->present : guard->device).text,
		 attached ? attach_mode_name(guard->attach_mode) : guard_state_name(guard->state),
		 mode_name(mode));
}

/* The counters of all guards together. */
static int read_guards(struct top *top, struct traffic_counters *counters, struct error *error)
{
	__attribute__((cleanup(guards_close))) struct guards guards = {};
	struct sg_counter cells[SG_COUNTER_COUNT];
	int result = guards_open(&guards, error);

	*counters = (struct traffic_counters){};
	top->guards[0] = '\0';
	for (size_t i = 0; !result && i < guards.count; i++) {
		const struct guard *guard = &guards.guards[i];
		struct device_mode mode;

		result = device_maps_mode(&guard->maps, &mode, error);
		result = result ? result : device_maps_counters(&guard->maps, cells, error);
		if (result)
			return result;
		add_guard_text(top, guard, mode.in_force);
		traffic_counters_add(counters, cells);
	}
	if (!result && !guards.count)
		strcpy(top->guards, "no device is guarded");
	return result;
}

static int read_entries(struct top *top, struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	struct policy_fill fill;
	int result = open_policy(&policy, error);

	result = result ? result : policy_fill(&policy, &fill, error);
	if (!result)
		top->request.entries = fill.entries4 + fill.entries6;
	/* It went with the last guard. */
	return result == -ENOENT ? 0 : result;
}

static int read_samples(struct top *top, struct samples *samples, struct error *error)
{
	struct sample_tally tally;
	int result = samples_tally(samples, &tally, error);

	if (result)
		return result;
	top->request.dropped = tally.packets;
	top->request.sampled = tally.samples;
	top->request.lost = tally.lost;
	return 0;
}

/* Once a second: everything that is not a sample. */
static int tick(struct top *top, struct samples *samples, struct error *error)
{
	int64_t now = clock_monotonic_milliseconds();
	struct traffic_counters counters;
	int result = read_guards(top, &counters, error);

	result = result ? result : read_entries(top, error);
	result = result ? result : read_samples(top, samples, error);
	if (result)
		return result;
	traffic_tick(top->traffic, &counters, (double)(now - top->ticked) / SECOND);
	top->ticked = now;
	return 0;
}

static void tell_time(struct top *top)
{
	time_t now = (time_t)clock_now();
	struct tm local;

	localtime_r(&now, &local);
	strftime(top->clock, sizeof(top->clock), "%H:%M:%S", &local);
}

static void print_screen(const struct screen *screen)
{
	for (unsigned int line = 0; line < screen->count; line++)
		puts(screen->lines[line].text);
	putchar('\n');
}

static int show(struct top *top, struct error *error)
{
	if (top->invocation->json)
		return top_print_json(top->invocation, top->traffic, &top->request, error);
	tell_time(top);
	if (!top->batch)
		terminal_size(&top->request.lines, &top->request.columns);
	screen_draw(top->traffic, &top->request, &top->screen);
	if (top->batch)
		print_screen(&top->screen);
	else
		terminal_draw(&top->screen);
	return 0;
}

static void turn_table(struct top *top, unsigned int steps)
{
	top->request.table = (top->request.table + steps) % (SCREEN_ALL_TABLES + 1);
}

/* Returns whether something is to be drawn anew. */
static bool press(struct top *top, int key)
{
	struct screen_request *request = &top->request;

	if (key == 'q')
		top->watch.over = true;
	else if (key == 'p')
		request->paused = !request->paused;
	else if (key == 's')
		request->order = request->order == TRAFFIC_BY_SHARE ? TRAFFIC_BY_NAME
								    : TRAFFIC_BY_SHARE;
	else if (key == '?' || key == 'h')
		request->help = !request->help;
	else if (key == TERMINAL_RIGHT || key == '\t')
		turn_table(top, 1);
	else if (key == TERMINAL_LEFT)
		turn_table(top, SCREEN_ALL_TABLES);
	else if (key != TERMINAL_RESIZED)
		return false;
	return true;
}

static bool press_keys(struct top *top)
{
	bool changed = false;

	if (top->batch)
		return false;
	for (int key = terminal_key(); key != TERMINAL_NO_KEY; key = terminal_key())
		changed = press(top, key) || changed;
	return changed;
}

/* What the last wait brought: keys, samples, or the end of a second. */
static int turn(struct top *top, struct samples *samples, struct error *error)
{
	bool draw = press_keys(top);
	int result = samples_poll(samples, 0, visit, top, error);

	if (result < 0)
		return result;
	if (clock_monotonic_milliseconds() >= top->ticked + SECOND) {
		result = tick(top, samples, error);
		if (result)
			return result;
		top->watch.over = top->watch.over || ++top->shown == top->most;
		draw = draw || !top->request.paused;
	}
	if (!draw)
		return 0;
	return watch_flush(&top->watch, show(top, error), error);
}

static int run(struct top *top, struct error *error)
{
	__attribute__((cleanup(samples_close))) struct samples *samples = NULL;
	const struct sample_request request = {
		.verdicts = SAMPLE_VERDICT(SG_VERDICT_DROP) | SAMPLE_VERDICT(SG_VERDICT_WOULD_DROP),
		.reasons = SAMPLE_REASONS_ALL,
		.bytes = FRAME_BYTES,
		.rate = SAMPLE_RATE,
	};
	int keyboard = top->batch ? -1 : STDIN_FILENO;
	int result = watch_begin(&top->watch, error);

	result = result ? result : samples_open(&samples, &request, error);
	result = result ? result : tick(top, samples, error);
	if (!result && !top->batch)
		result = terminal_open(top->invocation->colour, error);
	if (!result && !top->batch)
		result = show(top, error);
	while (!result && !top->watch.over) {
		watch_for(&top->watch, samples_descriptor(samples), keyboard, top->ticked + SECOND);
		if (!top->watch.over)
			result = turn(top, samples, error);
	}
	return result ? result : EXIT_DONE;
}

int command_top(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	__attribute__((cleanup(top_close))) struct top top = {.invocation = invocation,
							      .watch = WATCH_CLOSED};
	const char *count = NULL;
	const struct option_spec specs[] = {
		{"--batch", .flag = &top.batch},
		{"--count", .value = &count},
	};
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &words, error);
	if (result)
		return result;
	if (words.count)
		return usage_error(invocation, error, "top takes no operand");
	result = number_read(invocation, "--count", count, UINT32_MAX, &top.most, error);
	if (result)
		return result;
	top.batch = top.batch || invocation->json;
	top.traffic = traffic_new();
	if (!top.traffic)
		return error_system(error, ENOMEM, "cannot watch");
	setlocale(LC_CTYPE, "");
	top.request = (struct screen_request){
		.lines = PAPER_LINES,
		.columns = PAPER_COLUMNS,
		.unicode = !strcmp(nl_langinfo(CODESET), "UTF-8"),
		.table = SCREEN_ALL_TABLES,
		.keys = !top.batch,
		.guards = top.guards,
		.clock = top.clock,
	};
	return run(&top, error);
}
