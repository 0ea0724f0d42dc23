// SPDX-License-Identifier: GPL-2.0-or-later
#include "text/sparkline.h"

const char *sparkline_mark(double value, double highest, bool unicode)
{
	static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const letters[] = {".", ":", "-", "=", "+", "*", "#", "@"};
	unsigned int level;

	if (value <= 0 || highest <= 0)
		return " ";
	level = value >= highest ? 7 : (unsigned int)(value / highest * 8);
	return unicode ? blocks[level] : letters[level];
}
