// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic/history.h"

void history_add(struct history *history, double value)
{
	history->values[history->next] = value;
	history->next = (history->next + 1) % HISTORY_LENGTH;
	if (history->count < HISTORY_LENGTH)
		history->count++;
}

double history_value(const struct history *history, size_t ago)
{
	if (ago >= history->count)
		return 0;
	return history->values[(history->next + HISTORY_LENGTH - 1 - ago) % HISTORY_LENGTH];
}

double history_peak(const struct history *history, size_t count)
{
	double peak = 0;

	for (size_t ago = 0; ago < count && ago < history->count; ago++) {
		if (history_value(history, ago) > peak)
			peak = history_value(history, ago);
	}
	return peak;
}
