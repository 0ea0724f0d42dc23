/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that read shell scripts share. */
#ifndef SIPGUARD_USER_RULES_FORMATS_SHELL_INTERNAL_H
#define SIPGUARD_USER_RULES_FORMATS_SHELL_INTERNAL_H

#include "rules/formats/shell.h"

#define SHELL_VARIABLES_MAX 256
#define SHELL_NAME_SIZE	    64
/* The words of one command together, expanded. */
#define SHELL_TEXT_MAX	   65536
#define SHELL_HEREDOCS_MAX 8

enum token {
	TOKEN_END,	/* of the script */
	TOKEN_WORD,	/* fields were added to the words */
	TOKEN_NEWLINE,	/* or ; or & */
	TOKEN_CASE_END, /* ;; */
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_PIPE,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_REDIRECTION, /* its target is the next word */
};

struct variable {
	char name[SHELL_NAME_SIZE];
	char *value; /* owned; NULL: only a running shell knows */
};

/* The words of a command as they are read. */
struct fields {
	char bytes[SHELL_TEXT_MAX];
	size_t used;
	size_t starts[SHELL_WORDS_MAX];
	bool unknown[SHELL_WORDS_MAX];
	bool quoted[SHELL_WORDS_MAX]; /* a quoted word is never a reserved one */
	size_t count;
};

struct shell {
	const char *at;
	const char *end;
	shell_visit visit;
	void *context;
	struct error *error;
	struct variable variables[SHELL_VARIABLES_MAX];
	size_t variable_count;
	struct fields fields;
	/* Delimiters of here-documents that begin behind the line. */
	char heredocs[SHELL_HEREDOCS_MAX][SHELL_NAME_SIZE];
	bool heredoc_tabs[SHELL_HEREDOCS_MAX]; /* <<-: tabs before the delimiter are no part */
	size_t heredoc_count;
	unsigned int uncertain; /* constructs around the command that may not run it */
	unsigned int skipping;	/* constructs around the command that certainly do not */
	unsigned int depth;
	size_t work;
};

/* Reads the next token; negative on an error. */
int shell_token(struct shell *shell);

/* The fields of the words that were read since they were cleared. */
const char *shell_field(const struct shell *shell, size_t number);
void shell_clear_fields(struct shell *shell);

/* NULL when the name has no constant value. */
const char *shell_variable(const struct shell *shell, const char *name, size_t length);
/* `value` NULL: no longer known. -ENOMEM. */
int shell_assign(struct shell *shell, const char *name, size_t length, const char *value);

/*
 * Runs the fields as a simple command, which stands from `text` to `end`. A status (enum
 * shell_status), or negative.
 */
int shell_run(struct shell *shell, const char *text, const char *end);

#endif
