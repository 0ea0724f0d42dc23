// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/block_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "store/paths.h"
#include "text/escape.h"

#define BUFFER_SIZE (256U << 10)

static int open_descriptor(const char *name, struct error *error)
{
	int descriptor;

	if (!strcmp(name, "-"))
		descriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		descriptor = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (descriptor < 0) {
		char escaped[256];

		text_escape(escaped, sizeof(escaped), name, strlen(name));
		return store_error(error, errno, "cannot write to %s", escaped);
	}
	return descriptor;
}

int block_file_open(struct block_file *file, const char *name, struct error *error)
{
	struct block_file opened = {.name = name};

	opened.descriptor = open_descriptor(name, error);
	if (opened.descriptor < 0)
		return opened.descriptor;
	opened.buffer = malloc(BUFFER_SIZE);
	if (!opened.buffer) {
		close_descriptor(&opened.descriptor);
		return error_system(error, ENOMEM, "cannot write packets");
	}
	*file = opened;
	return 0;
}

void block_file_close(struct block_file *file)
{
	close_descriptor(&file->descriptor);
	free(file->buffer);
	*file = BLOCK_FILE_CLOSED;
}

int block_file_room(struct block_file *file, size_t size, uint8_t **room, struct error *error)
{
	int result = 0;

	if (BUFFER_SIZE - file->used < size)
		result = block_file_flush(file, error);
	if (!result)
		*room = file->buffer + file->used;
	return result;
}

void block_file_add(struct block_file *file, size_t size)
{
	file->used += size;
}

bool block_file_is_read(const struct block_file *file)
{
	struct pollfd status = {.fd = file->descriptor};

	return poll(&status, 1, 0) <= 0 || !(status.revents & POLLERR);
}

/* How many of the bytes are whole blocks: each tells its length in its second word. */
static size_t whole_blocks(const uint8_t *blocks, size_t bytes)
{
	size_t whole = 0;

	while (bytes - whole >= 8) {
		const uint8_t *length = blocks + whole + 4;
		size_t size = length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 |
			      (size_t)length[3] << 24;

		if (size > bytes - whole)
			break;
		whole += size;
	}
	return whole;
}

/* What is in the buffer begins with a block, so that is where the file can end. */
static int write_error(struct block_file *file, size_t written, struct error *error)
{
	int number = errno;
	size_t torn = written - whole_blocks(file->buffer, written);
	off_t end = lseek(file->descriptor, 0, SEEK_CUR);
	char escaped[256];

	if (torn && end >= (off_t)torn)
		(void)!ftruncate(file->descriptor, end - (off_t)torn);
	text_escape(escaped, sizeof(escaped), file->name, strlen(file->name));
	error_system(error, number, "cannot write to %s", escaped);
	if (number == ENOSPC)
		error_hint(error, "what was captured before can be read; to write less: --rate, "
				  "--bytes, --count");
	return -number;
}

int block_file_flush(struct block_file *file, struct error *error)
{
	size_t written = 0;

	while (written < file->used) {
		ssize_t more = write(file->descriptor, file->buffer + written,
				     file->used - written);

		if (more < 0)
			return write_error(file, written, error);
		written += (size_t)more;
	}
	file->used = 0;
	return 0;
}
