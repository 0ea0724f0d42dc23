// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/line.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "text/escape.h"

struct line_reader line_reader_begin(const char *name, const char *text, size_t size)
{
	struct line_reader reader = {name, text, text + size, 0};

	if (size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		reader.at += 3;
	return reader;
}

bool line_next(struct line_reader *reader, struct line *line)
{
	const char *newline, *end;

	if (reader->at == reader->end)
		return false;
	newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
	end = newline ? newline : reader->end;
	*line = (struct line){reader->name, ++reader->number, reader->at, end, reader->at};
	if (line->end > line->start && line->end[-1] == '\r')
		line->end--;
	reader->at = newline ? newline + 1 : reader->end;
	return true;
}

int line_locate(const struct line *line, const char *at, struct error *error)
{
	char message[256], text[160];

	snprintf(message, sizeof(message), "%.255s", error->message);
	text_escape(text, sizeof(text), line->start, (size_t)(line->end - line->start));
	snprintf(error->message, sizeof(error->message), "%.400s:%zu:%zu: %s: %s", line->name,
		 line->number, (size_t)(at - line->start) + 1, message, text);
	return -EINVAL;
}

int line_error(const struct line *line, const char *at, struct error *error, const char *what)
{
	error_set(error, EXIT_USAGE, EINVAL, "%s", what);
	return line_locate(line, at, error);
}
