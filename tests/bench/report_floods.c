// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables of what came through the veth pairs. */
#include "report.h"

#include <stdio.h>
#include <unistd.h>

#include "sipguard/abi.h"
#include "text/table.h"

enum column {
	ENTRIES,
	SOURCES,
	FILTER,
	MPPS,
	MPPS_RANGE,
	SHARE,
	SHARE_RANGE,
	ABOVE,
	LEAD,
	COLUMNS
};

struct flood_table {
	const char *title;
	const char *share; /* heading */
	unsigned int sources;
	uint8_t family;
};

static void add_number(struct table *table, size_t number)
{
	if (number)
		table_cell(table, TABLE_PLAIN, "%zu", number);
	else
		table_cell(table, TABLE_PLAIN, "-");
}

/* Nanoseconds a packet above the reference. */
static double above(const struct measurement *measurement)
{
	struct series nanoseconds = {};

	for (size_t i = 0; i < measurement->pps.count; i++)
		series_add(&nanoseconds, 1e9 / measurement->pps.values[i] -
						 1e9 / measurement->reference_pps.values[i]);
	return series_median(&nanoseconds);
}

static void add_lead(struct table *table, const struct report *report,
		     const struct measurement *measurement)
{
	const struct measurement *sipguard = NULL;
	const struct trial *trial = measurement->trial;
	struct series lead;

	if (trial->contender->kind == CONTENDER_RIVAL)
		sipguard = trials_find(&report->trials, SIPGUARD_NATIVE, measurement->sources,
				       trial->list->entries.count);
	if (!sipguard) {
		table_cell(table, TABLE_PLAIN, "%s", "");
		return;
	}
	lead = series_ratio(&sipguard->ratio, &measurement->ratio);
	table_cell(table, TABLE_PLAIN, "%.1f x", series_median(&lead));
}

static void add_row(struct table *table, const struct report *report,
		    const struct measurement *measurement)
{
	const struct trial *trial = measurement->trial;

	add_number(table, trial->list ? trial->list->entries.count : 0);
	add_number(table, sources_number(measurement->sources, measurement->list));
	table_cell(table, TABLE_PLAIN, "%s", trial->contender->name);
	table_cell(table, TABLE_PLAIN, "%.3f", series_median(&measurement->pps) / 1e6);
	table_cell(table, TABLE_PLAIN, "%.3f-%.3f", series_quartile(&measurement->pps) / 1e6,
		   series_third_quartile(&measurement->pps) / 1e6);
	table_cell(table, TABLE_PLAIN, "%.3f", series_median(&measurement->ratio));
	table_cell(table, TABLE_PLAIN, "%.3f-%.3f", series_quartile(&measurement->ratio),
		   series_third_quartile(&measurement->ratio));
	table_cell(table, TABLE_PLAIN, "%.0f", above(measurement));
	add_lead(table, report, measurement);
}

static void add_left_out(struct table *table, const struct trial *trial)
{
	add_number(table, trial->list->entries.count);
	add_number(table, 0);
	table_cell(table, TABLE_PLAIN, "%s", trial->contender->name);
	table_cell(table, TABLE_DIM, "%s", "-");
	table_cell(table, TABLE_DIM, "%s", trial->left_out);
	for (unsigned int column = SHARE; column < COLUMNS; column++)
		table_cell(table, TABLE_PLAIN, "%s", "");
}

static void print(const struct report *report, const struct flood_table *what)
{
	const char *const headings[COLUMNS] = {
		[ENTRIES] = ">entries",
		[SOURCES] = ">sources",
		[FILTER] = "filter",
		[MPPS] = ">Mpps",
		[MPPS_RANGE] = ">middle half",
		[SHARE] = what->share,
		[SHARE_RANGE] = ">middle half",
		[ABOVE] = ">ns above",
		[LEAD] = ">sipguard is",
	};
	const struct trials *trials = &report->trials;
	struct table table;

	printf("\n%s\n\n", what->title);
	table_init(&table, headings, COLUMNS);
	for (size_t i = 0; i < trials->measurement_count; i++) {
		const struct measurement *measurement = &trials->measurements[i];

		if (measurement->trial->family == what->family &&
		    what->sources & BIT(measurement->sources))
			add_row(&table, report, measurement);
	}
	for (size_t i = 0; i < trials->count; i++)
		if (trials->trials[i].left_out[0] && trials->trials[i].family == what->family &&
		    what->sources & trials->trials[i].contender->sources)
			add_left_out(&table, &trials->trials[i]);
	table_print(&table, stdout, isatty(STDOUT_FILENO));
	table_clear(&table);
}

void report_print_floods(const struct report *report)
{
	static const struct flood_table tables[] = {
		{"IPv4 strangers, dropped", ">of XDP_DROP", BIT(SOURCES_STRANGERS), SG_FAMILY_IPV4},
		{"IPv6 strangers, dropped", ">of XDP_DROP", BIT(SOURCES_STRANGERS), SG_FAMILY_IPV6},
		{"IPv4 strangers next to allowed hosts, dropped", ">of XDP_DROP",
		 BIT(SOURCES_NEIGHBOURS), SG_FAMILY_IPV4},
		{"IPv6 strangers next to allowed hosts, dropped", ">of XDP_DROP",
		 BIT(SOURCES_NEIGHBOURS), SG_FAMILY_IPV6},
		{"IPv4 allowed sources, as far as a socket that nobody reads", ">of no filter",
		 BIT(SOURCES_ONE) | BIT(SOURCES_ACTIVE) | BIT(SOURCES_ALL), SG_FAMILY_IPV4},
		{"IPv6 allowed sources, as far as a socket that nobody reads", ">of no filter",
		 BIT(SOURCES_ONE) | BIT(SOURCES_ACTIVE) | BIT(SOURCES_ALL), SG_FAMILY_IPV6},
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		print(report, &tables[i]);
}
