/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options with which commands choose samples, the same for all that read them. */
#ifndef SIPGUARD_USER_COMMANDS_SAMPLE_WORDS_H
#define SIPGUARD_USER_COMMANDS_SAMPLE_WORDS_H

#include <stdint.h>

#include "commands/command.h"
#include "kernel/samples.h"

/* As they were written. sample_words_clear() releases them. */
struct sample_words {
	struct operands devices;
	struct operands verdicts;
	struct operands reasons;
	const char *from;
	const char *rate;
};

/* Their rows in a table of options. */
/* clang-format off */
#define SAMPLE_OPTIONS(words) \
	{"--device", .values = &(words)->devices}, \
	{"--verdict", .values = &(words)->verdicts}, \
	{"--reason", .values = &(words)->reasons}, \
	{"--from", .value = &(words)->from}, \
	{"--rate", .value = &(words)->rate}
/* clang-format on */

/*
 * Reads them over what `request` has as defaults. Reasons without a verdict are wanted whatever the
 * verdict. -ENOENT (EXIT_ABSENT) when a device is not guarded. The devices of the request are those
 * of the words.
 */
int sample_words_read(const struct invocation *invocation, const struct sample_words *words,
		      struct sample_request *request, struct error *error);
void sample_words_clear(struct sample_words *words);

/* "for DURATION", or no words, which leave `seconds` as they are; anything else is refused. */
int sample_words_read_duration(const struct invocation *invocation, const struct operands *words,
			       int64_t *seconds, struct error *error);

/* Reads a number of 1 to `most`; `word` NULL leaves `out` as it is. */
int number_read(const struct invocation *invocation, const char *option, const char *word,
		uint32_t most, uint32_t *out, struct error *error);

#endif
