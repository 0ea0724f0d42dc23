// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/replace_file.h"

#include <errno.h>
#include <fcntl.h>
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

int replace_file(const char *path, const char *text, size_t size, mode_t mode, struct error *error)
{
	char temporary[STORE_PATH_SIZE];
	int file, result;

	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary))
		return store_error(error, ENAMETOOLONG, "cannot write %s", path);
	file = mkostemp(temporary, O_CLOEXEC);
	if (file < 0)
		return store_error(error, errno, "cannot write beside %s", path);
	result = fill(file, text, size, mode);
	if (!result && rename(temporary, path))
		result = -errno;
	if (!result)
		return 0;
	unlink(temporary);
	return store_error(error, -result, "cannot write %s", path);
}
