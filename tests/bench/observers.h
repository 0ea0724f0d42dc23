/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What it costs a dropped packet that somebody watches: the flood of strangers against a guard that
 * was attached by the command, with and without a process of ours that samples, captures or is
 * scraped.
 */
#ifndef BENCH_OBSERVERS_H
#define BENCH_OBSERVERS_H

#include <stddef.h>

#include "error.h"
#include "series.h"

enum observer_id {
	OBSERVER_SAMPLES,
	OBSERVER_CAPTURE,
	OBSERVER_SCRAPES,
	OBSERVER_COUNT,
};

struct observer {
	const char *name;
	/* Of the reference, with it and without. */
	struct series ratio, ratio_without;
	/* What it adds to the time of a packet. */
	struct series nanoseconds;
};

/* `sipguard` and `exporter` are the commands' files. */
int observers_measure(const char *sipguard, const char *exporter, size_t rounds, double seconds,
		      struct observer observers[static OBSERVER_COUNT], struct error *error);

#endif
