// SPDX-License-Identifier: GPL-2.0-or-later
#include "text/table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "text/utf8.h"

#define GAP 2

struct table_cell {
	char *text;
	enum table_style style;
};

void table_init(struct table *table, const char *const *headings, size_t columns)
{
	*table = (struct table){.headings = headings, .columns = columns};
}

static bool reserve(struct table *table)
{
	size_t room = table->allocated ? table->allocated * 2 : 64;
	struct table_cell *cells;

	if (table->count < table->allocated)
		return true;
	cells = realloc(table->cells, room * sizeof(*cells));
	if (!cells)
		return false;
	table->cells = cells;
	table->allocated = room;
	return true;
}

void table_cell(struct table *table, enum table_style style, const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0 || !reserve(table)) {
		if (length >= 0)
			free(text);
		table->failed = true;
		return;
	}
	table->cells[table->count++] = (struct table_cell){text, style};
}

static bool is_right_aligned(const struct table *table, size_t column)
{
	return table->headings[column][0] == '>';
}

static const char *heading(const struct table *table, size_t column)
{
	return table->headings[column] + is_right_aligned(table, column);
}

static size_t column_width(const struct table *table, size_t column)
{
	size_t widest = utf8_columns(heading(table, column));

	for (size_t i = column; i < table->count; i += table->columns) {
		size_t width = utf8_columns(table->cells[i].text);

		if (width > widest)
			widest = width;
	}
	return widest;
}

static const char *style_start(enum table_style style)
{
	static const char *const starts[] = {
		[TABLE_PLAIN] = "",	   [TABLE_GOOD] = "\033[32m", [TABLE_BAD] = "\033[31m",
		[TABLE_WARN] = "\033[33m", [TABLE_DIM] = "\033[2m",
	};

	return starts[style];
}

/* Blanks are written before what follows them, so a line never ends in one. */
static void print_cell(FILE *stream, const char *text, size_t width, bool right, const char *start,
		       size_t *pending)
{
	size_t blanks = width - utf8_columns(text);

	if (*text) {
		fprintf(stream, "%*s%s%s%s", (int)(*pending + (right ? blanks : 0)), "", start,
			text, *start ? "\033[0m" : "");
		*pending = right ? 0 : blanks;
	} else {
		*pending += width;
	}
	*pending += GAP;
}

int table_print(const struct table *table, FILE *stream, bool colour)
{
	size_t *widths = calloc(table->columns, sizeof(*widths));
	size_t pending = 0;

	if (!widths || table->failed) {
		free(widths);
		return -ENOMEM;
	}
	for (size_t column = 0; column < table->columns; column++) {
		widths[column] = column_width(table, column);
		print_cell(stream, heading(table, column), widths[column],
			   is_right_aligned(table, column), colour ? "\033[1m" : "", &pending);
	}
	for (size_t i = 0; i < table->count; i++) {
		size_t column = i % table->columns;

		if (column == 0) {
			fputc('\n', stream);
			pending = 0;
		}
		print_cell(stream, table->cells[i].text, widths[column],
			   is_right_aligned(table, column),
			   colour ? style_start(table->cells[i].style) : "", &pending);
	}
	fputc('\n', stream);
	free(widths);
	return 0;
}

void table_clear(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i].text);
	free(table->cells);
	*table = (struct table){};
}
