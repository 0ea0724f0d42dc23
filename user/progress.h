/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How far something long has come, told to whoever started it. */
#ifndef SIPGUARD_USER_PROGRESS_H
#define SIPGUARD_USER_PROGRESS_H

#include <stddef.h>

struct progress {
	void (*report)(const struct progress *progress, const char *what, size_t done,
		       size_t total);
	void (*end)(const struct progress *progress); /* it is over, well or not; may be NULL */
};

/* `progress` may be NULL. */
static inline void progress_report(const struct progress *progress, const char *what, size_t done,
				   size_t total)
{
	if (progress)
		progress->report(progress, what, done, total);
}

static inline void progress_end(const struct progress *progress)
{
	if (progress && progress->end)
		progress->end(progress);
}

#endif
