// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/declared_text.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "policy/list_file.h"
#include "policy/list_text.h"

#define FILE_LINE "# file "

/* Where the next file's entries begin, at its line; or the end. */
static const char *find_file(const char *from, const char *end)
{
	static const char line[] = "\n" FILE_LINE;
	const char *found;

	if ((size_t)(end - from) >= strlen(FILE_LINE) &&
	    !memcmp(from, FILE_LINE, strlen(FILE_LINE)))
		return from;
	found = memmem(from, (size_t)(end - from), line, strlen(line));
	return found ? found + 1 : end;
}

static int add_name(const char *name, const char *line, size_t length, struct file_names *files,
		    struct error *error)
{
	char text[256];

	if (length >= sizeof(text) || files->count > UINT16_MAX)
		return error_set(error, EXIT_SYSTEM, EBADMSG, "%s is of another version", name);
	memcpy(text, line, length);
	text[length] = '\0';
	return file_names_add(files, text, error);
}

static int add_entries(const struct entry_list *found, uint16_t file, struct entry_list *entries,
		       struct error *error)
{
	for (size_t i = 0; i < found->count; i++) {
		struct entry entry = found->entries[i];
		int result;

		entry.file = file;
		result = entry_list_append(entries, &entry, error);
		if (result)
			return result;
	}
	return 0;
}

/* `line` is the file's own, and its entries end with `end`. */
static int parse_file(const char *name, const char *line, const char *end,
		      const struct entry_list *prefixes, struct entry_list *entries,
		      struct file_names *files, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list found = {};
	const char *title = line + strlen(FILE_LINE);
	const char *newline = memchr(title, '\n', (size_t)(end - title)) ?: end;
	size_t size = (size_t)(end - newline);
	int result = add_name(name, title, (size_t)(newline - title), files, error);

	/* The line of the list that was searched last ends where the text ends. */
	if (size)
		size--, newline++;
	if (!result && prefixes)
		result = list_text_find(name, newline, size, prefixes, &found, error);
	else if (!result)
		result = list_file_parse(name, newline, size, &found, error);
	return result ?: add_entries(&found, (uint16_t)(files->count - 1), entries, error);
}

int declared_text_parse(const char *name, const char *text, size_t size,
			const struct entry_list *prefixes, struct entry_list *entries,
			struct file_names *files, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list read = {};
	__attribute__((cleanup(file_names_clear))) struct file_names names = {};
	const char *end = text + size, *line = find_file(text, end);

	while (line < end) {
		const char *next = find_file(line + strlen(FILE_LINE), end);
		int result = parse_file(name, line, next, prefixes, &read, &names, error);

		if (result)
			return result;
		line = next;
	}
	entry_list_sort(&read);
	*entries = read;
	*files = names;
	read = (struct entry_list){};
	names = (struct file_names){};
	return 0;
}

void declared_text_write(FILE *stream, const struct entry_list *entries,
			 const struct file_names *files)
{
	for (size_t file = 0; file < files->count; file++) {
		fprintf(stream, FILE_LINE "%s\n", files->names[file]);
		for (size_t i = 0; i < entries->count; i++) {
			char line[LIST_LINE_SIZE];

			if (entries->entries[i].file == file)
				fwrite(line, 1, list_file_line(&entries->entries[i], line), stream);
		}
	}
}
