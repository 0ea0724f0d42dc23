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

#define BUFFER_SIZE 65536

/* Room for as many entries as the kernel takes, each with the longest label. */
#define SEALED_SIZE_MAX (2ULL << 30)

static unsigned long add_to_sum(unsigned long sum, const char *text, size_t size)
{
	return crc32_z(sum, (const unsigned char *)text, size);
}

static int damage_error(const char *path, struct error *error)
{
	error_set(error, EXIT_SYSTEM, EBADMSG, "%s is damaged: its seal does not fit its text",
		  path);
	error_hint(error,
		   "what is in force stays so; sipguard rollback brings back the newest whole "
		   "version, or restore the file from a backup");
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
	snprintf(seal, sizeof(seal), SEAL_FORMAT, add_to_sum(0, whole, length));
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

/* What the stream of a draft does with a full buffer. */
static ssize_t write_summed(void *cookie, const char *text, size_t size)
{
	struct sealed_draft *draft = cookie;

	if (!draft->failed)
		draft->failed = write_whole(draft->file, text, size);
	draft->sum = add_to_sum(draft->sum, text, size);
	return draft->failed ? -1 : (ssize_t)size;
}

static void temporary_path(char temporary[static STORE_PATH_SIZE + 8], const char *path)
{
	snprintf(temporary, STORE_PATH_SIZE + 8, "%s.new", path);
}

int sealed_file_begin(struct sealed_draft *draft, const char *path, struct error *error)
{
	const cookie_io_functions_t functions = {.write = write_summed};
	struct sealed_draft begun = {};
	cleanup_fd int file = -1;

	snprintf(begun.path, sizeof(begun.path), "%s", path);
	temporary_path(begun.temporary, path);
	/* One writer at a time, so whatever has this name was left by a command that was killed. */
	file = open(begun.temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file < 0)
		return store_error(error, errno, "cannot write %s", begun.temporary);
	*draft = begun;
	draft->stream = fopencookie(draft, "w", functions);
	if (!draft->stream)
		return store_error(error, errno, "cannot write %s", begun.temporary);
	setvbuf(draft->stream, NULL, _IOFBF, BUFFER_SIZE);
	draft->file = take_descriptor(&file);
	return 0;
}

/* What is in its buffer is written. */
static void end_stream(struct sealed_draft *draft)
{
	if (fclose(draft->stream) && !draft->failed)
		draft->failed = -EIO;
	draft->stream = NULL;
}

int sealed_file_seal(struct sealed_draft *draft, struct error *error)
{
	char seal[SEAL_LENGTH + 1];
	int result;

	end_stream(draft);
	snprintf(seal, sizeof(seal), SEAL_FORMAT, draft->sum);
	result = draft->failed ?: write_whole(draft->file, seal, SEAL_LENGTH);
	if (!result && fsync(draft->file))
		result = -errno;
	close(draft->file);
	if (result)
		return store_error(error, -result, "cannot write %s", draft->temporary);
	return 0;
}

static int flush_directory(const char *path, struct error *error)
{
	char directory[STORE_PATH_SIZE];
	cleanup_fd int descriptor = -1;
	char *slash;

	snprintf(directory, sizeof(directory), "%s", path);
	slash = strrchr(directory, '/');
	if (slash)
		*slash = '\0';
	descriptor = open(slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor < 0 || fsync(descriptor))
		return store_error(error, errno, "cannot flush the directory of %s", path);
	return 0;
}

int sealed_file_commit(struct sealed_draft *draft, struct error *error)
{
	if (!draft->temporary[0])
		return 0;
	if (rename(draft->temporary, draft->path))
		return store_error(error, errno, "cannot replace %s", draft->path);
	draft->temporary[0] = '\0';
	return flush_directory(draft->path, error);
}

void sealed_file_discard(struct sealed_draft *draft)
{
	if (draft->stream) {
		end_stream(draft);
		close(draft->file);
	}
	if (draft->temporary[0])
		unlink(draft->temporary);
	draft->temporary[0] = '\0';
}

bool sealed_file_has_draft(const char *path)
{
	char temporary[STORE_PATH_SIZE + 8];

	temporary_path(temporary, path);
	return !access(temporary, F_OK);
}

void sealed_file_remove_draft(const char *path)
{
	char temporary[STORE_PATH_SIZE + 8];

	temporary_path(temporary, path);
	unlink(temporary);
}

int sealed_file_read_draft(const char *path, char **text, size_t *size, struct error *error)
{
	char temporary[STORE_PATH_SIZE + 8];

	temporary_path(temporary, path);
	return sealed_file_read(temporary, text, size, error);
}

int sealed_file_commit_draft(const char *path, struct error *error)
{
	char temporary[STORE_PATH_SIZE + 8];

	temporary_path(temporary, path);
	if (!rename(temporary, path))
		return flush_directory(path, error);
	return errno == ENOENT ? 0 : store_error(error, errno, "cannot replace %s", path);
}

int sealed_file_remove(const char *path, struct error *error)
{
	if (!unlink(path))
		return flush_directory(path, error);
	return errno == ENOENT ? 0 : store_error(error, errno, "cannot remove %s", path);
}
