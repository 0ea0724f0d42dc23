// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "text/escape.h"

static bool is_standard_input(const char *path)
{
	return !strcmp(path, "-");
}

void input_name(const char *path, char name[static INPUT_NAME_SIZE])
{
	if (is_standard_input(path))
		path = "standard input";
	text_escape(name, INPUT_NAME_SIZE, path, strlen(path));
}

static int input_error(const char *path, int number, struct error *error)
{
	char name[INPUT_NAME_SIZE];

	input_name(path, name);
	if (number == EFBIG)
		error_set(error, EXIT_USAGE, EFBIG, "%s has more than %lu MiB", name,
			  INPUT_SIZE_MAX >> 20);
	else
		error_system(error, number, "cannot read %s", name);
	if (number == ENOENT || number == EISDIR)
		error->status = EXIT_USAGE;
	else if (number == EACCES)
		error->status = EXIT_PRIVILEGE;
	return -number;
}

/* A file whose size is known is read at one go; what grows or is a pipe, in pieces that double. */
static int read_all(int file, size_t room, char **text, size_t *size)
{
	cleanup_free char *buffer = NULL;
	size_t length = 0;

	while (true) {
		ssize_t got;

		if (!buffer || length == room) {
			char *larger;

			room = buffer ? room * 2 : room;
			larger = room <= INPUT_SIZE_MAX ? realloc(buffer, room + 1) : NULL;
			if (!larger)
				return room <= INPUT_SIZE_MAX ? -ENOMEM : -EFBIG;
			buffer = larger;
		}
		got = read(file, buffer + length, room - length);
		if (got == 0)
			break;
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got > 0)
			length += (size_t)got;
	}
	buffer[length] = '\0';
	*text = buffer;
	*size = length;
	buffer = NULL;
	return 0;
}

int input_read(const char *path, char **text, size_t *size, struct error *error)
{
	cleanup_fd int opened = -1;
	int file = STDIN_FILENO, result;
	struct stat status;
	size_t room = 65536;

	if (!is_standard_input(path))
		file = opened = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 || fstat(file, &status))
		return input_error(path, errno, error);
	if (S_ISREG(status.st_mode) && status.st_size >= (off_t)room)
		room = (size_t)status.st_size + 1;
	result = read_all(file, room, text, size);
	return result ? input_error(path, -result, error) : 0;
}
