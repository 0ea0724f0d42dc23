/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What commands share that go on until they are told to end: by SIGINT, SIGTERM or SIGHUP, by the
 * time they were given, or because nobody reads their standard output any more. All of these are
 * good ends.
 */
#ifndef SIPGUARD_USER_COMMANDS_WATCH_H
#define SIPGUARD_USER_COMMANDS_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

struct watch {
	int signals;
	bool over;
};

#define WATCH_CLOSED ((struct watch){.signals = -1})

/*
 * From now on those signals wait for watch_for(), and writing to a closed pipe is an error instead
 * of a signal. For the rest of the process; watch_close() releases only the descriptor.
 */
int watch_begin(struct watch *watch, struct error *error);
void watch_close(struct watch *watch);

/*
 * Waits until a descriptor can be read, but not beyond `until` in milliseconds of
 * clock_monotonic_milliseconds(), and no longer than a signal lets it. Either descriptor may be -1.
 * Sets `over` when the command is to end.
 */
void watch_for(struct watch *watch, int first, int second, int64_t until);

/*
 * Writes standard output out, after something that may have printed to it and came to `result`.
 * When the reader has gone, that sets `over` and is no error; everything else is.
 */
int watch_flush(struct watch *watch, int result, struct error *error);

#endif
