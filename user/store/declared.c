// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/declared.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "policy/list_file.h"
#include "store/text_file.h"
#include "text/escape.h"

#define CONFIG_FILE "sipguard.conf"

static bool is_directory(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISDIR(status.st_mode);
}

static int load_config(struct declared_policy *declared, const char *path, struct error *error)
{
	cleanup_free char *text = NULL;
	size_t size;
	int result, length = 0;

	if (path)
		length = snprintf(declared->path, sizeof(declared->path), "%s%s", path,
				  is_directory(path) ? "/" CONFIG_FILE : "");
	else
		store_config_path(declared->path, CONFIG_FILE);
	if (length >= (int)sizeof(declared->path))
		return error_set(error, EXIT_USAGE, ENAMETOOLONG,
				 "the path of the configuration has more than %zu bytes",
				 sizeof(declared->path) - 1);
	result = text_file_read(declared->path, CONFIG_SIZE_MAX, &text, &size, error);
	if (result == -ENOENT) {
		error_set(error, EXIT_ABSENT, ENOENT, "there is no %s", declared->path);
		error_hint(error, "sipguard.conf(5) says what it may hold");
		return result;
	}
	return result ?: config_parse(declared->path, text, size, &declared->config, error);
}

/* A path that does not begin at the root begins beside the configuration file. */
static int list_directory(const struct declared_policy *declared, char *path, size_t size,
			  struct error *error)
{
	const char *directory = declared->config.allow_dir;
	const char *slash = strrchr(declared->path, '/');
	int length = slash && *directory != '/' ? (int)(slash + 1 - declared->path) : 0;

	if (snprintf(path, size, "%.*s%s", length, declared->path, directory) < (int)size)
		return 0;
	return error_set(error, EXIT_USAGE, ENAMETOOLONG, "%s: the path of allow_dir is too long",
			 declared->path);
}

static int is_list(const struct dirent *file)
{
	size_t length = strlen(file->d_name);

	return file->d_name[0] != '.' && length > strlen(".list") &&
	       !strcmp(file->d_name + length - strlen(".list"), ".list");
}

/* Errors, diffs and the state name the file: its name must be one that can be printed. */
static int refuse_name(const char *directory, const char *name, struct error *error)
{
	char escaped[256];

	text_escape(escaped, sizeof(escaped), name, strlen(name));
	if (!strcmp(escaped, name))
		return 0;
	error_set(error, EXIT_USAGE, EILSEQ, "%s/%s: the name is not printable", directory,
		  escaped);
	error_hint(error, "rename the file");
	return -EILSEQ;
}

static int load_list(struct declared_list *list, const char *directory, const char *name,
		     struct error *error)
{
	int result;

	if (asprintf(&list->path, "%s/%s", directory, name) < 0) {
		list->path = NULL;
		return error_system(error, ENOMEM, "cannot read %s", directory);
	}
	result = refuse_name(directory, name, error);
	result = result
			 ?: text_file_read(list->path, DECLARED_LIST_SIZE_MAX, &list->text,
					   &list->size, error);
	/* A link that leads nowhere: not to be taken for a configuration that there is not. */
	if (result == -ENOENT)
		return -ENOLINK;
	return result ?: list_file_parse(list->path, list->text, list->size, &list->entries, error);
}

static int load_names(struct declared_policy *declared, const char *directory,
		      struct dirent **names, size_t count, struct error *error)
{
	if (count > DECLARED_LISTS_MAX)
		return error_set(error, EXIT_USAGE, E2BIG, "%s has more than %d lists", directory,
				 DECLARED_LISTS_MAX);
	declared->lists = calloc(count + 1, sizeof(*declared->lists));
	if (!declared->lists)
		return error_system(error, ENOMEM, "cannot read %s", directory);
	for (size_t i = 0; i < count; i++) {
		int result = load_list(&declared->lists[declared->list_count++], directory,
				       names[i]->d_name, error);

		if (result)
			return result;
	}
	return 0;
}

/* By bytes, whatever the locale. */
static int compare_names(const struct dirent **left, const struct dirent **right)
{
	return strcmp((*left)->d_name, (*right)->d_name);
}

static void free_names(struct dirent **names, int count)
{
	while (count > 0)
		free(names[--count]);
	free(names);
}

/* The lists in their directory: how many, or negative. The caller calls free_names(). */
static int scan_lists(const struct declared_policy *declared, char directory[STORE_PATH_SIZE],
		      struct dirent ***names, struct error *error)
{
	int result = list_directory(declared, directory, STORE_PATH_SIZE, error), count;

	if (result)
		return result;
	count = scandir(directory, names, is_list, compare_names);
	if (count >= 0)
		return count;
	*names = NULL;
	if (errno == ENOENT && !config_declares(&declared->config, CONFIG_ALLOW_DIR))
		return 0;
	if (errno == ENOENT)
		return error_set(error, EXIT_USAGE, ENOTDIR, "there is no %s, which %s names",
				 directory, declared->path);
	return store_error(error, errno, "cannot read %s", directory);
}

static int load_lists(struct declared_policy *declared, struct error *error)
{
	struct dirent **names = NULL;
	char directory[STORE_PATH_SIZE];
	int count = scan_lists(declared, directory, &names, error), result;

	if (count < 0)
		return count;
	result = load_names(declared, directory, names, (size_t)count, error);
	free_names(names, count);
	return result;
}

static void free_paths(char **paths, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
	free(paths);
}

static int make_paths(const struct declared_policy *declared, const char *directory,
		      struct dirent **names, size_t count, char ***paths, struct error *error)
{
	char **made = calloc(count + 1, sizeof(*made));

	if (made)
		made[0] = strdup(declared->path);
	for (size_t i = 0; made && made[0] && i < count; i++) {
		if (asprintf(&made[i + 1], "%s/%s", directory, names[i]->d_name) < 0) {
			free_paths(made, i + 1);
			made = NULL;
		}
	}
	if (!made || !made[0]) {
		free(made);
		return error_system(error, ENOMEM, "cannot read %s", declared->path);
	}
	*paths = made;
	return 0;
}

int declared_paths(const char *path, char ***paths, size_t *count, struct error *error)
{
	struct declared_policy declared = {};
	struct dirent **names = NULL;
	char directory[STORE_PATH_SIZE] = "";
	int result = load_config(&declared, path, error), lists = 0;

	if (result == -ENOENT)
		return result;
	if (!result)
		lists = scan_lists(&declared, directory, &names, error);
	if (lists < 0)
		return lists;
	result = make_paths(&declared, directory, names, (size_t)lists, paths, error);
	free_names(names, lists);
	if (!result)
		*count = (size_t)lists + 1;
	return result;
}

/* The first prefix of a list that stands in one before it too, or NULL. */
static const struct prefix *find_twice(const struct declared_policy *declared,
				       const struct declared_list *list)
{
	for (size_t i = 0; i < list->entries.count; i++) {
		const struct prefix *prefix = &list->entries.entries[i].prefix;

		if (declared_origin(declared, prefix, NULL) != list)
			return prefix;
	}
	return NULL;
}

static int twice_error(const struct declared_policy *declared, struct error *error)
{
	const struct declared_list *list = declared->lists, *first;
	const struct prefix *twice;
	char text[PREFIX_TEXT_SIZE];
	size_t line;

	while (!(twice = find_twice(declared, list)))
		list++;
	first = declared_origin(declared, twice, &line);
	prefix_format(twice, text);
	error_set(error, EXIT_USAGE, EEXIST, "%.400s:%zu:1: %s stands in %.400s:%zu already",
		  list->path, list_file_find(list->text, list->size, twice), text, first->path,
		  line);
	error_hint(error, "keep one of the two lines");
	return -EEXIST;
}

static int join_lists(struct declared_policy *declared, struct error *error)
{
	size_t count;

	for (size_t i = 0; i < declared->list_count; i++) {
		const struct entry_list *list = &declared->lists[i].entries;

		for (size_t j = 0; j < list->count; j++) {
			int result = entry_list_append(&declared->entries, &list->entries[j],
						       error);

			if (result)
				return result;
		}
	}
	count = declared->entries.count;
	entry_list_sort(&declared->entries);
	/* Sorting leaves one of those that are equal. */
	return declared->entries.count == count ? 0 : twice_error(declared, error);
}

int declared_load(const char *path, struct declared_policy *declared, struct error *error)
{
	__attribute__((cleanup(declared_clear))) struct declared_policy loaded = {};
	int result;

	result = load_config(&loaded, path, error);
	result = result ?: load_lists(&loaded, error);
	result = result ?: join_lists(&loaded, error);
	if (result)
		return result;
	*declared = loaded;
	loaded = (struct declared_policy){};
	return 0;
}

int declared_load_config(const char *path, struct config *config, struct error *error)
{
	struct declared_policy loaded = {};
	int result = load_config(&loaded, path, error);

	if (!result)
		*config = loaded.config;
	return result;
}

int declared_of_list(const char *name, char **text, size_t size, struct declared_policy *declared,
		     struct error *error)
{
	__attribute__((cleanup(declared_clear))) struct declared_policy made = {};
	int result;

	config_default(&made.config);
	made.lists = calloc(1, sizeof(*made.lists));
	if (!made.lists)
		return error_system(error, ENOMEM, "cannot read %s", name);
	made.list_count = 1;
	made.lists->path = strdup(name);
	if (!made.lists->path)
		return error_system(error, ENOMEM, "cannot read %s", name);
	result = list_file_parse(name, *text, size, &made.lists->entries, error);
	result = result ?: entry_list_copy(&made.lists->entries, &made.entries, error);
	if (result)
		return result;
	made.lists->text = *text;
	made.lists->size = size;
	*text = NULL;
	*declared = made;
	made = (struct declared_policy){};
	return 0;
}

void declared_clear(struct declared_policy *declared)
{
	for (size_t i = 0; i < declared->list_count; i++) {
		free(declared->lists[i].path);
		free(declared->lists[i].text);
		entry_list_clear(&declared->lists[i].entries);
	}
	free(declared->lists);
	entry_list_clear(&declared->entries);
	*declared = (struct declared_policy){};
}

const struct declared_list *declared_origin(const struct declared_policy *declared,
					    const struct prefix *prefix, size_t *line)
{
	for (size_t i = 0; i < declared->list_count; i++) {
		const struct declared_list *list = &declared->lists[i];

		if (!entry_list_find(&list->entries, prefix))
			continue;
		if (line)
			*line = list_file_find(list->text, list->size, prefix);
		return list;
	}
	return NULL;
}
