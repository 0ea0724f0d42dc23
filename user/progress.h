/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far something long has come, told to whoever started it. */
#ifndef SIPGUARD_USER_PROGRESS_H
#define SIPGUARD_USER_PROGRESS_H

#include <stddef.h>

struct progress {
	void (*report)(const struct progress *progress, const char *what, size_t done,
		       size_t total);
};

/* `progress` may be NULL. */
static inline void progress_report(const struct progress *progress, const char *what, size_t done,
				   size_t total)
{
	if (progress)
		progress->report(progress, what, done, total);
}

#endif
