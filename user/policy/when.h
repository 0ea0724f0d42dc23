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
 * "90s", "5m", "1h30m", "2d", "1w": units from large to small, each once, in seconds. 0 and
 * overflow are refused.
 */
int duration_parse(const char *text, int64_t *seconds, struct error *error);

/*
 * "2027-01-31T18:00Z", with seconds or without, with Z or an offset such as +01:00 (RFC 3339); a
 * time without a zone is refused, because a list is read on more than one machine. In seconds of
 * Unix time.
 */
int time_parse(const char *text, int64_t *seconds, struct error *error);

/* The two largest units: "3d 4h", "59s". Negative durations are written as 0s. */
void duration_format(int64_t seconds, char text[static WHEN_TEXT_SIZE]);

/* "2027-01-31T18:00Z", and with seconds when they are not 0. What time_parse() reads back. */
void time_format(int64_t seconds, char text[static WHEN_TEXT_SIZE]);

/* "2027-01-31T18:00:05.250Z", of nanoseconds of Unix time. */
void time_format_exact(int64_t nanoseconds, char text[static WHEN_TEXT_SIZE]);

#endif
