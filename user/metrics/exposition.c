// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics/exposition.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "text/escape.h"

const char *exposition_content_type(enum exposition_format format)
{
	if (format == EXPOSITION_OPENMETRICS)
		return "application/openmetrics-text; version=1.0.0; charset=utf-8";
	return "text/plain; version=0.0.4; charset=utf-8";
}

static const char *suffix_of(enum family_type type)
{
	static const char *const suffixes[] = {
		[FAMILY_COUNTER] = "_total",
		[FAMILY_GAUGE] = "",
		[FAMILY_INFO] = "_info",
	};

	return suffixes[type];
}

/* OpenMetrics names the family without its suffix, the text format names the samples. */
void exposition_family(struct exposition *exposition, const struct family *family)
{
	static const char *const types[] = {
		[FAMILY_COUNTER] = "counter",
		[FAMILY_GAUGE] = "gauge",
		[FAMILY_INFO] = "info",
	};
	bool open = exposition->format == EXPOSITION_OPENMETRICS;
	const char *suffix = open ? "" : suffix_of(family->type);
	enum family_type type = !open && family->type == FAMILY_INFO ? FAMILY_GAUGE : family->type;

	exposition->family = family;
	fprintf(exposition->stream, "# HELP %s%s %s\n", family->name, suffix, family->help);
	fprintf(exposition->stream, "# TYPE %s%s %s\n", family->name, suffix, types[type]);
	if (open && family->unit)
		fprintf(exposition->stream, "# UNIT %s %s\n", family->name, family->unit);
}

/* Both formats escape backslash, double quote and newline; the rest must be UTF-8. */
static void write_label_value(FILE *stream, const char *value)
{
	char printable[256];

	text_escape(printable, sizeof(printable), value, strlen(value));
	for (const char *at = printable; *at; at++) {
		if (*at == '\\' || *at == '"')
			fputc('\\', stream);
		fputc(*at, stream);
	}
}

static void write_name(const struct exposition *exposition, const char *suffix,
		       const struct label *labels, size_t count)
{
	FILE *stream = exposition->stream;

	fprintf(stream, "%s%s", exposition->family->name, suffix);
	for (size_t i = 0; i < count; i++) {
		fprintf(stream, "%s%s=\"", i ? "," : "{", labels[i].name);
		write_label_value(stream, labels[i].value);
		fputc('"', stream);
	}
	fputs(count ? "} " : " ", stream);
}

void exposition_gauge(const struct exposition *exposition, const struct label *labels, size_t count,
		      int64_t value)
{
	write_name(exposition, suffix_of(exposition->family->type), labels, count);
	fprintf(exposition->stream, "%" PRId64 "\n", value);
}

void exposition_counter(const struct exposition *exposition, const struct label *labels,
			size_t count, uint64_t value, int64_t created)
{
	write_name(exposition, "_total", labels, count);
	fprintf(exposition->stream, "%" PRIu64 "\n", value);
	if (exposition->format != EXPOSITION_OPENMETRICS)
		return;
	write_name(exposition, "_created", labels, count);
	fprintf(exposition->stream, "%" PRId64 ".%03" PRId64 "\n", created / 1000, created % 1000);
}

void exposition_end(const struct exposition *exposition)
{
	if (exposition->format == EXPOSITION_OPENMETRICS)
		fputs("# EOF\n", exposition->stream);
}
