// SPDX-License-Identifier: GPL-2.0-or-later
/* Programs of the system that are asked because the kernel has no simpler way to tell. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "kernel/inspect.h"

#define MILLISECONDS_MAX 5000

static bool find_program(char *path, size_t size, const char *name)
{
	static const char *const directories[] = {"/usr/sbin", "/sbin", "/usr/bin", "/bin"};

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		snprintf(path, size, "%s/%s", directories[i], name);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

/* Starts it with its output in `output`; returns its process, or a negative errno. */
static pid_t start(const char *path, const char *const *words, int output)
{
	static char *const environment[] = {"LC_ALL=C", NULL};
	posix_spawn_file_actions_t actions;
	pid_t process = 0;
	int result;

	result = posix_spawn_file_actions_init(&actions);
	if (result)
		return -result;
	result = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!result)
		result = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (!result)
		result = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
							  O_WRONLY, 0);
	if (!result)
		result = posix_spawn(&process, path, &actions, NULL, (char *const *)words,
				     environment);
	posix_spawn_file_actions_destroy(&actions);
	return result ? -result : process;
}

static int64_t milliseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Reads up to its end what comes from a pipe; `text` has room for most + 1 bytes. */
static int read_output(int pipe, char *text, size_t most, size_t *size)
{
	int64_t deadline = milliseconds_now() + MILLISECONDS_MAX;

	while (true) {
		struct pollfd ready = {.fd = pipe, .events = POLLIN};
		int64_t left = deadline - milliseconds_now();
		ssize_t got;
		int state;

		if (left <= 0)
			return -ETIMEDOUT;
		state = poll(&ready, 1, (int)left);
		if (state < 0 && errno != EINTR)
			return -errno;
		if (state <= 0)
			continue;
		got = read(pipe, text + *size, most + 1 - *size);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			return 0;
		if (got > 0)
			*size += (size_t)got;
		if (*size > most)
			return -EFBIG;
	}
}

static int collect(const char *path, const char *const *words, size_t most, char *text,
		   size_t *size)
{
	cleanup_fd int from = -1, to = -1;
	int ends[2], result, status;
	pid_t process;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	from = ends[0];
	to = ends[1];
	process = start(path, words, to);
	if (process < 0)
		return process;
	close(take_descriptor(&to));
	result = read_output(from, text, most, size);
	if (result)
		kill(process, SIGKILL);
	while (waitpid(process, &status, 0) < 0 && errno == EINTR)
		;
	if (!result && (!WIFEXITED(status) || WEXITSTATUS(status)))
		return -EIO;
	return result;
}

int inspect_run(const char *const *words, size_t most, char **text, size_t *size,
		struct error *error)
{
	cleanup_free char *buffer = malloc(most + 1);
	size_t length = 0;
	char path[64];
	int result;

	if (!find_program(path, sizeof(path), words[0]))
		return error_set(error, EXIT_ABSENT, ENOENT, "there is no program %s", words[0]);
	result = buffer ? collect(path, words, most, buffer, &length) : -ENOMEM;
	if (result == -EIO)
		return error_set(error, EXIT_SYSTEM, EIO, "%s failed", path);
	if (result)
		return error_system(error, -result, "cannot read what %s says", path);
	buffer[length] = '\0';
	*text = buffer;
	*size = length;
	buffer = NULL;
	return 0;
}
