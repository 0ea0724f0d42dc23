// SPDX-License-Identifier: GPL-2.0-or-later
#include "scraper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "stopwatch.h"

#define EXPORTER_PORT	   10506
#define START_SECONDS_MAX  5
#define ANSWER_SECONDS_MAX 5
#define SCRAPES_A_SECOND   10

static bool scrape(void)
{
	static const char request[] = "GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n";
	static const char success[] = "HTTP/1.";
	const struct timeval patience = {.tv_sec = ANSWER_SECONDS_MAX};
	const struct sockaddr_in exporter = {
		.sin_family = AF_INET,
		.sin_port = htons(EXPORTER_PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	cleanup_fd int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char answer[65536] = "";
	ssize_t length;

	setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(connection, (const struct sockaddr *)&exporter, sizeof(exporter)) ||
	    send(connection, request, strlen(request), MSG_NOSIGNAL) < 0)
		return false;
	length = recv(connection, answer, sizeof(answer) - 1, 0);
	if (length < 12 || strncmp(answer, success, strlen(success)) ||
	    strncmp(answer + strlen(success) + 1, " 200", 4))
		return false;
	while (length > 0)
		length = recv(connection, answer, sizeof(answer), 0);
	return length == 0;
}

static void scrape_forever(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (scrape())
		sleep_seconds(1.0 / SCRAPES_A_SECOND);
	_exit(1);
}

int scraper_start(pid_t *scraper, struct error *error)
{
	double started = stopwatch();
	pid_t child;

	while (!scrape()) {
		if (stopwatch() - started > START_SECONDS_MAX)
			return error_set(error, EXIT_SYSTEM, ETIMEDOUT,
					 "the exporter does not answer on port %d", EXPORTER_PORT);
		sleep_seconds(0.05);
	}
	child = fork();
	if (child < 0)
		return error_system(error, errno, "cannot start a scraper");
	if (child == 0)
		scrape_forever();
	*scraper = child;
	return 0;
}

int scraper_stop(pid_t scraper, struct error *error)
{
	int status;

	kill(scraper, SIGKILL);
	waitpid(scraper, &status, 0);
	if (WIFSIGNALED(status))
		return 0;
	return error_set(error, EXIT_SYSTEM, EPIPE, "the exporter stopped answering");
}
