/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers of things that can be counted, short enough to be compared at a glance. Pure. */
#ifndef SIPGUARD_USER_TEXT_NUMBER_H
#define SIPGUARD_USER_TEXT_NUMBER_H

#define NUMBER_TEXT_SIZE 32

/*
 * "0", "0.3", "31,204", and from a million on "1.23M", "4.56G"; at most 7 characters below 10^12.
 * Negative ones are written as 0.
 */
void number_format(double number, char text[static NUMBER_TEXT_SIZE]);

#endif
