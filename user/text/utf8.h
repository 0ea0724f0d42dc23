/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8 (RFC 3629), one character at a time, whatever the locale. Pure. */
#ifndef SIPGUARD_USER_TEXT_UTF8_H
#define SIPGUARD_USER_TEXT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads the character that begins at `bytes`, of which `length` > 0 are left. Returns how many
 * bytes it takes, or 0 when they are no valid UTF-8: overlong, a surrogate, beyond U+10FFFF, cut
 * short.
 */
size_t utf8_decode(const char *bytes, size_t length, uint32_t *character);

/*
 * Whether a reader sees the character, and it leaves others as they are: no control, nothing that
 * changes the direction of text, breaks a line, joins, or has no glyph of its own (Unicode's
 * general categories Cc, Cf, Zl and Zp, Bidi_Control and Default_Ignorable_Code_Point).
 */
bool utf8_is_printable(uint32_t character);

/* Columns that a terminal gives it: 0, 1 or 2. */
unsigned int utf8_width(uint32_t character);

/* Columns of a text; each byte that is not valid UTF-8 takes one. */
size_t utf8_columns(const char *text);

#endif
