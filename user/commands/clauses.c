// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/clauses.h"

#include <errno.h>
#include <string.h>

#include "kernel/clock.h"
#include "policy/when.h"

bool is_clause(const char *word)
{
	return !strcmp(word, "for") || !strcmp(word, "until") || !strcmp(word, "label");
}

/* `value` was read as a duration, and so has no character that a terminal would obey. */
static int too_far_error(const char *value, struct error *error)
{
	error_set(error, EXIT_USAGE, ERANGE, "%s from now is later than the year 9999", value);
	error_hint(error, "an entry without for and until has no end");
	return -ERANGE;
}

static int read_lifetime(const struct invocation *invocation, const char *keyword,
			 const char *value, struct clauses *clauses, struct error *error)
{
	int64_t now = clock_now(), seconds;
	int result;

	if (clauses->until)
		return usage_error(invocation, error, "an entry has one end: for or until, once");
	if (!strcmp(keyword, "for")) {
		result = duration_parse(value, &seconds, error);
		if (!result && seconds > TIME_LAST - now)
			result = -ERANGE;
		if (!result)
			clauses->until = now + seconds;
		return result == -ERANGE ? too_far_error(value, error) : result;
	}
	result = time_parse(value, &clauses->until, error);
	if (!result && clauses->until <= now)
		return error_set(error, EXIT_USAGE, EINVAL, "%s is past", value);
	return result;
}

static int read_label(const struct invocation *invocation, const char *value,
		      struct clauses *clauses, struct error *error)
{
	int result;

	if (clauses->label)
		return usage_error(invocation, error, "an entry has one label");
	result = label_check(value, error);
	if (!result)
		clauses->label = value;
	return result;
}

int clauses_read(const struct invocation *invocation, const struct operands *words, int at,
		 struct clauses *clauses, struct error *error)
{
	for (; at < words->count; at += 2) {
		const char *keyword = words->words[at], *value;
		int result;

		if (!is_clause(keyword))
			return usage_error(invocation, error,
					   "prefixes stand before for, until and label");
		if (at + 1 == words->count)
			return usage_error(invocation, error, "%s what?", keyword);
		value = words->words[at + 1];
		if (!strcmp(keyword, "label"))
			result = read_label(invocation, value, clauses, error);
		else
			result = read_lifetime(invocation, keyword, value, clauses, error);
		if (result)
			return result;
	}
	return 0;
}

void clauses_apply(const struct clauses *clauses, struct entry *entry)
{
	if (!entry->until)
		entry->until = clauses->until;
	if (!entry->label)
		entry->label = clauses->label;
}
