// SPDX-License-Identifier: GPL-2.0-or-later
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

bool command_split(struct command *command, const char *sipguard, const char *text)
{
	char *rest = command->text, *word;
	int length, count = 0;

	length = snprintf(command->text, sizeof(command->text), "%s %s", sipguard, text);
	if (length >= (int)sizeof(command->text))
		return false;
	while ((word = strsep(&rest, " "))) {
		if (!*word)
			continue;
		if (count == COMMAND_WORDS_MAX)
			return false;
		command->words[count++] = word;
	}
	command->words[count] = NULL;
	return true;
}

void command_become(const struct command *command, const char *output)
{
	int file = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (file >= 0 && dup2(file, STDOUT_FILENO) >= 0 && dup2(file, STDERR_FILENO) >= 0)
		execv(command->words[0], command->words);
	_exit(127);
}

int command_run(const struct command *command, const char *output)
{
	pid_t process = fork();
	int status;

	if (process < 0)
		return -errno;
	if (process == 0)
		command_become(command, output);
	if (waitpid(process, &status, 0) != process)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}
