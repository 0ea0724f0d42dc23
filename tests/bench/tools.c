// SPDX-License-Identifier: GPL-2.0-or-later
#include "tools.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "stopwatch.h"
#include "text/escape.h"

#define TOOL_SECONDS_MAX 60
#define STOP_SECONDS_MAX 5

static const struct {
	const char *command;
	const char *package;
} tools[] = {
	{"ip", "iproute2"},
	{"iptables-legacy", "iptables"},
	{"iptables-legacy-restore", "iptables"},
	{"ipset", "ipset"},
	{"nft", "nftables"},
	{"xdp-filter", "xdp-tools"},
};

static bool is_installed(const char *command)
{
	cleanup_free char *directories = strdup(getenv("PATH") ?: "");
	char *saved, *directory = strtok_r(directories, ":", &saved);

	for (; directory; directory = strtok_r(NULL, ":", &saved)) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", directory, command);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

int tools_check(struct error *error)
{
	char missing[512] = "";

	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		size_t length = strlen(missing);

		if (!is_installed(tools[i].command))
			snprintf(missing + length, sizeof(missing) - length, "%s%s (package %s)",
				 length ? ", " : "", tools[i].command, tools[i].package);
	}
	if (!missing[0])
		return 0;
	error_set(error, EXIT_USAGE, ENOENT, "not installed, or not in PATH: %s", missing);
	error_hint(error, "scripts/setup bench");
	return -ENOENT;
}

static void become_tool(const char *const arguments[], int errors)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(errors, STDERR_FILENO);
	execvp(arguments[0], (char *const *)arguments);
	dprintf(STDERR_FILENO, "cannot execute %s: %s", arguments[0], strerror(errno));
	_exit(127);
}

int tool_start(struct tool *tool, const char *const arguments[], struct error *error)
{
	cleanup_fd int errors = memfd_create("errors", MFD_CLOEXEC);
	/* fork() would copy the page tables of all lists, which takes as long as some tools do. */
	pid_t child = errors < 0 ? -1 : vfork();

	if (child < 0)
		return error_system(error, errno, "cannot run %s", arguments[0]);
	if (child == 0)
		become_tool(arguments, errors);
	*tool = (struct tool){arguments[0], child, take_descriptor(&errors)};
	return 0;
}

static void release(struct tool *tool)
{
	close_descriptor(&tool->errors);
	*tool = TOOL_NONE;
}

/* What it has to say for itself. */
static void first_line(const struct tool *tool, char *line, size_t size)
{
	char text[256];
	ssize_t length = pread(tool->errors, text, sizeof(text) - 1, 0);

	text[length > 0 ? length : 0] = '\0';
	text_escape(line, size, text, strcspn(text, "\n"));
}

static int fail(const struct tool *tool, int status, struct error *error)
{
	char line[512];

	if (WIFSIGNALED(status))
		return error_set(error, EXIT_SYSTEM, EINTR, "%s was ended by signal %d", tool->name,
				 WTERMSIG(status));
	first_line(tool, line, sizeof(line));
	error_set(error, EXIT_SYSTEM, ECHILD, "%s: %s", tool->name, line[0] ? line : "failed");
	error->status = WEXITSTATUS(status);
	return -ECHILD;
}

int tool_check(struct tool *tool, struct error *error)
{
	int status;

	if (waitpid(tool->process, &status, WNOHANG) == 0)
		return 0;
	fail(tool, status, error);
	release(tool);
	return -ECHILD;
}

static bool ends_within(const struct tool *tool, double seconds, int *status)
{
	double started = stopwatch();

	while (waitpid(tool->process, status, WNOHANG) == 0) {
		if (stopwatch() - started > seconds)
			return false;
		sleep_seconds(0.001);
	}
	return true;
}

void tool_stop(struct tool *tool)
{
	int status;

	if (tool->process < 0)
		return;
	kill(tool->process, SIGTERM);
	if (!ends_within(tool, STOP_SECONDS_MAX, &status)) {
		kill(tool->process, SIGKILL);
		waitpid(tool->process, &status, 0);
	}
	release(tool);
}

/* Does nothing: that a signal came is enough to end the wait. */
static void wake(int signal)
{
	(void)signal;
}

/* The wait itself takes no time of the tool's, as asking again and again would. */
static int wait_for(const struct tool *tool, int *status)
{
	const struct sigaction action = {.sa_handler = wake};
	struct sigaction before;
	pid_t ended;

	sigaction(SIGALRM, &action, &before);
	alarm(TOOL_SECONDS_MAX);
	ended = waitpid(tool->process, status, 0);
	alarm(0);
	sigaction(SIGALRM, &before, NULL);
	if (ended < 0) {
		kill(tool->process, SIGKILL);
		ended = waitpid(tool->process, status, 0);
	}
	return ended < 0 ? -errno : 0;
}

int run_tool(const char *const arguments[], struct error *error)
{
	struct tool tool = TOOL_NONE;
	int status, result = tool_start(&tool, arguments, error);

	if (result)
		return result;
	result = wait_for(&tool, &status);
	if (result)
		error_system(error, -result, "cannot wait for %s", tool.name);
	else if (status)
		result = fail(&tool, status, error);
	release(&tool);
	return result;
}
