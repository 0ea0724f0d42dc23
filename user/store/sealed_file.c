// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/sealed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "cleanup.h"
#include "store/text_file.h"

/* "# sealed 0123abcd\n" */
#define SEAL_FORMAT "# sealed %08lx\n"
#define SEAL_LENGTH 18

/* Room for as many entries as the kernel takes, each with the longest label. */
#define SEALED_SIZE_MAX (2ULL << 30)

static void make_seal(char seal[static SEAL_LENGTH + 1], const char *text, size_t size)
{
	unsigned long sum = crc32_z(0, (const unsigned char *)text, size);

	snprintf(seal, SEAL_LENGTH + 1, SEAL_FORMAT, sum);
}

static int damage_error(const char *path, struct error *error)
{
	error_set(error, EXIT_SYSTEM, EBADMSG, "%s is damaged: its seal does not fit its text",
		  path);
	error_hint(error,
		   "what is in force stays so; look at the file, and restore it from a backup or "
		   "move it away");
	return -EBADMSG;
}

int sealed_file_read(const char *path, char **text, size_t *size, struct error *error)
{
	cleanup_free char *whole = NULL;
	char seal[SEAL_LENGTH + 1];
	size_t length;
	int result;

	result = text_file_read(path, SEALED_SIZE_MAX, &whole, &length, error);
	if (result)
		return result;
	if (length < SEAL_LENGTH)
		return damage_error(path, error);
	length -= SEAL_LENGTH;
	make_seal(seal, whole, length);
	if (memcmp(seal, whole + length, SEAL_LENGTH) != 0)
		return damage_error(path, error);
	whole[length] = '\0';
	*text = whole;
	*size = length;
	whole = NULL;
	return 0;
}

static int write_whole(int file, const char *text, size_t size)
{
	while (size) {
		ssize_t written = write(file, text, size);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0) {
			text += written;
			size -= (size_t)written;
		}
	}
	return 0;
}

int sealed_file_draft(struct sealed_draft *draft, const char *path, const char *text, size_t size,
		      struct error *error)
{
	cleanup_fd int file = -1;
	char seal[SEAL_LENGTH + 1];
	int result;

	snprintf(draft->path, sizeof(draft->path), "%s", path);
	snprintf(draft->temporary, sizeof(draft->temporary), "%s.new", path);
	make_seal(seal, text, size);

	/* One writer at a time, so whatever has this name was left by a command that was killed. */
	file = open(draft->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file < 0)
		return store_error(error, errno, "cannot write %s", draft->temporary);
	result = write_whole(file, text, size);
	result = result ? result : write_whole(file, seal, SEAL_LENGTH);
	if (!result && fsync(file))
		result = -errno;
	if (result)
		return store_error(error, -result, "cannot write %s", draft->temporary);
	return 0;
}

static int flush_directory(const char *path)
{
	char directory[STORE_PATH_SIZE];
	cleanup_fd int descriptor = -1;
	char *slash;

	snprintf(directory, sizeof(directory), "%s", path);
	slash = strrchr(directory, '/');
	if (slash)
		*slash = '\0';
	descriptor = open(slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return descriptor < 0 || fsync(descriptor) ? -errno : 0;
}

int sealed_file_commit(struct sealed_draft *draft, struct error *error)
{
	int result;

	if (!draft->temporary[0])
		return 0;
	if (rename(draft->temporary, draft->path))
		return store_error(error, errno, "cannot replace %s", draft->path);
	draft->temporary[0] = '\0';
	result = flush_directory(draft->path);
	if (result)
		return store_error(error, -result, "cannot flush the directory of %s", draft->path);
	return 0;
}

void sealed_file_discard(struct sealed_draft *draft)
{
	if (draft->temporary[0])
		unlink(draft->temporary);
	draft->temporary[0] = '\0';
}
