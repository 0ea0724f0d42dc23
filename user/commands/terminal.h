/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A screen on a terminal, with ncurses: the only code that knows it. There is one terminal.
 *
 * ncurses sends only what changed, so a slow line carries little.
 */
#ifndef SIPGUARD_USER_COMMANDS_TERMINAL_H
#define SIPGUARD_USER_COMMANDS_TERMINAL_H

#include <stdbool.h>

#include "error.h"
#include "traffic/screen.h"

/*
 * Takes the terminal over; terminal_close() gives it back as it was. -ENOTTY when there is none, or
 * one whose cursor cannot be moved.
 */
int terminal_open(bool colour, struct error *error);
void terminal_close(void);

void terminal_size(unsigned int *lines, unsigned int *columns);
void terminal_draw(const struct screen *screen);

/* Of the keys without a character. */
enum terminal_key {
	TERMINAL_NO_KEY = -1,
	TERMINAL_LEFT = 256,
	TERMINAL_RIGHT,
	TERMINAL_RESIZED, /* no key, but comes in the same way */
	TERMINAL_OTHER,
};

/* Takes the next key without waiting for one. */
int terminal_key(void);

#endif
