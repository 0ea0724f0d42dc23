// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/list_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "policy/line.h"
#include "policy/when.h"
#include "sipguard/abi.h"

#define WORD_SIZE 64

static bool is_blank(char character)
{
	return character == ' ' || character == '\t';
}

static void skip_blanks(struct line *line)
{
	while (line->at < line->end && is_blank(*line->at))
		line->at++;
}

/*
 * Copies the next word, which ends at a blank or a #. False at the end of the line; an overlong one
 * is cut.
 */
static bool read_word(struct line *line, char word[static WORD_SIZE])
{
	size_t length = 0;

	skip_blanks(line);
	if (line->at == line->end || *line->at == '#')
		return false;
	for (; line->at < line->end && !is_blank(*line->at) && *line->at != '#'; line->at++) {
		if (length < WORD_SIZE - 1)
			word[length++] = *line->at;
	}
	word[length] = '\0';
	return true;
}

static int read_until(struct line *line, struct entry *entry, struct error *error)
{
	char word[WORD_SIZE];
	const char *start;

	skip_blanks(line);
	start = line->at;
	if (!read_word(line, word))
		return line_error(line, start, error, "a time must follow until");
	if (time_parse(word, &entry->until, error))
		return line_locate(line, start, error);
	return 0;
}

/*
 * What stands between the prefix and the label: deny and until, each at most once and in this
 * order.
 */
static int read_clauses(struct line *line, struct entry *entry, struct error *error)
{
	char word[WORD_SIZE];

	while (true) {
		const char *start;
		int result;

		skip_blanks(line);
		start = line->at;
		if (!read_word(line, word))
			return 0;
		if (!strcmp(word, "deny") && entry->verdict == SG_ENTRY_ALLOW && !entry->until) {
			entry->verdict = SG_ENTRY_DENY;
		} else if (!strcmp(word, "until") && !entry->until) {
			result = read_until(line, entry, error);
			if (result)
				return result;
		} else {
			return line_error(line, start, error,
					  "only deny, until TIME and # label follow a prefix");
		}
	}
}

/* The rest of the line behind the #, without blanks around it. Nothing there is no label. */
static int read_label(struct line *line, char label[static LABEL_BYTES_MAX + 1],
		      struct entry *entry, struct error *error)
{
	const char *start, *end = line->end;
	size_t length;

	if (line->at == line->end)
		return 0;
	line->at++;
	skip_blanks(line);
	start = line->at;
	while (end > start && is_blank(end[-1]))
		end--;
	length = (size_t)(end - start);
	if (!length)
		return 0;
	if (length > LABEL_BYTES_MAX || memchr(start, '\0', length))
		return line_error(line, start, error, "the label is too long or has a zero byte");
	memcpy(label, start, length);
	label[length] = '\0';
	if (label_check(label, error))
		return line_locate(line, start, error);
	entry->label = label;
	return 0;
}

static int read_line(struct line *line, struct entry_list *list, struct error *error)
{
	char word[WORD_SIZE], label[LABEL_BYTES_MAX + 1];
	struct entry entry = {};
	const char *start;
	int result;

	skip_blanks(line);
	start = line->at;
	if (!read_word(line, word))
		return 0;
	if (memchr(line->start, '\0', (size_t)(line->end - line->start)))
		return line_error(line, start, error, "there is a zero byte in the line");
	if (prefix_parse(word, &entry.prefix, error))
		return line_locate(line, start, error);
	result = read_clauses(line, &entry, error);
	result = result ? result : read_label(line, label, &entry, error);
	return result ? result : entry_list_append(list, &entry, error);
}

struct sighting {
	struct prefix prefix;
	size_t line;
};

static int compare_sightings(const void *left, const void *right)
{
	const struct sighting *a = left, *b = right;
	int order = prefix_compare(&a->prefix, &b->prefix);

	if (order)
		return order;
	return a->line < b->line ? -1 : a->line > b->line;
}

/*
 * Reads the text once more, of which every line is good, for the lines of a prefix that stands
 * twice.
 */
static int duplicate_error(struct line_reader reader, size_t count, struct error *error)
{
	cleanup_free struct sighting *sightings = calloc(count + 1, sizeof(*sightings));
	char word[WORD_SIZE], text[PREFIX_TEXT_SIZE];
	size_t seen = 0, twice = 1;
	struct line line;

	if (!sightings)
		return error_system(error, ENOMEM, "cannot read %s", reader.name);
	while (line_next(&reader, &line)) {
		if (!read_word(&line, word))
			continue;
		prefix_parse(word, &sightings[seen].prefix, error);
		sightings[seen++].line = line.number;
	}
	qsort(sightings, seen, sizeof(*sightings), compare_sightings);
	while (prefix_compare(&sightings[twice - 1].prefix, &sightings[twice].prefix) != 0)
		twice++;
	prefix_format(&sightings[twice].prefix, text);
	error_set(error, EXIT_USAGE, EINVAL, "%s:%zu:1: %s stands on line %zu already", reader.name,
		  sightings[twice].line, text, sightings[twice - 1].line);
	error_hint(error, "keep one of the two lines");
	return -EINVAL;
}

int list_file_parse(const char *name, const char *text, size_t size, struct entry_list *list,
		    struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list read = {};
	struct line_reader reader = line_reader_begin(name, text, size);
	struct line line;
	size_t count;

	while (line_next(&reader, &line)) {
		int result = read_line(&line, &read, error);

		if (result)
			return result;
	}
	count = read.count;
	entry_list_sort(&read);
	if (read.count != count)
		return duplicate_error(line_reader_begin(name, text, size), count, error);
	*list = read;
	read = (struct entry_list){};
	return 0;
}

size_t list_file_line(const char *text, size_t size, const struct prefix *prefix)
{
	struct line_reader reader = line_reader_begin("", text, size);
	struct line line;

	while (line_next(&reader, &line)) {
		struct error ignored;
		char word[WORD_SIZE];
		struct prefix found;

		if (read_word(&line, word) && !prefix_parse(word, &found, &ignored) &&
		    !prefix_compare(&found, prefix))
			return line.number;
	}
	return 0;
}

void list_file_write(FILE *stream, const struct entry_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct entry *entry = &list->entries[i];
		char text[PREFIX_TEXT_SIZE];
		char time[WHEN_TEXT_SIZE];

		prefix_format(&entry->prefix, text);
		fputs(text, stream);
		if (entry->verdict == SG_ENTRY_DENY)
			fputs(" deny", stream);
		if (entry->until) {
			time_format(entry->until, time);
			fprintf(stream, " until %s", time);
		}
		if (entry->label)
			fprintf(stream, " # %s", entry->label);
		fputc('\n', stream);
	}
}
