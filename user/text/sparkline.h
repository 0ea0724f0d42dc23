/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A number as a character that is as high as the number is large. Pure. */
#ifndef SIPGUARD_USER_TEXT_SPARKLINE_H
#define SIPGUARD_USER_TEXT_SPARKLINE_H

#include <stdbool.h>

/*
 * One column of a line of them: a static string, UTF-8 with `unicode` and ASCII otherwise. A blank
 * for 0; the lowest mark for anything above it, however small.
 */
const char *sparkline_mark(double value, double highest, bool unicode);

#endif
