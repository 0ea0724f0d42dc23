/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line as words: what a shell or iptables-restore makes of it. Pure. */
#ifndef SIPGUARD_USER_RULES_FORMATS_WORDS_H
#define SIPGUARD_USER_RULES_FORMATS_WORDS_H

#include <stddef.h>

#include "error.h"

#define WORDS_MAX 128

struct words {
	char *buffer; /* owned: the words, without their quotes */
	size_t count;
	const char *words[WORDS_MAX];
};

enum quoting {
	QUOTING_DUMP,  /* double quotes, and a backslash inside them, as iptables-save writes */
	QUOTING_SHELL, /* single quotes and backslashes as well; nothing is expanded */
};

/*
 * -EINVAL, with a message that tells no place: a zero byte, a quote that does not end, or more than
 * WORDS_MAX words. What a shell gives a meaning to, such as ; or |, stays in its word.
 */
int words_split(const char *text, size_t length, enum quoting quoting, struct words *words,
		struct error *error);
void words_clear(struct words *words);

#endif
