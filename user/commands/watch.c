// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cleanup.h"
#include "kernel/clock.h"

/* In milliseconds: who waits for longer asks again. */
#define LONGEST_WAIT 60000

int watch_begin(struct watch *watch, struct error *error)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	watch->signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
	if (watch->signals < 0)
		return error_system(error, errno, "cannot wait for signals");
	sigprocmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

void watch_close(struct watch *watch)
{
	close_descriptor(&watch->signals);
}

static bool is_gone(const struct pollfd *reader)
{
	return reader->revents & (POLLERR | POLLHUP | POLLNVAL);
}

void watch_for(struct watch *watch, int first, int second, int64_t until)
{
	int64_t left = until - clock_monotonic_milliseconds();
	/* Of standard output only errors are asked for: that its reader has gone. */
	struct pollfd waiting[] = {
		{.fd = watch->signals, .events = POLLIN},
		{.fd = STDOUT_FILENO},
		{.fd = first, .events = POLLIN},
		{.fd = second, .events = POLLIN},
	};

	left = left < 0 ? 0 : left > LONGEST_WAIT ? LONGEST_WAIT : left;
	if (poll(waiting, sizeof(waiting) / sizeof(waiting[0]), (int)left) <= 0)
		return;
	if (waiting[0].revents || is_gone(&waiting[1]))
		watch->over = true;
}

int watch_flush(struct watch *watch, int result, struct error *error)
{
	struct pollfd reader = {.fd = STDOUT_FILENO};

	if (!result && fflush(stdout))
		result = error_system(error, errno, "cannot print the answer");
	if (!result || !ferror(stdout) || poll(&reader, 1, 0) <= 0 || !is_gone(&reader))
		return result;
	/* Else the end of the process would try once more, and complain. */
	__fpurge(stdout);
	clearerr(stdout);
	watch->over = true;
	return 0;
}
