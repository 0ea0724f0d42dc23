// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/sample_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/guard.h"
#include "policy/names.h"
#include "policy/when.h"
#include "text/escape.h"

#define RATE_MAX 1000000

int number_read(const struct invocation *invocation, const char *option, const char *word,
		uint32_t most, uint32_t *out, struct error *error)
{
	unsigned long value;
	char *end;

	if (!word)
		return 0;
	errno = 0;
	value = strtoul(word, &end, 10);
	if (errno || end == word || *end || word[0] == '-' || !value || value > most)
		return usage_error(invocation, error, "%s takes a number from 1 to %u", option,
				   most);
	*out = (uint32_t)value;
	return 0;
}

static int unknown_word(const struct invocation *invocation, const char *what, const char *word,
			struct error *error)
{
	char escaped[64];

	text_escape(escaped, sizeof(escaped), word, strlen(word));
	return usage_error(invocation, error, "there is no %s %s", what, escaped);
}

static int read_verdicts(const struct invocation *invocation, const struct operands *words,
			 uint32_t *verdicts, struct error *error)
{
	if (words->count)
		*verdicts = 0;
	for (int i = 0; i < words->count; i++) {
		const char *word = words->words[i];
		enum sg_verdict verdict = 0;

		while (verdict < SG_VERDICT_COUNT && strcmp(word, verdict_name(verdict)) != 0)
			verdict++;
		if (verdict < SG_VERDICT_COUNT)
			*verdicts |= SAMPLE_VERDICT(verdict);
		else if (!strcmp(word, "all"))
			*verdicts = SAMPLE_VERDICTS_ALL;
		else
			return unknown_word(invocation, "verdict", word, error);
	}
	return 0;
}

static int read_reasons(const struct invocation *invocation, const struct operands *words,
			uint32_t *reasons, struct error *error)
{
	if (words->count)
		*reasons = 0;
	for (int i = 0; i < words->count; i++) {
		const char *word = words->words[i];
		enum sg_reason reason = 0;

		while (reason < SG_REASON_COUNT && strcmp(word, reason_name(reason)) != 0)
			reason++;
		if (reason == SG_REASON_COUNT)
			return unknown_word(invocation, "reason", word, error);
		*reasons |= SAMPLE_REASON(reason);
	}
	return 0;
}

/* Whether a packet can have one of the verdicts for one of the reasons. */
static bool is_possible(const struct sample_request *request)
{
	uint32_t drops = SAMPLE_VERDICT(SG_VERDICT_DROP) | SAMPLE_VERDICT(SG_VERDICT_WOULD_DROP);
	uint32_t passes = SAMPLE_VERDICT(SG_VERDICT_PASS);

	for (enum sg_reason reason = 0; reason < SG_REASON_COUNT; reason++) {
		bool drop = reason_verdict(reason) == SG_VERDICT_DROP;

		if (request->reasons >> reason & 1 && request->verdicts & (drop ? drops : passes))
			return true;
	}
	return false;
}

static int check_devices(const struct operands *devices, struct error *error)
{
	__attribute__((cleanup(guards_close))) struct guards guards = {};
	int result = devices->count ? guards_open(&guards, error) : 0;

	for (int i = 0; !result && i < devices->count; i++) {
		char escaped[64];

		if (guards_find(&guards, devices->words[i]))
			continue;
		text_escape(escaped, sizeof(escaped), devices->words[i], strlen(devices->words[i]));
		result = error_set(error, EXIT_ABSENT, ENOENT, "there is no guard on %s", escaped);
		error_hint(error, "sipguard status shows the guards there are");
	}
	return result;
}

int sample_words_read(const struct invocation *invocation, const struct sample_words *words,
		      struct sample_request *request, struct error *error)
{
	int result;

	if (words->reasons.count)
		request->verdicts = SAMPLE_VERDICTS_ALL;
	result = read_verdicts(invocation, &words->verdicts, &request->verdicts, error);
	result = result ?: read_reasons(invocation, &words->reasons, &request->reasons, error);
	if (!result && !is_possible(request))
		return usage_error(invocation, error, "no packet has that verdict for that reason");
	if (words->from)
		result = result ?: prefix_parse(words->from, &request->source, error);
	result = result
			 ?: number_read(invocation, "--rate", words->rate, RATE_MAX, &request->rate,
					error);
	request->devices = (const char *const *)words->devices.words;
	request->device_count = (size_t)words->devices.count;
	return result ?: check_devices(&words->devices, error);
}

void sample_words_clear(struct sample_words *words)
{
	operands_clear(&words->devices);
	operands_clear(&words->verdicts);
	operands_clear(&words->reasons);
}

int sample_words_read_duration(const struct invocation *invocation, const struct operands *words,
			       int64_t *seconds, struct error *error)
{
	if (!words->count)
		return 0;
	if (words->count != 2 || strcmp(words->words[0], "for") != 0)
		return usage_error(invocation, error, "%s takes no operand but: for DURATION",
				   invocation->command->name);
	return duration_parse(words->words[1], seconds, error);
}
