// SPDX-License-Identifier: GPL-2.0-or-later
#include "report.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "goals.h"
#include "machine.h"
#include "sipguard/abi.h"
#include "text/table.h"

char *report_command(const struct report *report)
{
	cleanup_stream FILE *stream = NULL;
	size_t size;
	char *text;

	stream = open_memstream(&text, &size);
	if (!stream)
		return NULL;
	for (int i = 0; i < report->argc; i++)
		fprintf(stream, "%s%s", i ? " " : "", report->argv[i]);
	fflush(stream);
	return text;
}

/* What the machine did meanwhile: the same packets to the same lane, round by round. */
static void print_drift(const struct report *report)
{
	const struct measurement *first = report->trials.measurements;

	printf("drift    bare XDP_DROP, Mpps in each round:");
	for (size_t i = 0; i < first->reference_pps.count; i++)
		printf(" %.2f", first->reference_pps.values[i] / 1e6);
	putchar('\n');
}

static void print_circumstances(const struct report *report)
{
	cleanup_free char *command = report_command(report);
	struct machine machine = machine_here();

	printf("command  %s\n", command ?: "");
	printf("machine  %s, %ld cores, Linux %s\n", machine.processor, machine.cores,
	       machine.kernel);
	printf("path     veth with one queue; generator and receiver share one core\n");
	printf("flood    UDP to port 5060, rounds: %zu, in slices of %g ms, each between two of "
	       "the reference\n",
	       report->rounds, report->seconds * 1000);
	printf("covered  the longest list allows %.4f %% of the strangers\n",
	       report->covered_share * 100);
	print_drift(report);
}

static void print_table(struct table *table)
{
	table_print(table, stdout, isatty(STDOUT_FILENO));
	table_clear(table);
}

static void add_goal(struct table *table, const struct goal *goal, const struct report *report)
{
	struct series values = goal_values(goal, report);
	bool at_most = goal->kind == GOAL_NANOSECONDS || goal->kind == GOAL_SECONDS;
	double median;

	table_cell(table, TABLE_PLAIN, "%s", goal->what);
	if (goal->entries)
		table_cell(table, TABLE_PLAIN, "%zu", goal->entries);
	else
		table_cell(table, TABLE_PLAIN, "-");
	table_cell(table, TABLE_PLAIN, "%s %g", at_most ? "<=" : ">=", goal->bound);
	if (!values.count) {
		table_cell(table, TABLE_PLAIN, "%s", "");
		table_cell(table, TABLE_PLAIN, "%s", "");
		table_cell(table, TABLE_DIM, "not measured");
		return;
	}
	median = series_median(&values);
	table_cell(table, TABLE_PLAIN, "%.3f", median);
	table_cell(table, TABLE_PLAIN, "%.3f-%.3f", series_quartile(&values),
		   series_third_quartile(&values));
	if (goal_is_met(goal, median))
		table_cell(table, TABLE_GOOD, "met");
	else
		table_cell(table, TABLE_BAD, "not met");
}

void report_print_goals(const struct report *report)
{
	static const char *const headings[] = {
		"what", ">entries", ">target", ">reached", ">middle half", "",
	};
	struct table table;

	printf("\nTargets of sipguard in native mode, IPv4\n\n");
	table_init(&table, headings, sizeof(headings) / sizeof(headings[0]));
	for (size_t i = 0; i < goal_count; i++)
		add_goal(&table, &goals[i], report);
	print_table(&table);
}

static void add_observer(struct table *table, const struct observer *observer)
{
	table_cell(table, TABLE_PLAIN, "%s", observer->name);
	table_cell(table, TABLE_PLAIN, "%.3f", series_median(&observer->ratio_without));
	table_cell(table, TABLE_PLAIN, "%.3f", series_median(&observer->ratio));
	table_cell(table, TABLE_PLAIN, "%.1f", series_median(&observer->nanoseconds));
	table_cell(table, TABLE_PLAIN, "%.1f-%.1f", series_quartile(&observer->nanoseconds),
		   series_third_quartile(&observer->nanoseconds));
}

static void print_observers(const struct report *report)
{
	static const char *const headings[] = {
		"watched", ">of XDP_DROP without", ">with", ">ns a packet", ">middle half",
	};
	struct table table;

	printf("\nWhat it costs a dropped packet that somebody watches\n\n");
	table_init(&table, headings, sizeof(headings) / sizeof(headings[0]));
	for (size_t i = 0; i < OBSERVER_COUNT; i++)
		add_observer(&table, &report->observers[i]);
	print_table(&table);
}

static void add_command(struct table *table, const struct command *command)
{
	table_cell(table, TABLE_PLAIN, "%zu", command->entries);
	table_cell(table, TABLE_PLAIN, "%s", command->name);
	if (command->left_out[0] || !command->seconds.count) {
		table_cell(table, TABLE_PLAIN, "%s", "");
		table_cell(table, TABLE_PLAIN, "%s", "");
		table_cell(table, TABLE_DIM, "%s", command->left_out);
		return;
	}
	table_cell(table, TABLE_PLAIN, "%.4f", series_median(&command->seconds));
	table_cell(table, TABLE_PLAIN, "%.4f-%.4f", series_least(&command->seconds),
		   series_most(&command->seconds));
	table_cell(table, TABLE_PLAIN, "%s", "");
}

static void print_commands(const struct report *report)
{
	static const char *const headings[] = {">entries", "command", ">s", ">range", ""};
	struct table table;

	printf("\nWhole processes, from start to exit\n\n");
	table_init(&table, headings, sizeof(headings) / sizeof(headings[0]));
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		add_command(&table, &report->commands[i]);
	print_table(&table);
}

static void add_cost(struct table *table, const struct series *nanoseconds)
{
	if (!nanoseconds->count)
		table_cell(table, TABLE_DIM, "-");
	else
		table_cell(table, TABLE_PLAIN, "%.0f (%.0f-%.0f)", series_median(nanoseconds),
			   series_least(nanoseconds), series_most(nanoseconds));
}

static void print_costs(const struct report *report)
{
	static const char *const headings[] = {
		">entries",   "family",	       ">strangers",   ">neighbours",
		">1 allowed", ">1000 allowed", ">all allowed",
	};
	struct table table;

	printf("\nThe program alone (BPF_PROG_TEST_RUN), ns a packet by source: median (range)\n\n");
	table_init(&table, headings, sizeof(headings) / sizeof(headings[0]));
	for (size_t i = 0; i < report->cost_count; i++) {
		const struct cost *cost = &report->costs[i];

		table_cell(&table, TABLE_PLAIN, "%zu", cost->entries);
		table_cell(&table, TABLE_PLAIN, cost->family == SG_FAMILY_IPV4 ? "IPv4" : "IPv6");
		for (size_t sources = 0; sources < SOURCES_COUNT; sources++)
			add_cost(&table, &cost->nanoseconds[sources]);
	}
	print_table(&table);
}

static void print_sizes(const struct report *report)
{
	static const char *const headings[] = {
		"variant",
		">instructions verified",
		">bytes translated",
		">bytes of machine code",
	};
	struct table table;

	printf("\nThe program, as the kernel has it\n\n");
	table_init(&table, headings, sizeof(headings) / sizeof(headings[0]));
	for (size_t i = 0; i < VARIANT_COUNT; i++) {
		table_cell(&table, TABLE_PLAIN, "%s", report->sizes[i].variant);
		table_cell(&table, TABLE_PLAIN, "%u", report->sizes[i].verified);
		table_cell(&table, TABLE_PLAIN, "%u", report->sizes[i].translated);
		table_cell(&table, TABLE_PLAIN, "%u", report->sizes[i].compiled);
	}
	print_table(&table);
}

static void print_notes(void)
{
	puts("\nRatios are medians over the rounds, each of a slice of the flood to the mean of its\n"
	     "neighbours; half of the rounds lie in the middle half. The second lane with a bare\n"
	     "XDP_DROP shows how far equal things differ here. A veth pair is not a NIC: no DMA, no\n"
	     "interrupts, and the generator is part of every packet's time, so ratios to bare\n"
	     "XDP_DROP are kinder here. tests/bench/README.md tells what each row means.");
}

/* Ratios hold only for what was lost nowhere else. */
static void print_losses(const struct report *report)
{
	for (size_t i = 0; i < report->trials.measurement_count; i++) {
		const struct measurement *measurement = &report->trials.measurements[i];

		if (measurement->lost > 0.001)
			printf("note: %s: up to %.1f %% of the frames found the receiver's ring full\n",
			       measurement->trial->contender->name, measurement->lost * 100);
	}
}

void report_print(const struct report *report)
{
	print_circumstances(report);
	report_print_goals(report);
	report_print_floods(report);
	print_observers(report);
	print_commands(report);
	print_costs(report);
	print_sizes(report);
	print_notes();
	print_losses(report);
}
