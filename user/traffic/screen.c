// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic/screen.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text/number.h"
#include "text/sparkline.h"
#include "text/utf8.h"

/* The first columns of a history line: its name, the rate and "/s". */
#define HISTORY_LABEL_COLUMNS 21

static const struct {
	const char *name;
	const char *heading;
} tables[] = {
	[TRAFFIC_SOURCES] = {"sources", "SOURCE"}, [TRAFFIC_NETWORKS] = {"networks", "NETWORK"},
	[TRAFFIC_METHODS] = {"methods", "METHOD"}, [TRAFFIC_AGENTS] = {"user-agents", "USER-AGENT"},
	[TRAFFIC_REASONS] = {"reasons", "REASON"},
};

const char *traffic_table_name(enum traffic_table table)
{
	return tables[table].name;
}

static unsigned int columns_of(const struct screen_request *request)
{
	return request->columns < SCREEN_COLUMNS_MAX ? request->columns : SCREEN_COLUMNS_MAX;
}

static unsigned int lines_of(const struct screen_request *request)
{
	return request->lines < SCREEN_LINES_MAX ? request->lines : SCREEN_LINES_MAX;
}

/* Copies as much of the text as there are columns for. */
static void fit(char *out, const char *text, const struct screen_request *request)
{
	size_t left = strlen(text), columns = columns_of(request);

	while (left) {
		uint32_t character = '?';
		size_t size = utf8_decode(text, left, &character), length = size;
		unsigned int width = utf8_width(character);
		const char *piece = text;

		if (!size || (size > 1 && !request->unicode)) {
			piece = "?";
			length = 1;
			width = 1;
		}
		if (width > columns)
			break;
		memcpy(out, piece, length);
		out += length;
		columns -= width;
		text += size ? size : 1;
		left -= size ? size : 1;
	}
	*out = '\0';
}

static void __attribute__((format(printf, 4, 5)))
add_line(struct screen *screen, const struct screen_request *request, enum screen_style style,
	 const char *format, ...)
{
	char text[SCREEN_COLUMNS_MAX * 4 + 1];
	struct screen_line *line;
	va_list arguments;

	if (screen->count >= lines_of(request))
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	line = &screen->lines[screen->count++];
	line->style = style;
	fit(line->text, text, request);
}

static void add_history(struct screen *screen, const struct screen_request *request,
			const struct traffic *traffic, enum sg_verdict verdict, const char *name)
{
	const struct history *history = traffic_history(traffic, verdict);
	char marks[SCREEN_COLUMNS_MAX * 3 + 1] = "", rate[NUMBER_TEXT_SIZE];
	unsigned int columns = columns_of(request);
	enum screen_style style = SCREEN_PLAIN;
	double peak;

	columns = columns > HISTORY_LABEL_COLUMNS ? columns - HISTORY_LABEL_COLUMNS : 0;
	if (columns > HISTORY_LENGTH)
		columns = HISTORY_LENGTH;
	peak = history_peak(history, columns);
	for (unsigned int ago = columns; ago-- > 0;)
		strcat(marks, sparkline_mark(history_value(history, ago), peak, request->unicode));
	if (verdict == SG_VERDICT_DROP && traffic_rate(traffic, verdict) > 0)
		style = SCREEN_ALARM;
	number_format(traffic_rate(traffic, verdict), rate);
	add_line(screen, request, style, "%-10s %7s/s %s", name, rate, marks);
}

static void add_header(struct screen *screen, const struct screen_request *request,
		       const struct traffic *traffic)
{
	char dropped[NUMBER_TEXT_SIZE], sampled[NUMBER_TEXT_SIZE], lost[NUMBER_TEXT_SIZE];

	add_line(screen, request, SCREEN_TITLE, "sipguard top  %s  %s%s", request->clock,
		 request->guards, request->paused ? "  PAUSED" : "");
	number_format((double)request->dropped, dropped);
	number_format((double)request->sampled, sampled);
	number_format((double)request->lost, lost);
	add_line(screen, request, SCREEN_DIM,
		 "%llu entries; tables from samples of %s in %s dropped packets, %s lost",
		 (unsigned long long)request->entries, sampled, dropped, lost);
	add_history(screen, request, traffic, SG_VERDICT_DROP, "drop");
	if (history_peak(traffic_history(traffic, SG_VERDICT_WOULD_DROP), HISTORY_LENGTH) > 0)
		add_history(screen, request, traffic, SG_VERDICT_WOULD_DROP, "would drop");
	add_history(screen, request, traffic, SG_VERDICT_PASS, "pass");
}

static void add_row(struct screen *screen, const struct screen_request *request,
		    const struct traffic_row *row)
{
	char rate[NUMBER_TEXT_SIZE], error[16] = "";

	number_format(row->rate, rate);
	/* Rounded up, because it is a bound. */
	if (row->error > 0)
		snprintf(error, sizeof(error), "%.1f%%", row->error * 100 + 0.05);
	add_line(screen, request, SCREEN_PLAIN, "%5.1f%% %6s %9s/s  %s", row->share * 100, error,
		 rate, row->name);
}

static void add_table(struct screen *screen, const struct screen_request *request,
		      const struct traffic *traffic, enum traffic_table table, unsigned int lines)
{
	struct traffic_row rows[TRAFFIC_ROWS_MAX];
	unsigned int end = screen->count + lines;
	size_t found;

	if (!lines)
		return;
	found = traffic_rows(traffic, table, request->order, rows, lines - 1);
	add_line(screen, request, SCREEN_HEADING, "%6s %6s %11s  %s", "SHARE", "ERROR", "RATE",
		 tables[table].heading);
	for (size_t i = 0; i < found; i++)
		add_row(screen, request, &rows[i]);
	/* Tables that fill up must not push each other about. */
	while (screen->count < end && request->keys)
		add_line(screen, request, SCREEN_PLAIN, "%s", "");
}

/* The first tables get the lines that do not divide. */
static void add_tables(struct screen *screen, const struct screen_request *request,
		       const struct traffic *traffic, unsigned int lines)
{
	if (request->table != SCREEN_ALL_TABLES) {
		add_table(screen, request, traffic, request->table, lines);
		return;
	}
	for (unsigned int table = 0; table < TRAFFIC_TABLE_COUNT; table++) {
		unsigned int left = TRAFFIC_TABLE_COUNT - table, share = (lines + left - 1) / left;

		add_table(screen, request, traffic, table, share);
		lines -= share;
	}
}

static void add_help(struct screen *screen, const struct screen_request *request)
{
	static const char *const lines[] = {
		"",
		"q        quit",
		"p        pause: the picture stands still, counting goes on",
		"right    the next table, alone; after the last all of them (also Tab)",
		"left     the table before",
		"s        sort by share or by name",
		"?        this page, and back",
		"",
		"Rates of drops and passes are those of the counters, and exact; so are reasons.",
		"The other tables are made of samples, and what is older than half a minute",
		"counts less than half. A share is too high by at most its ERROR, never too low.",
		"To trust a source: sipguard allow SOURCE",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		add_line(screen, request, SCREEN_PLAIN, "%s", lines[i]);
}

static void add_footer(struct screen *screen, const struct screen_request *request)
{
	const char *table = "all tables";

	if (request->table != SCREEN_ALL_TABLES)
		table = traffic_table_name(request->table);
	while (screen->count + 1 < lines_of(request))
		add_line(screen, request, SCREEN_PLAIN, "%s", "");
	screen->count = screen->count < lines_of(request) ? screen->count : lines_of(request) - 1;
	add_line(screen, request, SCREEN_DIM, "q quit  p pause  s sort: %s  left/right: %s  ? help",
		 request->order == TRAFFIC_BY_NAME ? "name" : "share", table);
}

void screen_draw(const struct traffic *traffic, const struct screen_request *request,
		 struct screen *screen)
{
	unsigned int footer = request->keys ? 1 : 0, lines = lines_of(request);

	screen->count = 0;
	if (!lines || !request->columns)
		return;
	add_header(screen, request, traffic);
	if (request->help)
		add_help(screen, request);
	else if (screen->count + footer < lines)
		add_tables(screen, request, traffic, lines - footer - screen->count);
	if (footer)
		add_footer(screen, request);
}
