// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/policy.h"
#include "text/escape.h"

static const struct option_spec *find_option(const struct option_spec *options, size_t count,
					     const char *word)
{
	size_t length = strcspn(word, "=");

	for (size_t i = 0; i < count; i++) {
		if (strlen(options[i].name) == length && !strncmp(options[i].name, word, length))
			return &options[i];
	}
	return NULL;
}

static int add_value(const struct invocation *invocation, struct operands *values, char *value,
		     struct error *error)
{
	if (!values->words)
		values->words = calloc((size_t)invocation->word_count, sizeof(*values->words));
	if (!values->words)
		return error_system(error, ENOMEM, "cannot read the command line");
	values->words[values->count++] = value;
	return 0;
}

static int read_option(const struct invocation *invocation, const struct option_spec *option,
		       int *at, struct error *error)
{
	char *value = strchr(invocation->words[*at], '=');

	if (option->flag) {
		if (value)
			return usage_error(invocation, error, "%s takes no value", option->name);
		*option->flag = true;
		return 0;
	}
	if (!value && *at + 1 >= invocation->word_count)
		return usage_error(invocation, error, "%s needs a value", option->name);
	value = value ? value + 1 : invocation->words[++*at];
	if (option->values)
		return add_value(invocation, option->values, value, error);
	*option->value = value;
	return 0;
}

int operands_parse(const struct invocation *invocation, const struct option_spec *options,
		   size_t option_count, struct operands *operands, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands found = {};
	bool ended = false;

	found.words = calloc((size_t)invocation->word_count + 1, sizeof(*found.words));
	if (!found.words)
		return error_system(error, ENOMEM, "cannot read the command line");
	for (int at = 0; at < invocation->word_count; at++) {
		char *word = invocation->words[at];
		const struct option_spec *option;
		char escaped[128];
		int result;

		if (ended || word[0] != '-' || !word[1]) {
			found.words[found.count++] = word;
			continue;
		}
		if (!strcmp(word, "--")) {
			ended = true;
			continue;
		}
		option = find_option(options, option_count, word);
		if (!option) {
			text_escape(escaped, sizeof(escaped), word, strlen(word));
			return usage_error(invocation, error, "%s has no option %s",
					   invocation->command->name, escaped);
		}
		result = read_option(invocation, option, &at, error);
		if (result)
			return result;
	}
	*operands = found;
	found = (struct operands){};
	return 0;
}

void operands_clear(struct operands *operands)
{
	free(operands->words);
	*operands = (struct operands){};
}

void operands_unify(struct operands *operands)
{
	int kept = 0;

	for (int i = 0; i < operands->count; i++) {
		int j = 0;

		while (j < kept && strcmp(operands->words[i], operands->words[j]) != 0)
			j++;
		if (j == kept)
			operands->words[kept++] = operands->words[i];
	}
	operands->count = kept;
}

int usage_error(const struct invocation *invocation, struct error *error, const char *format, ...)
{
	char message[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	error_set(error, EXIT_USAGE, EINVAL, "%s", message);
	error_hint(error, "sipguard %s%s%s", invocation->command->name,
		   *invocation->command->synopsis ? " " : "", invocation->command->synopsis);
	return -EINVAL;
}

json_t *answer_new(const struct invocation *invocation)
{
	return json_pack("{s:s, s:s}", "schema", "sipguard/1", "command",
			 invocation->command->name);
}

int answer_print(json_t *answer, int status, struct error *error)
{
	int failed = json_dumpf(answer, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));

	json_decref(answer);
	if (failed)
		return error_set(error, EXIT_SYSTEM, EIO, "cannot print the answer");
	putchar('\n');
	return status;
}

int table_answer(struct table *table, const struct invocation *invocation, int status,
		 struct error *error)
{
	int result = table_print(table, stdout, invocation->colour);

	table_clear(table);
	if (result)
		return error_system(error, -result, "cannot print the answer");
	return status;
}

bool takes_escapes(int descriptor)
{
	const char *terminal = getenv("TERM");

	return isatty(descriptor) && terminal && *terminal && strcmp(terminal, "dumb") != 0;
}

static void print_notice(const struct context *context, const char *text)
{
	char printable[2048];

	(void)context;
	text_make_printable(printable, sizeof(printable), text);
	fprintf(stderr, "sipguard: %s\n", printable);
}

void notice(const struct invocation *invocation, const char *format, ...)
{
	char message[2048];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	context_notice(&invocation->context, "%s", message);
}

void invocation_describe(const struct invocation *invocation, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "%s", invocation->command->name);

	for (int i = 0; i < invocation->word_count && used + 2 < size; i++) {
		const char *word = invocation->words[i];

		text[used++] = ' ';
		text_escape(text + used, size - used, word, strlen(word));
		used += strlen(text + used);
	}
}

void invocation_begin(struct invocation *invocation, const struct progress *progress)
{
	struct context *context = &invocation->context;

	invocation_describe(invocation, context->cause, sizeof(context->cause));
	context->notice = invocation->quiet ? NULL : print_notice;
	context->progress = progress;
}

int capacity_parse(const struct invocation *invocation, const char *word, uint32_t *capacity,
		   struct error *error)
{
	unsigned long value = 0;
	char *end;

	if (word)
		value = strtoul(word, &end, 10);
	if (word && (word[0] < '1' || word[0] > '9' || *end || value > POLICY_CAPACITY_MAX))
		return usage_error(invocation, error, "the capacity is a number up to %d",
				   POLICY_CAPACITY_MAX);
	*capacity = (uint32_t)value;
	return 0;
}
