// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lists of commands and the constructs around them (POSIX.1-2017, XCU 2.9). A construct that may
 * run its commands or not makes them uncertain. An exit behind a condition ends nothing: scripts
 * begin with checks that leave when a tool is missing.
 */
#include "rules/formats/shell.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/formats/shell_internal.h"

#define DEPTH_MAX 32
/* Commands that are read, those of each turn of a loop included. */
#define WORK_MAX 200000

/* What ends a list of commands. */
enum closing {
	CLOSING_END,
	CLOSING_PARENTHESIS,
	CLOSING_CASE,
	CLOSING_WORD, /* these are reserved words */
	CLOSING_THEN = CLOSING_WORD,
	CLOSING_ELSE,
	CLOSING_ELIF,
	CLOSING_FI,
	CLOSING_DO,
	CLOSING_DONE,
	CLOSING_ESAC,
	CLOSING_BRACE,
	CLOSING_COUNT,
};

static const char *const closing_words[CLOSING_COUNT] = {
	[CLOSING_THEN] = "then", [CLOSING_ELSE] = "else", [CLOSING_ELIF] = "elif",
	[CLOSING_FI] = "fi",	 [CLOSING_DO] = "do",	  [CLOSING_DONE] = "done",
	[CLOSING_ESAC] = "esac", [CLOSING_BRACE] = "}",
};

static int read_list(struct shell *shell);

static int syntax_error(struct shell *shell, const char *what)
{
	return error_set(shell->error, EXIT_USAGE, EINVAL, "%s", what);
}

/* Whether the field that was read last is this reserved word. */
static bool is_reserved(const struct shell *shell, size_t number, const char *word)
{
	const struct fields *fields = &shell->fields;

	return !fields->quoted[number] && !fields->unknown[number] &&
	       !strcmp(shell_field(shell, number), word);
}

static int expect_list(struct shell *shell, enum closing wanted)
{
	int closing = read_list(shell);

	if (closing < 0 || closing == (int)wanted)
		return closing;
	return syntax_error(shell, "a construct of the shell does not end");
}

static int read_uncertain(struct shell *shell)
{
	int closing;

	shell->uncertain++;
	closing = read_list(shell);
	shell->uncertain--;
	return closing;
}

static int read_if(struct shell *shell)
{
	int closing = expect_list(shell, CLOSING_THEN);

	closing = closing < 0 ? closing : read_uncertain(shell);
	while (closing == CLOSING_ELIF) {
		closing = read_uncertain(shell);
		if (closing == CLOSING_THEN)
			closing = read_uncertain(shell);
	}
	if (closing == CLOSING_ELSE)
		closing = read_uncertain(shell);
	if (closing < 0 || closing == CLOSING_FI)
		return closing < 0 ? closing : 0;
	return syntax_error(shell, "an if does not end");
}

static int read_while(struct shell *shell)
{
	int closing = expect_list(shell, CLOSING_DO);

	closing = closing < 0 ? closing : read_uncertain(shell);
	if (closing < 0 || closing == CLOSING_DONE)
		return closing < 0 ? closing : 0;
	return syntax_error(shell, "a loop does not end");
}

/* The words of a loop, which outlive the commands that are read in it. */
struct loop {
	char name[SHELL_NAME_SIZE];
	char *words[SHELL_WORDS_MAX];
	size_t count;
	bool unknown; /* one of them is not known, or there are none to be seen */
};

static void loop_clear(struct loop *loop)
{
	for (size_t i = 0; i < loop->count; i++)
		free(loop->words[i]);
}

/* NAME [in WORD...] up to the do. */
static int read_loop_words(struct shell *shell, struct loop *loop)
{
	int token = shell_token(shell);

	if (token != TOKEN_WORD || strlen(shell_field(shell, 0)) >= SHELL_NAME_SIZE)
		return token < 0 ? token : syntax_error(shell, "a for has no name");
	strcpy(loop->name, shell_field(shell, 0));
	shell_clear_fields(shell);
	while ((token = shell_token(shell)) == TOKEN_WORD)
		;
	if (token < 0)
		return token;
	loop->unknown = !shell->fields.count || !is_reserved(shell, 0, "in");
	for (size_t i = 1; i < shell->fields.count && !loop->unknown; i++) {
		loop->unknown |= shell->fields.unknown[i];
		loop->words[loop->count] = strdup(shell_field(shell, i));
		if (!loop->words[loop->count])
			return error_system(shell->error, ENOMEM, "cannot read the script");
		loop->count++;
	}
	shell_clear_fields(shell);
	return 0;
}

static int read_turn(struct shell *shell, const struct loop *loop, const char *value)
{
	int result = shell_assign(shell, loop->name, strlen(loop->name), value);

	return result ?: expect_list(shell, CLOSING_DONE);
}

static int read_for(struct shell *shell)
{
	__attribute__((cleanup(loop_clear))) struct loop loop = {};
	const char *body;
	int result = read_loop_words(shell, &loop);

	result = result ?: expect_list(shell, CLOSING_DO);
	if (result < 0)
		return result;
	body = shell->at;
	if (loop.unknown || !loop.count) {
		shell->uncertain += loop.unknown;
		shell->skipping += !loop.unknown;
		result = read_turn(shell, &loop, NULL);
		shell->uncertain -= loop.unknown;
		shell->skipping -= !loop.unknown;
	}
	for (size_t i = 0; result >= 0 && !loop.unknown && i < loop.count; i++) {
		shell->at = body;
		result = read_turn(shell, &loop, loop.words[i]);
	}
	return result < 0 ? result : 0;
}

/* WORD in [PATTERN) LIST ;;]... esac */
static int read_case(struct shell *shell)
{
	int token = TOKEN_WORD, closing = CLOSING_CASE;

	while (token == TOKEN_WORD &&
	       (!shell->fields.count || !is_reserved(shell, shell->fields.count - 1, "in")))
		token = shell_token(shell);
	while (token >= 0 && closing == CLOSING_CASE) {
		shell_clear_fields(shell);
		do {
			token = shell_token(shell);
			if (token == TOKEN_WORD &&
			    is_reserved(shell, shell->fields.count - 1, "esac"))
				return 0;
		} while (token == TOKEN_WORD || token == TOKEN_PIPE || token == TOKEN_NEWLINE ||
			 token == TOKEN_OPEN);
		if (token != TOKEN_CLOSE)
			break;
		shell_clear_fields(shell);
		closing = read_uncertain(shell);
	}
	if (token < 0 || closing < 0)
		return token < 0 ? token : closing;
	return closing == CLOSING_ESAC ? 0 : syntax_error(shell, "a case does not end");
}

static int read_braces(struct shell *shell)
{
	int closing = expect_list(shell, CLOSING_BRACE);

	return closing < 0 ? closing : 0;
}

static int read_subshell(struct shell *shell)
{
	int closing = expect_list(shell, CLOSING_PARENTHESIS);

	return closing < 0 ? closing : 0;
}

/* NAME() COMMAND: a function may be called or not. */
static int read_function(struct shell *shell)
{
	int token;

	shell_clear_fields(shell);
	token = shell_token(shell);
	while (token == TOKEN_NEWLINE)
		token = shell_token(shell);
	if (token == TOKEN_OPEN)
		token = shell_token(shell);
	if (token < 0)
		return token;
	if (token != TOKEN_WORD || !is_reserved(shell, 0, "{"))
		return syntax_error(shell, "a function has no body");
	shell_clear_fields(shell);
	shell->uncertain++;
	token = read_braces(shell);
	shell->uncertain--;
	return token;
}

/* The other words of a simple command; the token that ends it goes to `token`. */
static int read_simple(struct shell *shell, const char *text, int *token)
{
	const char *end = shell->at;
	int status;

	while (true) {
		*token = shell_token(shell);
		if (*token == TOKEN_OPEN && shell->fields.count == 1)
			return shell_token(shell) == TOKEN_CLOSE
				       ? (*token = TOKEN_NEWLINE, read_function(shell))
				       : syntax_error(shell, "a parenthesis is not expected");
		if (*token == TOKEN_REDIRECTION) {
			size_t count = shell->fields.count, used = shell->fields.used;

			*token = shell_token(shell);
			shell->fields.count = count;
			shell->fields.used = used;
		}
		if (*token != TOKEN_WORD)
			break;
		end = shell->at;
	}
	if (*token < 0)
		return *token;
	status = shell_run(shell, text, end);
	shell_clear_fields(shell);
	return status;
}

static const struct construct {
	const char *word;
	int (*read)(struct shell *shell);
} constructs[] = {
	{"if", read_if},   {"while", read_while}, {"until", read_while},
	{"for", read_for}, {"case", read_case},	  {"{", read_braces},
};

static const struct construct *find_construct(const struct shell *shell)
{
	for (size_t i = 0; i < sizeof(constructs) / sizeof(constructs[0]); i++) {
		if (is_reserved(shell, 0, constructs[i].word))
			return &constructs[i];
	}
	return NULL;
}

static int find_closing(const struct shell *shell)
{
	for (int closing = CLOSING_WORD; closing < CLOSING_COUNT; closing++) {
		if (is_reserved(shell, 0, closing_words[closing]))
			return closing;
	}
	return CLOSING_END;
}

/* A command, simple or not, whose first word was read. Its status, and the token behind it. */
static int read_command(struct shell *shell, const char *text, int *token)
{
	const struct construct *construct = find_construct(shell);
	int result;

	if (++shell->work > WORK_MAX || shell->depth == DEPTH_MAX)
		return error_set(shell->error, EXIT_USAGE, E2BIG,
				 "the loops of a script come to too many commands");
	if (!construct)
		return read_simple(shell, text, token);
	shell_clear_fields(shell);
	shell->depth++;
	result = construct->read(shell);
	shell->depth--;
	if (result < 0)
		return result;
	/* Redirections of the construct. */
	do {
		*token = shell_token(shell);
	} while (*token == TOKEN_REDIRECTION || *token == TOKEN_WORD);
	shell_clear_fields(shell);
	return *token < 0 ? *token : SHELL_UNKNOWN;
}

/* One and-or list or pipeline whose first token was read: the token that ends it. */
static int read_chain(struct shell *shell, int token, const char *text)
{
	unsigned int before = shell->uncertain;
	int status = 0;

	while (token == TOKEN_WORD || token == TOKEN_OPEN) {
		if (token == TOKEN_OPEN) {
			status = read_subshell(shell);
			token = status < 0 ? status : shell_token(shell);
		} else {
			status = read_command(shell, text, &token);
		}
		shell->uncertain = before;
		if (status < 0 || token < 0)
			return status < 0 ? status : token;
		if (token != TOKEN_AND && token != TOKEN_OR && token != TOKEN_PIPE)
			break;
		shell->uncertain += (token == TOKEN_AND && status != SHELL_SUCCEEDS) ||
				    (token == TOKEN_OR && status != SHELL_IS_A_CHECK);
		do {
			text = shell->at;
			token = shell_token(shell);
		} while (token == TOKEN_NEWLINE);
		while (token == TOKEN_WORD && is_reserved(shell, 0, "!")) {
			shell_clear_fields(shell);
			token = shell_token(shell);
		}
	}
	shell->uncertain = before;
	return token;
}

/* Commands up to what closes the list: an enum closing. */
static int read_list(struct shell *shell)
{
	while (true) {
		const char *text;
		int token, closing;

		shell_clear_fields(shell);
		text = shell->at;
		token = shell_token(shell);
		while (token == TOKEN_WORD && is_reserved(shell, 0, "!")) {
			shell_clear_fields(shell);
			token = shell_token(shell);
		}
		if (token == TOKEN_WORD) {
			closing = find_closing(shell);
			if (closing)
				shell_clear_fields(shell);
			if (closing)
				return closing;
		}
		if (token == TOKEN_WORD || token == TOKEN_OPEN)
			token = read_chain(shell, token, text);
		if (token < 0)
			return token;
		if (token == TOKEN_END)
			return CLOSING_END;
		if (token == TOKEN_CLOSE)
			return CLOSING_PARENTHESIS;
		if (token == TOKEN_CASE_END)
			return CLOSING_CASE;
	}
}

static void shell_free(struct shell **shell)
{
	for (size_t i = 0; *shell && i < (*shell)->variable_count; i++)
		free((*shell)->variables[i].value);
	free(*shell);
}

int shell_read(const char *script, size_t size, shell_visit visit, void *context,
	       struct error *error)
{
	__attribute__((cleanup(shell_free))) struct shell *shell = calloc(1, sizeof(*shell));
	int closing;

	if (!shell)
		return error_system(error, ENOMEM, "cannot read the script");
	if (memchr(script, '\0', size))
		return error_set(error, EXIT_USAGE, EINVAL, "there is a zero byte");
	shell->at = script;
	shell->end = script + size;
	shell->visit = visit;
	shell->context = context;
	shell->error = error;
	closing = read_list(shell);
	if (closing < 0)
		return closing;
	return closing == CLOSING_END ? 0 : syntax_error(shell, "a construct of the shell is open");
}
