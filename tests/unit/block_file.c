// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/block_file.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *temporary_file(void)
{
	static char path[] = "/tmp/sipguard-block-file.XXXXXX";
	int descriptor = mkstemp(path);

	cr_assert_geq(descriptor, 0);
	close(descriptor);
	return path;
}

/* A block of pcapng, as far as its length is concerned. */
static int add_block(struct block_file *file, uint32_t size, struct error *error)
{
	uint8_t *room;
	int result = block_file_room(file, size, &room, error);

	if (result)
		return result;
	memset(room, 0xbb, size);
	for (unsigned int i = 0; i < 4; i++)
		room[4 + i] = (uint8_t)(size >> 8 * i);
	block_file_add(file, size);
	return 0;
}

static off_t size_of(const char *path)
{
	struct stat status;

	cr_assert_eq(stat(path, &status), 0);
	return status.st_size;
}

Test(block_file, everything_is_there_after_a_flush)
{
	struct block_file file = BLOCK_FILE_CLOSED;
	const char *path = temporary_file();
	struct error error;

	cr_assert_eq(block_file_open(&file, path, &error), 0, "%s", error.message);
	for (int i = 0; i < 1000; i++)
		cr_assert_eq(add_block(&file, 1000, &error), 0);
	cr_assert_eq(block_file_flush(&file, &error), 0);
	cr_assert_eq(size_of(path), 1000 * 1000);
	block_file_close(&file);
	unlink(path);
}

Test(block_file, a_new_file_is_for_its_owner_alone)
{
	struct block_file file = BLOCK_FILE_CLOSED;
	const char *path = temporary_file();
	struct stat status;
	struct error error;

	unlink(path);
	cr_assert_eq(block_file_open(&file, path, &error), 0);
	cr_assert_eq(stat(path, &status), 0);
	cr_assert_eq(status.st_mode & 0777, 0600);
	block_file_close(&file);
	unlink(path);
}

Test(block_file, a_full_disk_is_an_error)
{
	struct block_file file = BLOCK_FILE_CLOSED;
	struct error error;

	cr_assert_eq(block_file_open(&file, "/dev/full", &error), 0);
	cr_assert_eq(add_block(&file, 100, &error), 0);
	cr_assert_eq(block_file_flush(&file, &error), -ENOSPC);
	cr_assert(strstr(error.message, "/dev/full"));
	block_file_close(&file);
}

/* Whatever was the last byte that fitted. */
Test(block_file, what_does_not_fit_is_cut_at_a_block)
{
	const char *path = temporary_file();

	signal(SIGXFSZ, SIG_IGN);
	for (rlim_t limit = 0; limit <= 400; limit += 7) {
		const struct rlimit sizes = {limit, RLIM_INFINITY};
		struct block_file file = BLOCK_FILE_CLOSED;
		struct error error;

		cr_assert_eq(block_file_open(&file, path, &error), 0);
		for (int i = 0; i < 5; i++)
			cr_assert_eq(add_block(&file, 100, &error), 0);
		setrlimit(RLIMIT_FSIZE, &sizes);
		cr_assert_eq(block_file_flush(&file, &error), -EFBIG);
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
		cr_assert_eq(size_of(path), (off_t)(limit / 100 * 100), "%ld bytes of %ld",
			     (long)size_of(path), (long)limit);
		block_file_close(&file);
	}
	unlink(path);
}

Test(block_file, a_pipe_tells_that_nobody_reads)
{
	struct block_file file = BLOCK_FILE_CLOSED;
	struct error error;
	int ends[2];

	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(ends), 0);
	file = (struct block_file){.descriptor = ends[1], .name = "-", .buffer = malloc(1 << 18)};
	cr_assert(block_file_is_read(&file));
	close(ends[0]);
	cr_assert_not(block_file_is_read(&file));
	cr_assert_eq(add_block(&file, 100, &error), 0);
	cr_assert_eq(block_file_flush(&file, &error), -EPIPE);
	block_file_close(&file);
}

Test(block_file, a_name_is_escaped_in_an_error)
{
	struct block_file file = BLOCK_FILE_CLOSED;
	struct error error;

	cr_assert_eq(block_file_open(&file, "/nowhere/\033[31m", &error), -ENOENT);
	cr_assert_null(strchr(error.message, '\033'));
}
