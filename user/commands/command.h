/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a command is: a row in the table of main.c, and one function that parses its words, asks the
 * kernel and the files, and prints one answer.
 *
 * A command returns its exit status, EXIT_DONE or another that is an answer, or a negative errno
 * with the error filled in; main reports the error. Answers go to standard output, everything else
 * to standard error.
 */
#ifndef SIPGUARD_USER_COMMANDS_COMMAND_H
#define SIPGUARD_USER_COMMANDS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "engine/context.h"
#include "error.h"
#include "text/table.h"

struct invocation {
	struct context context; /* of what it asks the engine for */
	const struct command *command;
	bool json;
	bool quiet;
	bool colour; /* of standard output */
	int word_count;
	char **words; /* after the command's own */
};

struct command {
	const char *name;
	const char *synopsis; /* what follows the name */
	const char *summary;
	int (*run)(const struct invocation *invocation, struct error *error);
};

int command_attach(const struct invocation *invocation, struct error *error);
int command_detach(const struct invocation *invocation, struct error *error);
int command_restore(const struct invocation *invocation, struct error *error);
int command_mode(const struct invocation *invocation, struct error *error);
int command_confirm(const struct invocation *invocation, struct error *error);
int command_apply(const struct invocation *invocation, struct error *error);
int command_diff(const struct invocation *invocation, struct error *error);
int command_export(const struct invocation *invocation, struct error *error);
int command_rollback(const struct invocation *invocation, struct error *error);
int command_ports(const struct invocation *invocation, struct error *error);
int command_allow(const struct invocation *invocation, struct error *error);
int command_deny(const struct invocation *invocation, struct error *error);
int command_delete(const struct invocation *invocation, struct error *error);
int command_import(const struct invocation *invocation, struct error *error);
int command_learn(const struct invocation *invocation, struct error *error);
int command_list(const struct invocation *invocation, struct error *error);
int command_lint(const struct invocation *invocation, struct error *error);
int command_check(const struct invocation *invocation, struct error *error);
int command_test(const struct invocation *invocation, struct error *error);
int command_status(const struct invocation *invocation, struct error *error);
int command_stats(const struct invocation *invocation, struct error *error);
int command_drops(const struct invocation *invocation, struct error *error);
int command_top(const struct invocation *invocation, struct error *error);
int command_capture(const struct invocation *invocation, struct error *error);
int command_doctor(const struct invocation *invocation, struct error *error);
int command_metrics(const struct invocation *invocation, struct error *error);
int command_version(const struct invocation *invocation, struct error *error);

/* The words of a command that are no options, in their order. */
struct operands {
	int count;
	char **words; /* owned; the strings are the invocation's */
};

/*
 * An option of a command: a flag, one with a value, or one with a value that can be given again and
 * again. The targets start out false, NULL and empty; operands_clear() releases the last kind.
 */
struct option_spec {
	const char *name; /* "--monitor" */
	bool *flag;
	const char **value;
	struct operands *values;
};

/*
 * Reads options, in any place, as "--name value" or "--name=value"; "--" ends them. -EINVAL for one
 * that is not known.
 */
int operands_parse(const struct invocation *invocation, const struct option_spec *options,
		   size_t option_count, struct operands *operands, struct error *error);
void operands_clear(struct operands *operands);

/* Leaves the first of equal words. */
void operands_unify(struct operands *operands);

/* The words of the command, escaped, as far as there is room. */
void invocation_describe(const struct invocation *invocation, char *text, size_t size);

/* Fills the context in when the words and options are known: who listens, and to what cause. */
void invocation_begin(struct invocation *invocation, const struct progress *progress);

/* The value of --capacity; NULL: it was not given, and is 0. */
int capacity_parse(const struct invocation *invocation, const char *word, uint32_t *capacity,
		   struct error *error);

/* EXIT_USAGE with the command's synopsis as the hint. */
int usage_error(const struct invocation *invocation, struct error *error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The object that every answer in JSON is: {"schema": "sipguard/1", "command": NAME}. */
json_t *answer_new(const struct invocation *invocation);
/* Prints the answer and releases it. Returns `status`, or an error when memory ran out. */
int answer_print(json_t *answer, int status, struct error *error);

/* Prints the table and releases it. Returns `status`, or an error when memory ran out. */
int table_answer(struct table *table, const struct invocation *invocation, int status,
		 struct error *error);

/*
 * Whether the descriptor is a terminal that understands escape sequences, by TERM: colours, and
 * lines that are drawn over.
 */
bool takes_escapes(int descriptor);

/* A line on standard error that is no error: a warning or a notice. Silent with --quiet. */
void notice(const struct invocation *invocation, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
