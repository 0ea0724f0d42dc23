// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/lint_paths.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/input.h"
#include "store/declared.h"

#define PATHS_MAX 10000

static bool ends_with(const char *name, const char *end)
{
	size_t length = strlen(name), end_length = strlen(end);

	return length > end_length && !strcmp(name + length - end_length, end);
}

static bool is_directory(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISDIR(status.st_mode);
}

bool lint_path_is_policy(const char *path)
{
	char file[4096];

	if (!is_directory(path))
		return ends_with(path, "/sipguard.conf") || !strcmp(path, "sipguard.conf");
	return snprintf(file, sizeof(file), "%s/sipguard.conf", path) < (int)sizeof(file) &&
	       !access(file, F_OK);
}

/* Takes the path. */
static int add_path(struct lint_paths *paths, char *path, unsigned int policy, struct error *error)
{
	if (path && paths->count == paths->allocated) {
		size_t allocated = paths->allocated ? 2 * paths->allocated : 16;
		void *larger = reallocarray(paths->paths, allocated, sizeof(*paths->paths));

		if (!larger) {
			free(path);
			path = NULL;
		} else {
			paths->paths = larger;
			paths->allocated = allocated;
		}
	}
	if (!path)
		return error_system(error, ENOMEM, "cannot hold the files");
	paths->paths[paths->count++] = (struct lint_path){path, policy};
	return 0;
}

static int add_policy(struct lint_paths *paths, const char *path, struct error *error)
{
	char **files;
	size_t count, taken = 0;
	int result = declared_paths(path, &files, &count, error);

	if (result)
		return result;
	paths->policies++;
	while (!result && taken < count)
		result = add_path(paths, files[taken++], paths->policies, error);
	while (taken < count)
		free(files[taken++]);
	free(files);
	return result;
}

static bool is_judged(const FTSENT *file)
{
	static const char *const ends[] = {".list", ".yml",   ".yaml", ".v4",
					   ".v6",   ".rules", ".sh",   ".nft.json"};

	for (size_t i = 0; file->fts_info == FTS_F && i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (ends_with(file->fts_name, ends[i]))
			return true;
	}
	return false;
}

static int directory_error(const char *path, int number, struct error *error)
{
	char name[INPUT_NAME_SIZE];

	input_name(path, name);
	error_system(error, number, "cannot read %s", name);
	error->status = EXIT_USAGE;
	return -number;
}

static int add_tree(struct lint_paths *paths, FTS *tree, struct error *error)
{
	FTSENT *file;
	int result = 0;

	while (!result && (file = fts_read(tree))) {
		if (file->fts_level && file->fts_name[0] == '.')
			fts_set(tree, file, FTS_SKIP);
		else if (file->fts_info == FTS_DNR || file->fts_info == FTS_ERR)
			result = directory_error(file->fts_path, file->fts_errno, error);
		else if (is_judged(file))
			result = add_path(paths, strdup(file->fts_path), 0, error);
		if (paths->count > PATHS_MAX)
			result = error_set(error, EXIT_USAGE, E2BIG,
					   "there are more than %d files to judge", PATHS_MAX);
	}
	return result;
}

static int compare_names(const FTSENT **left, const FTSENT **right)
{
	return strcmp((*left)->fts_name, (*right)->fts_name);
}

static int add_directory(struct lint_paths *paths, const char *path, struct error *error)
{
	char *roots[] = {(char *)path, NULL}, name[INPUT_NAME_SIZE];
	size_t before = paths->count;
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, compare_names);
	int result = tree ? add_tree(paths, tree, error) : directory_error(path, errno, error);

	if (tree)
		fts_close(tree);
	if (result || paths->count > before)
		return result;
	input_name(path, name);
	error_set(error, EXIT_USAGE, ENOENT, "%s holds no file to judge", name);
	error_hint(error, "files of other names are judged when they are named themselves");
	return -ENOENT;
}

int lint_paths_expand(const struct operands *words, struct lint_paths *paths, struct error *error)
{
	int result = 0;

	for (int i = 0; !result && i < words->count; i++) {
		const char *path = words->words[i];

		if (lint_path_is_policy(path))
			result = add_policy(paths, path, error);
		else if (is_directory(path))
			result = add_directory(paths, path, error);
		else
			result = add_path(paths, strdup(path), 0, error);
	}
	return result;
}

void lint_paths_clear(struct lint_paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		free(paths->paths[i].path);
	free(paths->paths);
	*paths = (struct lint_paths){};
}
