// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "store/paths.h"

static int read_up_to(int file, char *buffer, size_t most, size_t *size)
{
	size_t length = 0;

	while (length < most) {
		ssize_t got = read(file, buffer + length, most - length);

		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			break;
		if (got > 0)
			length += (size_t)got;
	}
	*size = length;
	return 0;
}

static int size_error(const char *path, size_t most, struct error *error)
{
	return error_set(error, EXIT_SYSTEM, EFBIG, "%s is larger than %zu KiB", path, most >> 10);
}

int text_file_read(const char *path, size_t most, char **text, size_t *size, struct error *error)
{
	/* O_NONBLOCK: whoever put a FIFO there does not stop us. */
	cleanup_fd int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	cleanup_free char *buffer = NULL;
	struct stat status;
	size_t room, length = 0;
	int result;

	if (file < 0 || fstat(file, &status))
		return store_error(error, errno, "cannot read %s", path);
	if (!S_ISREG(status.st_mode))
		return error_set(error, EXIT_SYSTEM, EINVAL, "%s is no regular file", path);
	if ((unsigned long long)status.st_size > most)
		return size_error(path, most, error);
	/* One byte more than it has, to notice that it grows. */
	room = (size_t)status.st_size + 1;
	buffer = malloc(room + 1);
	if (!buffer)
		return error_system(error, ENOMEM, "cannot read %s", path);
	result = read_up_to(file, buffer, room, &length);
	if (result)
		return store_error(error, -result, "cannot read %s", path);
	if (length == room)
		return error_set(error, EXIT_CONFLICT, EAGAIN, "%s is being written", path);
	buffer[length] = '\0';
	*text = buffer;
	*size = length;
	buffer = NULL;
	return 0;
}
