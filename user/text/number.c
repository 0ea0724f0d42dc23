// SPDX-License-Identifier: GPL-2.0-or-later
#include "text/number.h"

#include <stdio.h>

void number_format(double number, char text[static NUMBER_TEXT_SIZE])
{
	unsigned int whole;

	if (number <= 0) {
		snprintf(text, NUMBER_TEXT_SIZE, "0");
		return;
	}
	if (number >= 999.995e6) {
		snprintf(text, NUMBER_TEXT_SIZE, "%.2fG", number / 1e9);
		return;
	}
	if (number >= 999999.5) {
		snprintf(text, NUMBER_TEXT_SIZE, "%.2fM", number / 1e6);
		return;
	}
	whole = (unsigned int)(number + 0.5);
	if (whole >= 1000)
		snprintf(text, NUMBER_TEXT_SIZE, "%u,%03u", whole / 1000, whole % 1000);
	else if (number < 9.95 && number != (double)whole)
		snprintf(text, NUMBER_TEXT_SIZE, "%.1f", number);
	else
		snprintf(text, NUMBER_TEXT_SIZE, "%u", whole);
}
