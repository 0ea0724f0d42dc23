// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "store/paths.h"

#define PATIENCE_SECONDS  3
#define PAUSE_NANOSECONDS 20000000L
#define PAUSES_IN_SECOND  50

static bool held;

bool lock_was_held(void)
{
	return held;
}

static int open_lock(const char *path, struct error *error)
{
	int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (lock < 0)
		return store_error(error, errno, "cannot open %s", path);
	return lock;
}

static int busy_error(int lock, struct error *error)
{
	char holder[16] = "";
	long process;

	if (pread(lock, holder, sizeof(holder) - 1, 0) < 0)
		holder[0] = '\0';
	process = strtol(holder, NULL, 10);
	if (process > 0)
		error_set(error, EXIT_CONFLICT, EBUSY,
			  "another sipguard, process %ld, is changing the policy", process);
	else
		error_set(error, EXIT_CONFLICT, EBUSY, "another sipguard is changing the policy");
	error_hint(error, "try again when it has ended");
	return -EBUSY;
}

/*
 * So that whoever waits in vain can be told for whom. It is no part of the lock, so a failure does
 * not matter.
 */
static void write_holder(int lock)
{
	char holder[16];
	int length = snprintf(holder, sizeof(holder), "%ld\n", (long)getpid());

	if (ftruncate(lock, 0) || pwrite(lock, holder, (size_t)length, 0) != length)
		return;
}

int lock_acquire_within(int seconds, struct error *error)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NANOSECONDS};
	char path[STORE_PATH_SIZE];
	cleanup_fd int lock = -1;
	int result;

	result = store_directories_make(error);
	if (result)
		return result;
	store_run_path(path, "lock");
	lock = open_lock(path, error);
	if (lock < 0)
		return lock;
	for (int attempt = 0; attempt < seconds * PAUSES_IN_SECOND; attempt++) {
		if (!flock(lock, LOCK_EX | LOCK_NB)) {
			write_holder(lock);
			held = true;
			return take_descriptor(&lock);
		}
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_system(error, errno, "cannot lock %s", path);
		nanosleep(&pause, NULL);
	}
	return busy_error(lock, error);
}

int lock_acquire(struct error *error)
{
	return lock_acquire_within(PATIENCE_SECONDS, error);
}
