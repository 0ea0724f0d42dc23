// SPDX-License-Identifier: GPL-2.0-or-later
#include "report.h"

#include <stdio.h>
#include <unistd.h>

#include "machine.h"
#include "sipguard/abi.h"
#include "text/table.h"

static void print_circumstances(const struct report *report)
{
	struct machine machine = machine_here();

	printf("command  ");
	for (int i = 0; i < report->argc; i++)
		printf("%s%s", i ? " " : "", report->argv[i]);
	printf("\nmachine  %s, %ld cores, Linux %s\n", machine.processor, machine.cores,
	       machine.kernel);
	printf("path     veth with one queue; generator and receiver share one core\n");
	printf("flood    UDP to port 5060, rounds: %zu of %g s; the lists allow %.4f %% of the "
	       "strangers\n",
	       report->rounds, report->seconds, report->covered_share * 100);
}

static double target_of(const struct trial *trial, enum flood flood)
{
	const struct target *targets = trial->contender->targets[flood];

	for (size_t i = 0; trial->list && i < TARGETS_MAX; i++)
		if (targets[i].entries == trial->list->count || !targets[i].entries)
			return targets[i].at_least;
	return 0;
}

/* Without a target the cell stays empty. */
static void add_target(struct table *table, double reached, double target, const char *unit)
{
	if (target <= 0)
		table_cell(table, TABLE_PLAIN, "%s", "");
	else
		table_cell(table, reached < target ? TABLE_BAD : TABLE_GOOD, "%g %s: %s", target,
			   unit, reached < target ? "not met" : "met");
}

static void add_left_out(struct table *table, const struct trial *trial)
{
	table_cell(table, TABLE_PLAIN, "%zu", trial->list->count);
	table_cell(table, TABLE_PLAIN, "%s", trial->contender->name);
	table_cell(table, TABLE_DIM, "takes %zu", trial->contender->entries_max);
	for (size_t column = 3; column < table->columns; column++)
		table_cell(table, TABLE_PLAIN, "%s", "");
}

static void add_measured(struct table *table, const struct trial *trial, const struct series *pps)
{
	if (trial->list)
		table_cell(table, TABLE_PLAIN, "%zu", trial->list->count);
	else
		table_cell(table, TABLE_PLAIN, "-");
	table_cell(table, TABLE_PLAIN, "%s", trial->contender->name);
	table_cell(table, TABLE_PLAIN, "%.2f", trial->load_seconds);
	table_cell(table, TABLE_PLAIN, "%.3f", series_median(pps) / 1e6);
	table_cell(table, TABLE_PLAIN, "%.3f-%.3f", series_least(pps) / 1e6,
		   series_most(pps) / 1e6);
}

static double nanoseconds_above(const struct series *pps, const struct series *baseline)
{
	return 1e9 / series_median(pps) - 1e9 / series_median(baseline);
}

static void add_stranger_row(struct table *table, const struct report *report,
			     const struct trial *trial)
{
	const struct series *pps = &trial->pps[FLOOD_STRANGERS], *bare, *sipguard;
	double share, lead, target = target_of(trial, FLOOD_STRANGERS);

	bare = &trials_find(&report->trials, BARE_DROP, NULL)->pps[FLOOD_STRANGERS];
	share = series_ratio(pps, bare);
	add_measured(table, trial, pps);
	table_cell(table, TABLE_PLAIN, "%.0f", nanoseconds_above(pps, bare));
	table_cell(table, TABLE_PLAIN, "%.3f", share);
	if (!trial->list || trial->contender == &contenders[SIPGUARD_NATIVE]) {
		table_cell(table, TABLE_PLAIN, "%s", "");
		add_target(table, share, target, "of XDP_DROP");
		return;
	}
	sipguard =
		&trials_find(&report->trials, SIPGUARD_NATIVE, trial->list)->pps[FLOOD_STRANGERS];
	lead = series_ratio(sipguard, pps);
	table_cell(table, TABLE_PLAIN, "%.1f x", lead);
	add_target(table, lead, target, "x");
}

static void add_allowed_row(struct table *table, const struct report *report,
			    const struct trial *trial)
{
	const struct series *pps = &trial->pps[FLOOD_ALLOWED], *none;
	double share;

	none = &trials_find(&report->trials, NO_FILTER, NULL)->pps[FLOOD_ALLOWED];
	share = series_ratio(pps, none);
	add_measured(table, trial, pps);
	table_cell(table, TABLE_PLAIN, "%.0f", nanoseconds_above(pps, none));
	table_cell(table, TABLE_PLAIN, "%.3f", share);
	add_target(table, share, target_of(trial, FLOOD_ALLOWED), "of no filter");
}

static void print_table(struct table *table)
{
	table_print(table, stdout, isatty(STDOUT_FILENO));
	table_clear(table);
}

static void print_strangers(const struct report *report)
{
	static const char *const headings[] = {
		">entries",  "filter",	     ">load s",	     ">Mpps",  ">range",
		">ns above", ">of XDP_DROP", ">sipguard is", "target",
	};
	struct table table;

	printf("\nStrangers: what each filter drops, in million packets a second\n\n");
	table_init(&table, headings, sizeof(headings) / sizeof(headings[0]));
	for (size_t i = 0; i < report->trials.count; i++) {
		const struct trial *trial = &report->trials.trials[i];

		if (!trial->contender->floods[FLOOD_STRANGERS])
			continue;
		if (trial->left_out)
			add_left_out(&table, trial);
		else
			add_stranger_row(&table, report, trial);
	}
	print_table(&table);
}

static void print_allowed(const struct report *report)
{
	static const char *const headings[] = {
		">entries", "filter",	 ">load s",	  ">Mpps",
		">range",   ">ns above", ">of no filter", "target",
	};
	struct table table;

	printf("\nAllowed packets from %zu sources, as far as a socket that nobody reads\n\n",
	       report->trials.active_sources);
	table_init(&table, headings, sizeof(headings) / sizeof(headings[0]));
	for (size_t i = 0; i < report->trials.count; i++) {
		const struct trial *trial = &report->trials.trials[i];

		if (trial->contender->floods[FLOOD_ALLOWED])
			add_allowed_row(&table, report, trial);
	}
	print_table(&table);
}

static void print_costs(const struct report *report)
{
	static const char *const headings[] = {
		">entries",	"family",     ">1 allowed",  ">up to 1000",
		">all allowed", ">strangers", ">neighbours",
	};
	struct table table;

	printf("\nThe program alone (BPF_PROG_TEST_RUN), ns a packet by source: median (range)\n\n");
	table_init(&table, headings, sizeof(headings) / sizeof(headings[0]));
	for (size_t i = 0; i < report->cost_count; i++) {
		const struct cost *cost = &report->costs[i];

		table_cell(&table, TABLE_PLAIN, "%zu", cost->entries);
		table_cell(&table, TABLE_PLAIN, cost->family == SG_FAMILY_IPV4 ? "IPv4" : "IPv6");
		for (size_t packets = 0; packets < PACKETS_COUNT; packets++) {
			const struct series *series = &cost->nanoseconds[packets];

			table_cell(&table, TABLE_PLAIN, "%.0f (%.0f-%.0f)", series_median(series),
				   series_least(series), series_most(series));
		}
	}
	print_table(&table);
}

static void print_notes(const struct report *report)
{
	printf("\nThe program: %u instructions verified, %u bytes translated, %u bytes of machine "
	       "code.\n\n",
	       report->size.verified, report->size.translated, report->size.compiled);
	puts("Ratios are medians over the rounds, each within its round. Differences under 15 %\n"
	     "are ties, and so are targets met or missed by less.\n"
	     "load s: once, from a file on a RAM disk to the filter in force.\n"
	     "ns above: a packet's time above the first row of the table.\n"
	     "neighbours: strangers that differ from an allowed address in the last byte only.\n"
	     "xdp-filter knows no networks; with all ports it drops more than was asked for.\n"
	     "The program alone is measured behind a wrapper that draws the sources; the wrapper's\n"
	     "own time is subtracted. A veth pair is not a NIC: no DMA, no interrupts, and the\n"
	     "generator is part of every packet's time, so ratios to bare XDP_DROP are kinder here.");
}

/* Ratios hold only for what was lost nowhere else. */
static void print_losses(const struct report *report)
{
	for (size_t i = 0; i < report->trials.count; i++)
		if (report->trials.trials[i].lost > 0.001)
			printf("note: %s: up to %.1f %% of the frames found the receiver's ring full\n",
			       report->trials.trials[i].contender->name,
			       report->trials.trials[i].lost * 100);
}

void report_print(const struct report *report)
{
	print_circumstances(report);
	print_strangers(report);
	print_allowed(report);
	print_costs(report);
	print_notes(report);
	print_losses(report);
}
