/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes bytes from anywhere safe for a terminal, a line of a log, JSON or a label. Pure. */
#ifndef SIPGUARD_USER_TEXT_ESCAPE_H
#define SIPGUARD_USER_TEXT_ESCAPE_H

#include <stddef.h>

/*
 * Copies printable UTF-8 and writes everything else as \n, \t, \r, \\ or \xNN for each byte. Always
 * terminates; what does not fit into `size` > 0 bytes is left out, never cut inside a character or
 * an escape.
 */
void text_escape(char *out, size_t size, const char *bytes, size_t length);

/*
 * The same for a text that is made of such pieces already: backslashes stay, and so do line ends.
 */
void text_make_printable(char *out, size_t size, const char *text);

#endif
