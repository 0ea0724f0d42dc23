// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/replace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/paths.h"

/* Closes the descriptor. */
static int fill(int file, const char *text, size_t size, mode_t mode)
{
	FILE *stream = fdopen(file, "w");
	bool failed;

	if (!stream) {
		close(file);
		return -ENOMEM;
	}
	failed = fwrite(text, 1, size, stream) != size || fflush(stream) || fchmod(file, mode) ||
		 fsync(file);
	if (failed) {
		int number = errno;

		fclose(stream);
		return -number;
	}
	return fclose(stream) ? -errno : 0;
}

/* Writes the file beside `path`; its name is in `temporary`. */
static int write_beside(const char *path, const char *text, size_t size, mode_t mode,
			char temporary[static STORE_PATH_SIZE], struct error *error)
{
	int file, result;

	if (snprintf(temporary, STORE_PATH_SIZE, "%s.XXXXXX", path) >= STORE_PATH_SIZE)
		return store_error(error, ENAMETOOLONG, "cannot write %s", path);
	file = mkostemp(temporary, O_CLOEXEC);
	if (file < 0)
		return store_error(error, errno, "cannot write beside %s", path);
	result = fill(file, text, size, mode);
	if (!result)
		return 0;
	unlink(temporary);
	return store_error(error, -result, "cannot write %s", path);
}

int replace_file(const char *path, const char *text, size_t size, mode_t mode, struct error *error)
{
	char temporary[STORE_PATH_SIZE];
	int result = write_beside(path, text, size, mode, temporary, error);

	if (result || !rename(temporary, path))
		return result;
	result = store_error(error, errno, "cannot write %s", path);
	unlink(temporary);
	return result;
}

static int exists_error(const char *path, struct error *error)
{
	return error_set(error, EXIT_UNSAFE, EEXIST, "%s is there already", path);
}

int create_file(const char *path, const char *text, size_t size, mode_t mode, struct error *error)
{
	char temporary[STORE_PATH_SIZE];
	int result = write_beside(path, text, size, mode, temporary, error);

	if (result)
		return result;
	/* Unlike rename(2), this does not take the place of another file. */
	if (link(temporary, path))
		result = errno == EEXIST ? exists_error(path, error)
					 : store_error(error, errno, "cannot write %s", path);
	unlink(temporary);
	return result;
}

int check_file_target(const char *path, bool replace, struct error *error)
{
	char copy[STORE_PATH_SIZE];
	struct stat status;

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return store_error(error, ENAMETOOLONG, "cannot write %s", path);
	if (!lstat(path, &status)) {
		if (!S_ISREG(status.st_mode))
			return error_set(error, EXIT_USAGE, EINVAL, "%s is no regular file", path);
		if (!replace)
			return exists_error(path, error);
	}
	if (access(dirname(copy), W_OK | X_OK))
		return store_error(error, errno, "cannot write %s", path);
	return 0;
}
