/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of sipguard as text, such as "allow 192.0.2.10; attach eth0". */
#ifndef SIPGUARD_TESTS_CRASH_COMMAND_H
#define SIPGUARD_TESTS_CRASH_COMMAND_H

#include <stdbool.h>

#define COMMAND_WORDS_MAX 32

/* What exec takes, of one command; the words point into `text`. */
struct command {
	char text[1024];
	char *words[COMMAND_WORDS_MAX + 1];
};

/* False when it is too long. */
bool command_split(struct command *command, const char *sipguard, const char *text);

/* Runs one command whose output goes to the file; returns its exit status, or a negative errno. */
int command_run(const struct command *command, const char *output);

/* For a child process: its output goes to the file, and it becomes the command. */
_Noreturn void command_become(const struct command *command, const char *output);

#endif
