// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/file_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text/escape.h"

int file_names_add(struct file_names *files, const char *name, struct error *error)
{
	char **names = realloc(files->names, (files->count + 1) * sizeof(*names));

	if (names)
		files->names = names;
	if (names)
		names[files->count] = strdup(name);
	if (!names || !names[files->count])
		return error_system(error, ENOMEM, "cannot hold the names of files");
	files->count++;
	return 0;
}

int file_names_add_path(struct file_names *files, const char *path, struct error *error)
{
	const char *slash = strrchr(path, '/');
	char name[256];

	if (slash)
		path = slash + 1;
	text_escape(name, sizeof(name), path, strlen(path));
	return file_names_add(files, name, error);
}

int file_names_copy(const struct file_names *from, struct file_names *to, struct error *error)
{
	__attribute__((cleanup(file_names_clear))) struct file_names copy = {};

	for (size_t i = 0; i < from->count; i++) {
		int result = file_names_add(&copy, from->names[i], error);

		if (result)
			return result;
	}
	*to = copy;
	copy = (struct file_names){};
	return 0;
}

void file_names_clear(struct file_names *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->names[i]);
	free(files->names);
	*files = (struct file_names){};
}

const char *file_names_at(const struct file_names *files, size_t number)
{
	return number < files->count ? files->names[number] : "?";
}
