// SPDX-License-Identifier: GPL-2.0-or-later
/* Tokens of a shell script: quoting and expansion (POSIX.1-2017, XCU 2.2, 2.3 and 2.6). */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "rules/formats/shell_internal.h"

const char *shell_field(const struct shell *shell, size_t number)
{
	return shell->fields.bytes + shell->fields.starts[number];
}

static int too_long(struct shell *shell)
{
	return error_set(shell->error, EXIT_USAGE, E2BIG,
			 "a command has more than %d words or %d bytes", SHELL_WORDS_MAX,
			 SHELL_TEXT_MAX);
}

static int begin_field(struct shell *shell)
{
	struct fields *fields = &shell->fields;

	if (fields->count == SHELL_WORDS_MAX)
		return too_long(shell);
	fields->starts[fields->count] = fields->used;
	fields->unknown[fields->count] = false;
	fields->quoted[fields->count] = false;
	fields->count++;
	return 0;
}

static int put(struct shell *shell, const char *text, size_t length)
{
	struct fields *fields = &shell->fields;

	if (fields->used + length + 1 >= SHELL_TEXT_MAX)
		return too_long(shell);
	memcpy(fields->bytes + fields->used, text, length);
	fields->used += length;
	return 0;
}

static int end_field(struct shell *shell)
{
	return put(shell, "", 1);
}

/* What only a running shell knows stays as it was written. */
static int put_unknown(struct shell *shell, const char *from)
{
	shell->fields.unknown[shell->fields.count - 1] = true;
	return put(shell, from, (size_t)(shell->at - from));
}

static bool is_name_character(char character, bool first)
{
	return isalpha((unsigned char)character) || character == '_' ||
	       (!first && isdigit((unsigned char)character));
}

/* Whether the field began as "NAME=". */
static bool in_assignment(const struct shell *shell)
{
	const struct fields *fields = &shell->fields;
	size_t at = fields->starts[fields->count - 1];

	while (at < fields->used && is_name_character(fields->bytes[at], false))
		at++;
	return at < fields->used && fields->bytes[at] == '=';
}

/* Outside of quotes and assignments the blanks of a value make fields. */
static int put_value(struct shell *shell, const char *value, bool quoted)
{
	int result = 0;

	if (quoted || in_assignment(shell))
		return put(shell, value, strlen(value));
	while (!result && *value) {
		size_t length = strcspn(value, " \t\n"), blanks;

		result = put(shell, value, length);
		value += length;
		blanks = strspn(value, " \t\n");
		value += blanks;
		if (!result && blanks && *value)
			result = end_field(shell) ?: begin_field(shell);
	}
	return result;
}

/* Behind `at` up to the bracket that belongs to the one that is open. */
static int skip_nested(struct shell *shell, char open, char close)
{
	unsigned int depth = 1;
	char quote = '\0';

	for (; shell->at < shell->end && depth; shell->at++) {
		char character = *shell->at;

		if (character == '\\' && quote != '\'' && shell->at + 1 < shell->end)
			shell->at++;
		else if (quote && character == quote)
			quote = '\0';
		else if (quote)
			continue;
		else if (character == '\'' || character == '"')
			quote = character;
		else if (character == open)
			depth++;
		else if (character == close)
			depth--;
	}
	return depth ? error_set(shell->error, EXIT_USAGE, EINVAL, "a %c does not end", open) : 0;
}

/* $NAME and ${NAME}; every other form is known to a running shell alone. */
static int read_dollar(struct shell *shell, bool quoted)
{
	const char *from = shell->at++, *name, *value;
	bool braces = shell->at < shell->end && *shell->at == '{';

	if (shell->at < shell->end && *shell->at == '(') {
		shell->at++;
		return skip_nested(shell, '(', ')') ?: put_unknown(shell, from);
	}
	shell->at += braces;
	name = shell->at;
	while (shell->at < shell->end && is_name_character(*shell->at, shell->at == name))
		shell->at++;
	value = shell_variable(shell, name, (size_t)(shell->at - name));
	if (braces && shell->at < shell->end && *shell->at == '}') {
		shell->at++;
	} else if (braces) {
		return skip_nested(shell, '{', '}') ?: put_unknown(shell, from);
	} else if (shell->at == name) {
		/* $1, $@, $?; a lone $ stands for itself. */
		if (shell->at == shell->end || !strchr("0123456789@*#?$!-", *shell->at))
			return put(shell, from, 1);
		shell->at++;
	}
	return value ? put_value(shell, value, quoted) : put_unknown(shell, from);
}

static int read_backquotes(struct shell *shell)
{
	const char *from = shell->at++;

	while (shell->at < shell->end && *shell->at != '`')
		shell->at += *shell->at == '\\' && shell->at + 1 < shell->end ? 2 : 1;
	if (shell->at == shell->end)
		return error_set(shell->error, EXIT_USAGE, EINVAL, "a backquote does not end");
	shell->at++;
	return put_unknown(shell, from);
}

/* An expression of Jinja that Ansible would have replaced. */
static bool at_template(const struct shell *shell)
{
	return shell->end - shell->at > 3 && shell->at[0] == '{' && shell->at[1] == '{' &&
	       memmem(shell->at, (size_t)(shell->end - shell->at), "}}", 2);
}

static int read_template(struct shell *shell)
{
	const char *from = shell->at;
	const char *close = memmem(from, (size_t)(shell->end - from), "}}", 2);

	shell->at = close + 2;
	return put_unknown(shell, from);
}

static int read_expansion(struct shell *shell, bool quoted)
{
	if (*shell->at == '$')
		return read_dollar(shell, quoted);
	return *shell->at == '`' ? read_backquotes(shell) : read_template(shell);
}

static bool at_expansion(const struct shell *shell)
{
	return *shell->at == '$' || *shell->at == '`' || at_template(shell);
}

/* Inside double quotes a backslash quotes only what is special there. */
static int read_backslash(struct shell *shell, bool in_quotes)
{
	char next;

	if (++shell->at == shell->end)
		return put(shell, "\\", 1);
	next = *shell->at++;
	if (next == '\n')
		return 0;
	if (in_quotes && !strchr("$`\"\\", next) && put(shell, "\\", 1))
		return -E2BIG;
	return put(shell, &next, 1);
}

static int read_quotes(struct shell *shell)
{
	char quote = *shell->at++;
	int result = 0;

	shell->fields.quoted[shell->fields.count - 1] = true;
	while (!result && shell->at < shell->end && *shell->at != quote) {
		if (quote == '"' && *shell->at == '\\')
			result = read_backslash(shell, true);
		else if (quote == '"' && at_expansion(shell))
			result = read_expansion(shell, true);
		else
			result = put(shell, shell->at++, 1);
	}
	if (result)
		return result;
	if (shell->at == shell->end)
		return error_set(shell->error, EXIT_USAGE, EINVAL, "a quote does not end");
	shell->at++;
	return 0;
}

static bool ends_word(const struct shell *shell)
{
	return shell->at == shell->end || strchr(" \t\r\n;&|()<>", *shell->at);
}

/* {a,b} and {1..9}, which bash makes several words of. */
static bool at_brace_list(const struct shell *shell)
{
	const char *at = shell->at + 1;

	if (*shell->at != '{')
		return false;
	while (at < shell->end && !strchr(" \t\r\n;&|{}", *at)) {
		if (*at == ',' || (*at == '.' && at + 1 < shell->end && at[1] == '.'))
			return true;
		at++;
	}
	return false;
}

static int read_word(struct shell *shell)
{
	int result = begin_field(shell);

	while (!result && !ends_word(shell)) {
		if (*shell->at == '\\')
			result = read_backslash(shell, false);
		else if (*shell->at == '\'' || *shell->at == '"')
			result = read_quotes(shell);
		else if (at_expansion(shell))
			result = read_expansion(shell, false);
		else {
			if (at_brace_list(shell))
				shell->fields.unknown[shell->fields.count - 1] = true;
			result = put(shell, shell->at++, 1);
		}
	}
	result = result ?: end_field(shell);
	return result ?: TOKEN_WORD;
}

static void skip_line(struct shell *shell)
{
	const char *newline = memchr(shell->at, '\n', (size_t)(shell->end - shell->at));

	shell->at = newline ? newline : shell->end;
}

/* The lines behind a newline that belong to here-documents. */
static void skip_heredocs(struct shell *shell)
{
	for (size_t i = 0; i < shell->heredoc_count; i++) {
		bool found = false;

		while (!found && shell->at < shell->end) {
			const char *line = shell->at;
			size_t length;

			skip_line(shell);
			while (shell->heredoc_tabs[i] && line < shell->at && *line == '\t')
				line++;
			length = (size_t)(shell->at - line);
			found = length == strlen(shell->heredocs[i]) &&
				!memcmp(line, shell->heredocs[i], length);
			shell->at += shell->at < shell->end;
		}
	}
	shell->heredoc_count = 0;
}

static void skip_blanks(struct shell *shell)
{
	while (shell->at < shell->end) {
		if (strchr(" \t\r", *shell->at))
			shell->at++;
		else if (*shell->at == '\\' && shell->end - shell->at > 1 && shell->at[1] == '\n')
			shell->at += 2;
		else if (*shell->at == '#')
			skip_line(shell);
		else
			break;
	}
}

/* "<<EOF": the delimiter is kept, without its quotes, and its lines are skipped later. */
static int read_heredoc(struct shell *shell)
{
	size_t count = shell->fields.count, used = shell->fields.used;
	bool tabs = shell->at < shell->end && *shell->at == '-';
	int result;

	shell->at += tabs;
	skip_blanks(shell);
	result = read_word(shell);
	if (result < 0)
		return result;
	if (shell->heredoc_count == SHELL_HEREDOCS_MAX ||
	    strlen(shell_field(shell, count)) >= SHELL_NAME_SIZE)
		return too_long(shell);
	strcpy(shell->heredocs[shell->heredoc_count], shell_field(shell, count));
	shell->heredoc_tabs[shell->heredoc_count++] = tabs;
	shell->fields.count = count;
	shell->fields.used = used;
	return shell_token(shell);
}

static int read_redirection(struct shell *shell)
{
	bool heredoc = shell->end - shell->at > 1 && !memcmp(shell->at, "<<", 2);

	shell->at += heredoc ? 2 : 1;
	if (heredoc && shell->at < shell->end && *shell->at == '<')
		shell->at++; /* <<<: the next word is the text */
	else if (heredoc)
		return read_heredoc(shell);
	while (shell->at < shell->end && strchr("<>&|", *shell->at))
		shell->at++;
	return TOKEN_REDIRECTION;
}

/* "2" of "2>&1". */
static bool at_descriptor(const struct shell *shell)
{
	const char *at = shell->at;

	while (at < shell->end && isdigit((unsigned char)*at))
		at++;
	return at > shell->at && at < shell->end && (*at == '<' || *at == '>');
}

static bool follows(struct shell *shell, const char *text)
{
	size_t length = strlen(text);

	if ((size_t)(shell->end - shell->at) < length || memcmp(shell->at, text, length) != 0)
		return false;
	shell->at += length;
	return true;
}

int shell_token(struct shell *shell)
{
	static const struct {
		const char *text;
		enum token token;
	} operators[] = {
		{"&&", TOKEN_AND},    {"||", TOKEN_OR},	    {";;", TOKEN_CASE_END},
		{";", TOKEN_NEWLINE}, {"&", TOKEN_NEWLINE}, {"|", TOKEN_PIPE},
		{"(", TOKEN_OPEN},    {")", TOKEN_CLOSE},
	};

	skip_blanks(shell);
	if (shell->at == shell->end)
		return TOKEN_END;
	if (*shell->at == '\n') {
		shell->at++;
		skip_heredocs(shell);
		return TOKEN_NEWLINE;
	}
	if (follows(shell, "&>"))
		return TOKEN_REDIRECTION;
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		if (follows(shell, operators[i].text))
			return operators[i].token;
	}
	if (at_descriptor(shell)) {
		while (isdigit((unsigned char)*shell->at))
			shell->at++;
	}
	if (*shell->at == '<' || *shell->at == '>')
		return read_redirection(shell);
	return read_word(shell);
}
