// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/when.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "text/escape.h"

#define NANOSECONDS 1000000000LL
/* Of 365.25 days. */
#define YEAR 31557600LL

/* From large to small. */
static const struct unit {
	char letter;
	int64_t seconds;
} units[] = {
	{'w', 7 * 24 * 3600}, {'d', 24 * 3600}, {'h', 3600}, {'m', 60}, {'s', 1},
};

#define UNIT_COUNT (sizeof(units) / sizeof(units[0]))

static int syntax_error(const char *text, const char *what, const char *example,
			struct error *error)
{
	char escaped[64];

	text_escape(escaped, sizeof(escaped), text, strlen(text));
	error_set(error, EXIT_USAGE, EINVAL, "%s is not %s", *escaped ? escaped : "nothing", what);
	error_hint(error, "such as %s", example);
	return -EINVAL;
}

/* Digits up to the first other character; false when there are none, or too many. */
static bool read_number(const char **at, int64_t *number)
{
	const char *start = *at;

	*number = 0;
	for (; isdigit((unsigned char)**at); ++*at) {
		if (__builtin_mul_overflow(*number, 10, number) ||
		    __builtin_add_overflow(*number, **at - '0', number))
			return false;
	}
	return *at != start;
}

static bool read_duration(const char *text, int64_t *seconds)
{
	size_t next_unit = 0;

	*seconds = 0;
	while (*text) {
		int64_t number;
		size_t unit;

		if (!read_number(&text, &number))
			return false;
		for (unit = next_unit; unit < UNIT_COUNT && units[unit].letter != *text; unit++)
			;
		if (unit == UNIT_COUNT ||
		    __builtin_mul_overflow(number, units[unit].seconds, &number) ||
		    __builtin_add_overflow(*seconds, number, seconds))
			return false;
		next_unit = unit + 1;
		text++;
	}
	return *seconds > 0;
}

int duration_parse(const char *text, int64_t *seconds, struct error *error)
{
	int64_t read;

	if (!read_duration(text, &read))
		return syntax_error(text, "a duration", "90s, 1h30m, 7d or 2w", error);
	if (read > DURATION_MAX)
		return error_set(error, EXIT_USAGE, ERANGE, "%s is longer than a duration can be",
				 text);
	*seconds = read;
	return 0;
}

/* Exactly `digits` digits. */
static bool read_digits(const char **at, int digits, int *number)
{
	*number = 0;
	for (; digits > 0; digits--, ++*at) {
		if (!isdigit((unsigned char)**at))
			return false;
		*number = *number * 10 + (**at - '0');
	}
	return true;
}

static bool read_mark(const char **at, char mark)
{
	if (**at != mark)
		return false;
	++*at;
	return true;
}

/* Z, or an offset such as +01:00, in seconds east of Greenwich. */
static bool read_zone(const char **at, int *offset)
{
	int hours, minutes, sign = **at == '-' ? -1 : 1;

	*offset = 0;
	if (read_mark(at, 'Z'))
		return true;
	if (!read_mark(at, '+') && !read_mark(at, '-'))
		return false;
	if (!read_digits(at, 2, &hours) || !read_mark(at, ':') || !read_digits(at, 2, &minutes) ||
	    hours > 23 || minutes > 59)
		return false;
	*offset = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* timegm() carries what does not exist, such as February 30th, over into what does. */
static bool exists(const struct tm *asked, const struct tm *normalised)
{
	return asked->tm_year == normalised->tm_year && asked->tm_mon == normalised->tm_mon &&
	       asked->tm_mday == normalised->tm_mday && asked->tm_hour == normalised->tm_hour &&
	       asked->tm_min == normalised->tm_min && asked->tm_sec == normalised->tm_sec;
}

static bool read_time(const char *at, int64_t *seconds)
{
	struct tm asked = {}, normalised;
	int offset;

	if (!read_digits(&at, 4, &asked.tm_year) || !read_mark(&at, '-') ||
	    !read_digits(&at, 2, &asked.tm_mon) || !read_mark(&at, '-') ||
	    !read_digits(&at, 2, &asked.tm_mday) || !read_mark(&at, 'T') ||
	    !read_digits(&at, 2, &asked.tm_hour) || !read_mark(&at, ':') ||
	    !read_digits(&at, 2, &asked.tm_min))
		return false;
	if (read_mark(&at, ':') && !read_digits(&at, 2, &asked.tm_sec))
		return false;
	if (!read_zone(&at, &offset) || *at)
		return false;
	asked.tm_year -= 1900;
	asked.tm_mon -= 1;
	normalised = asked;
	*seconds = timegm(&normalised);
	if (!exists(&asked, &normalised))
		return false;
	*seconds -= offset;
	return *seconds > 0;
}

int time_parse(const char *text, int64_t *seconds, struct error *error)
{
	int64_t read;

	if (!read_time(text, &read))
		return syntax_error(text, "a time with its zone",
				    "2027-01-31T18:00Z or 2027-01-31T18:00+01:00", error);
	/* A zone west of Greenwich leads beyond the last year that has four digits. */
	if (read > TIME_LAST)
		return error_set(error, EXIT_USAGE, ERANGE, "%s is later than 9999-12-31T23:59:59Z",
				 text);
	*seconds = read;
	return 0;
}

int time_parse_kept(const char *text, int64_t *seconds, struct error *error)
{
	size_t digits = strspn(text, "0123456789");
	/* A leap year, so that every day is one of it. */
	char within[2 * WHEN_TEXT_SIZE] = "9996";
	int64_t ignored;

	if (digits <= 4)
		return time_parse(text, seconds, error);
	strncat(within, text + digits, sizeof(within) - strlen(within) - 1);
	if (!read_time(within, &ignored))
		return time_parse(text, seconds, error);
	*seconds = TIME_LAST;
	return 0;
}

int64_t time_after(int64_t now, int64_t seconds)
{
	return seconds < TIME_LAST - now ? now + seconds : TIME_LAST;
}

void duration_format(int64_t seconds, char text[static WHEN_TEXT_SIZE])
{
	size_t unit = 0;
	int length;

	if (seconds >= 2 * YEAR) {
		snprintf(text, WHEN_TEXT_SIZE, "%lld years", (long long)(seconds / YEAR));
		return;
	}
	if (seconds < 0)
		seconds = 0;
	while (unit + 1 < UNIT_COUNT && seconds < units[unit].seconds)
		unit++;
	length = snprintf(text, WHEN_TEXT_SIZE, "%lld%c",
			  (long long)(seconds / units[unit].seconds), units[unit].letter);
	seconds %= units[unit].seconds;
	if (unit + 1 < UNIT_COUNT && seconds / units[unit + 1].seconds)
		snprintf(text + length, WHEN_TEXT_SIZE - (size_t)length, " %lld%c",
			 (long long)(seconds / units[unit + 1].seconds), units[unit + 1].letter);
}

static void format_utc(int64_t seconds, bool to_the_minute, char text[static WHEN_TEXT_SIZE])
{
	time_t time = (time_t)seconds;
	struct tm parts;

	if (!gmtime_r(&time, &parts)) {
		snprintf(text, WHEN_TEXT_SIZE, "never");
		return;
	}
	strftime(text, WHEN_TEXT_SIZE,
		 to_the_minute && !parts.tm_sec ? "%Y-%m-%dT%H:%MZ" : "%Y-%m-%dT%H:%M:%SZ", &parts);
}

void time_format(int64_t seconds, char text[static WHEN_TEXT_SIZE])
{
	format_utc(seconds, true, text);
}

void time_format_full(int64_t seconds, char text[static WHEN_TEXT_SIZE])
{
	format_utc(seconds, false, text);
}

void time_format_exact(int64_t nanoseconds, char text[static WHEN_TEXT_SIZE])
{
	time_t time = nanoseconds / NANOSECONDS;
	size_t length;
	struct tm parts;

	if (nanoseconds < 0 || !gmtime_r(&time, &parts)) {
		snprintf(text, WHEN_TEXT_SIZE, "never");
		return;
	}
	length = strftime(text, WHEN_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(text + length, WHEN_TEXT_SIZE - length, ".%03dZ",
		 (int)(nanoseconds % NANOSECONDS / 1000000));
}
