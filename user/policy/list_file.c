// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/list_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "policy/line.h"
#include "policy/when.h"
#include "sipguard/abi.h"
#include "text/utf8.h"

/* In the line, and so without a terminator. */
struct word {
	const char *start;
	size_t length;
};

static bool is_blank(char character)
{
	return character == ' ' || character == '\t';
}

static void skip_blanks(struct line *line)
{
	while (line->at < line->end && is_blank(*line->at))
		line->at++;
}

/* The next word, which ends at a blank or a #; empty at the end of the line. */
static struct word next_word(struct line *line)
{
	struct word word;

	skip_blanks(line);
	word.start = line->at;
	while (line->at < line->end && !is_blank(*line->at) && *line->at != '#')
		line->at++;
	word.length = (size_t)(line->at - word.start);
	return word;
}

static bool word_is(const struct word *word, const char *text)
{
	return word->length == strlen(text) && !memcmp(word->start, text, word->length);
}

static int read_until(struct line *line, struct entry *entry, struct error *error)
{
	struct word word = next_word(line);
	char text[2 * WHEN_TEXT_SIZE] = "";

	if (!word.length)
		return line_error(line, word.start, error, "a time must follow until");
	/* What is cut here is too long for a time. */
	memcpy(text, word.start, word.length < sizeof(text) ? word.length : sizeof(text) - 1);
	if (time_parse_kept(text, &entry->until, error))
		return line_locate(line, word.start, error);
	return 0;
}

/*
 * What stands between the prefix and the label: deny and until, each at most once and in this
 * order.
 */
static int read_clauses(struct line *line, struct entry *entry, struct error *error)
{
	struct word word;

	while ((word = next_word(line)).length) {
		int result = 0;

		if (word_is(&word, "deny") && entry->verdict == SG_ENTRY_ALLOW && !entry->until)
			entry->verdict = SG_ENTRY_DENY;
		else if (word_is(&word, "until") && !entry->until)
			result = read_until(line, entry, error);
		else
			result = line_error(line, word.start, error,
					    "only deny, until TIME and # label follow a prefix");
		if (result)
			return result;
	}
	return 0;
}

/* False when the label has something else that no label has: a control, or bytes that are no UTF-8.
 */
static bool escape_hidden(char label[static LABEL_BYTES_MAX + 1])
{
	char made[LABEL_BYTES_MAX + 1];
	size_t length = strlen(label);

	for (size_t at = 0, size; at < length; at += size) {
		uint32_t character;

		size = utf8_decode(label + at, length - at, &character);
		if (!size || character < ' ' || (character >= 0x7f && character <= 0x9f))
			return false;
	}
	if (!label_make(label, made))
		return false;
	strcpy(label, made);
	return true;
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
	if (length > LABEL_BYTES_MAX)
		return line_error(line, start, error, "the label is too long");
	memcpy(label, start, length);
	label[length] = '\0';
	/*
	 * Earlier releases kept labels with characters that nobody sees, and editors write them
	 * with emoji. A file with one must be readable; such characters are kept as escapes.
	 */
	if (label_check(label, error) && !escape_hidden(label))
		return line_locate(line, start, error);
	entry->label = label;
	return 0;
}

static int read_line(struct line *line, struct entry_list *list, struct error *error)
{
	struct word word = next_word(line);
	char label[LABEL_BYTES_MAX + 1];
	struct entry entry = {};
	int result = 0;

	if (!word.length)
		return 0;
	if (prefix_parse_bytes(word.start, word.length, &entry.prefix, error))
		return line_locate(line, word.start, error);
	if (line->at < line->end) {
		if (memchr(line->at, '\0', (size_t)(line->end - line->at)))
			return line_error(line, word.start, error,
					  "there is a zero byte in the line");
		result = read_clauses(line, &entry, error);
		result = result ?: read_label(line, label, &entry, error);
	}
	return result ?: entry_list_append(list, &entry, error);
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
	char text[PREFIX_TEXT_SIZE];
	size_t seen = 0, twice = 1;
	struct line line;

	if (!sightings)
		return error_system(error, ENOMEM, "cannot read %s", reader.name);
	while (line_next(&reader, &line)) {
		struct word word = next_word(&line);

		if (!word.length)
			continue;
		prefix_parse_bytes(word.start, word.length, &sightings[seen].prefix, error);
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

size_t list_file_line(const struct entry *entry, char line[static LIST_LINE_SIZE])
{
	char *at = line + prefix_format(&entry->prefix, line);

	if (entry->verdict == SG_ENTRY_DENY)
		at = stpcpy(at, " deny");
	if (entry->until) {
		at = stpcpy(at, " until ");
		time_format(entry->until, at);
		at += strlen(at);
	}
	if (entry->label) {
		size_t length = strnlen(entry->label, LABEL_BYTES_MAX);

		at = mempcpy(stpcpy(at, " # "), entry->label, length);
	}
	*at++ = '\n';
	*at = '\0';
	return (size_t)(at - line);
}

size_t list_file_find(const char *text, size_t size, const struct prefix *prefix)
{
	struct line_reader reader = line_reader_begin("", text, size);
	struct line line;

	while (line_next(&reader, &line)) {
		struct word word = next_word(&line);
		struct error ignored;
		struct prefix found;

		if (word.length && !prefix_parse_bytes(word.start, word.length, &found, &ignored) &&
		    !prefix_compare(&found, prefix))
			return line.number;
	}
	return 0;
}

void list_file_write(FILE *stream, const struct entry_list *list)
{
	char lines[64 * LIST_LINE_SIZE];
	size_t used = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (used + LIST_LINE_SIZE > sizeof(lines)) {
			fwrite(lines, 1, used, stream);
			used = 0;
		}
		used += list_file_line(&list->entries[i], lines + used);
	}
	fwrite(lines, 1, used, stream);
}
