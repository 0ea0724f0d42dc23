// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/list_text.h"

#include <errno.h>
#include <string.h>

#include "policy/list_file.h"

struct text {
	const char *name;
	const char *at; /* where the next search begins: the start of a line */
	const char *end;
};

/* Where the line ends that this is in: behind its newline. */
static const char *line_end(const struct text *text, const char *in)
{
	const char *newline = memchr(in, '\n', (size_t)(text->end - in));

	return newline ? newline + 1 : text->end;
}

static const char *line_start(const struct text *text, const char *in)
{
	const char *newline = memrchr(text->at, '\n', (size_t)(in - text->at));

	return newline ? newline + 1 : text->at;
}

static struct text begin(const char *name, const char *text, size_t size)
{
	struct text begun = {name, text, text + size};

	while (begun.at < begun.end && *begun.at == '#')
		begun.at = line_end(&begun, begun.at);
	return begun;
}

static int compare_line(const struct text *text, const char *line, const struct prefix *prefix,
			int *order, struct error *error)
{
	size_t length = 0, most = (size_t)(line_end(text, line) - line);
	struct prefix found;
	int result;

	while (length < most && line[length] != ' ' && line[length] != '\n')
		length++;
	result = prefix_parse_bytes(line, length, &found, error);
	if (result)
		return result;
	*order = prefix_compare(&found, prefix);
	return 0;
}

/*
 * Moves on to the line of a prefix that is not before those searched for so far, or to where it
 * would stand.
 */
static int search(struct text *text, const struct prefix *prefix, bool *found, struct error *error)
{
	const char *low = text->at, *high = text->end;

	*found = false;
	while (low < high) {
		const char *line = line_start(text, low + (high - low) / 2);
		int order, result = compare_line(text, line, prefix, &order, error);

		if (result)
			return result;
		if (order == 0) {
			*found = true;
			text->at = line;
			return 0;
		}
		if (order < 0)
			low = line_end(text, line);
		else
			high = line;
	}
	text->at = low;
	return 0;
}

int list_text_find(const char *name, const char *text, size_t size,
		   const struct entry_list *prefixes, struct entry_list *found, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list read = {};
	struct text left = begin(name, text, size);

	for (size_t i = 0; i < prefixes->count; i++) {
		__attribute__((cleanup(entry_list_clear))) struct entry_list line = {};
		bool is_there;
		int result = search(&left, &prefixes->entries[i].prefix, &is_there, error);

		if (!result && is_there)
			result = list_file_parse(name, left.at,
						 (size_t)(line_end(&left, left.at) - left.at),
						 &line, error);
		if (!result && line.count)
			result = entry_list_append(&read, &line.entries[0], error);
		if (result)
			return result;
	}
	*found = read;
	read = (struct entry_list){};
	return 0;
}

int list_text_write_over(FILE *stream, const char *name, const char *text, size_t size,
			 const struct entry_list *entries, struct error *error)
{
	struct text left = begin(name, text, size);
	const char *written = text;

	for (size_t i = 0; i < entries->count; i++) {
		char line[LIST_LINE_SIZE];
		bool is_there;
		int result = search(&left, &entries->entries[i].prefix, &is_there, error);

		if (result)
			return result;
		fwrite(written, 1, (size_t)(left.at - written), stream);
		fwrite(line, 1, list_file_line(&entries->entries[i], line), stream);
		if (is_there)
			left.at = line_end(&left, left.at);
		written = left.at;
	}
	fwrite(written, 1, (size_t)(left.end - written), stream);
	return 0;
}
