// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/formats/words.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct splitter {
	const char *at;
	const char *end;
	char *out;
	enum quoting quoting;
	int quote; /* that is open; 0: none */
};

static bool is_blank(char character)
{
	return character == ' ' || character == '\t' || character == '\n' || character == '\r';
}

static bool is_quote(const struct splitter *splitter, char character)
{
	return character == '"' || (character == '\'' && splitter->quoting == QUOTING_SHELL);
}

static bool escapes(const struct splitter *splitter)
{
	return splitter->quote == '"' || (!splitter->quote && splitter->quoting == QUOTING_SHELL);
}

/* Copies a word, which begins at `at`, without its quotes. */
static void copy_word(struct splitter *splitter)
{
	for (; splitter->at < splitter->end; splitter->at++) {
		char character = *splitter->at;

		if (!splitter->quote && is_blank(character))
			break;
		if (character == '\\' && escapes(splitter) && splitter->at + 1 < splitter->end)
			*splitter->out++ = *++splitter->at;
		else if (splitter->quote ? character == splitter->quote
					 : is_quote(splitter, character))
			splitter->quote = character == splitter->quote ? 0 : character;
		else
			*splitter->out++ = character;
	}
	*splitter->out++ = '\0';
}

int words_split(const char *text, size_t length, enum quoting quoting, struct words *words,
		struct error *error)
{
	__attribute__((cleanup(words_clear))) struct words split = {};
	struct splitter splitter = {text, text + length, NULL, quoting, 0};

	if (memchr(text, '\0', length))
		return error_set(error, EXIT_USAGE, EINVAL, "there is a zero byte");
	/* A word takes at most a byte more than its text, and words are apart by a blank. */
	split.buffer = malloc(length + 1);
	if (!split.buffer)
		return error_system(error, ENOMEM, "cannot hold the rules");
	splitter.out = split.buffer;
	while (true) {
		while (splitter.at < splitter.end && is_blank(*splitter.at))
			splitter.at++;
		if (splitter.at == splitter.end)
			break;
		if (split.count == WORDS_MAX)
			return error_set(error, EXIT_USAGE, EINVAL, "there are more than %d words",
					 WORDS_MAX);
		split.words[split.count++] = splitter.out;
		copy_word(&splitter);
	}
	if (splitter.quote)
		return error_set(error, EXIT_USAGE, EINVAL, "a quote does not end");
	*words = split;
	split = (struct words){};
	return 0;
}

void words_clear(struct words *words)
{
	free(words->buffer);
	*words = (struct words){};
}
