// SPDX-License-Identifier: GPL-2.0-or-later
#include "tools.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"

#define TOOL_SECONDS_MAX 300

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

static void become_tool(const char *const arguments[])
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(TOOL_SECONDS_MAX);
	dup2(null, STDOUT_FILENO);
	execvp(arguments[0], (char *const *)arguments);
	_exit(127);
}

int run_tool(const char *const arguments[], struct error *error)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return error_system(error, errno, "cannot run %s", arguments[0]);
	if (child == 0)
		become_tool(arguments);
	if (waitpid(child, &status, 0) < 0)
		return error_system(error, errno, "cannot wait for %s", arguments[0]);
	if (WIFSIGNALED(status))
		return error_set(error, EXIT_SYSTEM, EINTR, "%s was ended by signal %d",
				 arguments[0], WTERMSIG(status));
	if (WEXITSTATUS(status))
		return error_set(error, EXIT_SYSTEM, EIO, "%s failed with status %d", arguments[0],
				 WEXITSTATUS(status));
	return 0;
}
