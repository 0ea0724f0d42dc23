// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/model/place.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text/escape.h"

struct lines lines_begin(const char *text, size_t size)
{
	struct lines lines = {text, text + size, 0};

	if (size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		lines.at += 3;
	return lines;
}

static bool is_blank(char character)
{
	return character == ' ' || character == '\t' || character == '\r';
}

bool lines_next(struct lines *lines, struct place *line)
{
	const char *start = lines->at, *newline, *end;

	if (start == lines->end)
		return false;
	newline = memchr(start, '\n', (size_t)(lines->end - start));
	end = newline ? newline : lines->end;
	lines->at = newline ? newline + 1 : lines->end;
	lines->number++;

	*line = (struct place){.line = lines->number, .column = 1};
	for (; start < end && is_blank(*start); start++)
		line->column++;
	while (end > start && is_blank(end[-1]))
		end--;
	line->text = start;
	line->length = (size_t)(end - start);
	return true;
}

int place_error(const char *name, const struct place *place, struct error *error,
		const char *format, ...)
{
	char message[256], text[160];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	text_escape(text, sizeof(text), place->text, place->length);
	return error_set(error, EXIT_USAGE, EINVAL, "%.400s:%zu:%zu: %s: %s", name, place->line,
			 place->column, message, text);
}

void place_words(const struct place *place, char words[static PLACE_WORDS_SIZE])
{
	if (*place->name)
		snprintf(words, PLACE_WORDS_SIZE, "%s", place->name);
	else if (place->column <= 1)
		snprintf(words, PLACE_WORDS_SIZE, "line %zu", place->line);
	else
		snprintf(words, PLACE_WORDS_SIZE, "line %zu, column %zu", place->line,
			 place->column);
}
