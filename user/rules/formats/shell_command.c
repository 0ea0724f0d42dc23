// SPDX-License-Identifier: GPL-2.0-or-later
/* Simple commands of a shell script: assignments, builtins that change variables, and the others.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/formats/shell_internal.h"

void shell_clear_fields(struct shell *shell)
{
	shell->fields.count = 0;
	shell->fields.used = 0;
}

static struct variable *find_variable(const struct shell *shell, const char *name, size_t length)
{
	for (size_t i = 0; i < shell->variable_count; i++) {
		const struct variable *variable = &shell->variables[i];

		if (strlen(variable->name) == length && !memcmp(variable->name, name, length))
			return (struct variable *)variable;
	}
	return NULL;
}

const char *shell_variable(const struct shell *shell, const char *name, size_t length)
{
	const struct variable *variable = find_variable(shell, name, length);

	return variable ? variable->value : NULL;
}

/* A variable that there is no room for stays one without a known value. */
int shell_assign(struct shell *shell, const char *name, size_t length, const char *value)
{
	struct variable *variable = find_variable(shell, name, length);
	char *copy = NULL;

	if (shell->skipping || (!variable && (length >= SHELL_NAME_SIZE ||
					      shell->variable_count == SHELL_VARIABLES_MAX)))
		return 0;
	if (value && !shell->uncertain) {
		copy = strdup(value);
		if (!copy)
			return error_system(shell->error, ENOMEM, "cannot read the script");
	}
	if (!variable) {
		variable = &shell->variables[shell->variable_count++];
		memcpy(variable->name, name, length);
	}
	free(variable->value);
	variable->value = copy;
	return 0;
}

/* The length of NAME in "NAME=value", or 0. */
static size_t assignment_length(const char *word)
{
	size_t length = 0;

	while (isalnum((unsigned char)word[length]) || word[length] == '_')
		length++;
	return word[length] == '=' && !isdigit((unsigned char)*word) ? length : 0;
}

static int assign_field(struct shell *shell, size_t number)
{
	const char *word = shell_field(shell, number);
	size_t length = assignment_length(word);

	return shell_assign(shell, word, length,
			    shell->fields.unknown[number] ? NULL : word + length + 1);
}

static int assign_fields(struct shell *shell, size_t first, bool named_alone)
{
	int result = 0;

	for (size_t i = first; !result && i < shell->fields.count; i++) {
		const char *word = shell_field(shell, i);

		if (assignment_length(word))
			result = assign_field(shell, i);
		else if (named_alone && *word != '-')
			result = shell_assign(shell, word, strlen(word), NULL);
	}
	return result;
}

/* Commands that change variables; 1 for one of them. */
static int run_builtin(struct shell *shell, size_t first)
{
	static const char *const declarations[] = {"export", "readonly", "local", "declare",
						   "typeset"};
	const char *name = shell_field(shell, first);

	for (size_t i = 0; i < sizeof(declarations) / sizeof(declarations[0]); i++) {
		if (!strcmp(name, declarations[i]))
			return assign_fields(shell, first + 1, false) ?: 1;
	}
	if (!strcmp(name, "read") || !strcmp(name, "unset"))
		return assign_fields(shell, first + 1, true) ?: 1;
	return 0;
}

static int visit_command(struct shell *shell, size_t first, const char *text, const char *end)
{
	struct shell_command command = {
		.count = shell->fields.count - first,
		.uncertain = shell->uncertain > 0,
		.text = text,
		.length = (size_t)(end - text),
	};

	while (command.length && isspace((unsigned char)*command.text)) {
		command.text++;
		command.length--;
	}
	for (size_t i = 0; i < command.count; i++) {
		command.words[i] = shell_field(shell, first + i);
		command.unknown[i] = shell->fields.unknown[first + i];
	}
	return shell->visit(shell->context, &command);
}

int shell_run(struct shell *shell, const char *text, const char *end)
{
	size_t first = 0;
	int result;

	while (first < shell->fields.count && assignment_length(shell_field(shell, first)))
		first++;
	if (first == shell->fields.count)
		return assign_fields(shell, 0, false) ?: SHELL_SUCCEEDS;
	result = run_builtin(shell, first);
	if (result)
		return result < 0 ? result : SHELL_SUCCEEDS;
	if (shell->skipping)
		return SHELL_UNKNOWN;
	if (!shell->uncertain && !strcmp(shell_field(shell, first), "exit"))
		shell->skipping++;
	return visit_command(shell, first, text, end);
}
