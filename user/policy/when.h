/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Durations and points in time as people write them. Pure: the current time is always an argument.
 */
#ifndef SIPGUARD_USER_POLICY_WHEN_H
#define SIPGUARD_USER_POLICY_WHEN_H

#include <stdint.h>

#include "error.h"

#define WHEN_TEXT_SIZE 32

/*
 * The last second that can be written down, 9999-12-31T23:59:59Z: RFC 3339 has four digits for a
 * year. Every end lies between 1 and this, wherever it comes from, so that every file that holds
 * one can be read back. No duration is longer.
 */
#define TIME_LAST    253402300799LL
#define DURATION_MAX TIME_LAST

/*
 * "90s", "5m", "1h30m", "2d", "1w": units from large to small, each once, in seconds. 0 is refused
 * with -EINVAL, what is longer than DURATION_MAX with -ERANGE.
 */
int duration_parse(const char *text, int64_t *seconds, struct error *error);

/*
 * "2027-01-31T18:00Z", with seconds or without, with Z or an offset such as +01:00 (RFC 3339); a
 * time without a zone is refused, because a list is read on more than one machine. In seconds of
 * Unix time, after 1970 began; -ERANGE when that is later than TIME_LAST.
 */
int time_parse(const char *text, int64_t *seconds, struct error *error);

/*
 * The same for list files. Earlier versions wrote years of five digits and more: such a time is
 * read as TIME_LAST.
 */
int time_parse_kept(const char *text, int64_t *seconds, struct error *error);

/* `seconds` > 0 after `now`, at the latest TIME_LAST. */
int64_t time_after(int64_t now, int64_t seconds);

/* The two largest units: "3d 4h", "59s"; from two years on "73 years". A negative one is 0s. */
void duration_format(int64_t seconds, char text[static WHEN_TEXT_SIZE]);

/*
 * "2027-01-31T18:00Z", and with seconds when they are not 0. What time_parse() reads back of every
 * time from 1 to TIME_LAST.
 */
void time_format(int64_t seconds, char text[static WHEN_TEXT_SIZE]);

/* "2027-01-31T18:00:00Z", as RFC 3339 wants it, for programs: never without seconds. */
void time_format_full(int64_t seconds, char text[static WHEN_TEXT_SIZE]);

/* "2027-01-31T18:00:05.250Z", of nanoseconds of Unix time. */
void time_format_exact(int64_t nanoseconds, char text[static WHEN_TEXT_SIZE]);

#endif
