/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How metrics are written: the Prometheus text format 0.0.4 and OpenMetrics 1.0.0. Knows nothing of
 * what is measured. Pure, but for the stream it is given.
 *
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 * https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
 */
#ifndef SIPGUARD_USER_METRICS_EXPOSITION_H
#define SIPGUARD_USER_METRICS_EXPOSITION_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum exposition_format {
	EXPOSITION_TEXT,
	EXPOSITION_OPENMETRICS,
	EXPOSITION_FORMAT_COUNT,
};

/* An info is a gauge in the text format. */
enum family_type { FAMILY_COUNTER, FAMILY_GAUGE, FAMILY_INFO };

struct family {
	const char *name; /* without _total and _info */
	enum family_type type;
	const char *unit; /* with which the name ends, or NULL */
	const char *help; /* one line, without a backslash or a double quote */
};

struct label {
	const char *name;
	const char *value; /* any bytes */
};

struct exposition {
	FILE *stream;
	enum exposition_format format;
	const struct family *family; /* the one that is being written */
};

/* For Content-Type. */
const char *exposition_content_type(enum exposition_format format);

/* The head of a family; its samples follow. */
void exposition_family(struct exposition *exposition, const struct family *family);

void exposition_gauge(const struct exposition *exposition, const struct label *labels, size_t count,
		      int64_t value);
/* `created`: since when it counts, in milliseconds of Unix time, which OpenMetrics tells too. */
void exposition_counter(const struct exposition *exposition, const struct label *labels,
			size_t count, uint64_t value, int64_t created);

/* Behind the last sample. */
void exposition_end(const struct exposition *exposition);

#endif
