// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics/page.h"

#include <inttypes.h>
#include <string.h>

#include "policy/names.h"
#include "policy/when.h"
#include "text/escape.h"

/* What the marks are replaced by. */
struct page {
	FILE *stream;
	const struct snapshot *snapshot;
	const struct build *build;
	const char *host;
};

static void write_text(FILE *stream, const char *text)
{
	char printable[1024];

	text_escape(printable, sizeof(printable), text, strlen(text));
	for (const char *at = printable; *at; at++) {
		if (strchr("&<>\"'", *at))
			fprintf(stream, "&#%d;", *at);
		else
			fputc(*at, stream);
	}
}

/* 1234567 as 1 234 567, with narrow spaces that do not break. */
static void write_number(FILE *stream, uint64_t number)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%" PRIu64, number);

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			fputs("\u202f", stream);
		fputc(digits[i], stream);
	}
}

static bool is_attached(const struct snapshot_guard *guard)
{
	return guard->native || guard->generic;
}

enum tone { TONE_GOOD, TONE_WATCH, TONE_BAD };

/* The worst that is to be said, and the guard it is said of. */
static enum tone judge(const struct snapshot *snapshot, const struct snapshot_guard **about)
{
	enum tone tone = snapshot->guard_count ? TONE_GOOD : TONE_BAD;

	*about = NULL;
	for (size_t i = 0; i < snapshot->guard_count; i++) {
		const struct snapshot_guard *guard = &snapshot->guards[i];
		enum tone own = !is_attached(guard) ? TONE_BAD
				: guard->enforces   ? TONE_GOOD
						    : TONE_WATCH;

		if (own > tone) {
			tone = own;
			*about = guard;
		}
	}
	if (snapshot_problem(snapshot) && tone == TONE_GOOD)
		tone = TONE_WATCH;
	return tone;
}

/* The name of the one device in that mode, or how many there are. */
static void write_devices(FILE *stream, const struct snapshot *snapshot, bool enforces,
			  size_t count)
{
	if (count != 1) {
		fprintf(stream, "%zu devices are", count);
		return;
	}
	for (size_t i = 0; i < snapshot->guard_count; i++) {
		if (snapshot->guards[i].enforces == enforces)
			write_text(stream, snapshot->guards[i].device);
	}
	fputs(" is", stream);
}

static size_t count_watched(const struct snapshot *snapshot)
{
	size_t watched = 0;

	for (size_t i = 0; i < snapshot->guard_count; i++)
		watched += !snapshot->guards[i].enforces;
	return watched;
}

static void write_headline(const struct page *page)
{
	const struct snapshot *snapshot = page->snapshot;
	const struct snapshot_guard *about;
	enum tone tone = judge(snapshot, &about);
	size_t watched = count_watched(snapshot);
	FILE *stream = page->stream;

	if (about && tone == TONE_WATCH && watched < snapshot->guard_count) {
		write_devices(stream, snapshot, true, snapshot->guard_count - watched);
		fputs(" guarded, ", stream);
		write_devices(stream, snapshot, false, watched);
		fputs(" only watched", stream);
	} else if (about && tone == TONE_WATCH && watched > 1) {
		fprintf(stream, "%zu devices are watched, and nothing is dropped", watched);
	} else if (about) {
		write_text(stream, about->device);
		fputs(tone == TONE_BAD ? " is not guarded here"
				       : " is watched, and nothing is dropped",
		      stream);
	} else if (!snapshot->guard_count) {
		fputs(snapshot_problem(snapshot) ? "The guards cannot be read"
						 : "No device is guarded",
		      stream);
	} else if (snapshot->guard_count == 1) {
		write_text(stream, snapshot->guards[0].device);
		fputs(" is guarded", stream);
	} else {
		fprintf(stream, "%zu devices are guarded", snapshot->guard_count);
	}
}

static void write_tone(const struct page *page)
{
	static const char *const names[] = {"good", "watch", "bad"};
	const struct snapshot_guard *about;

	fputs(names[judge(page->snapshot, &about)], page->stream);
}

/* What a guard counted for a reason, over all families and protocols. */
struct totals {
	uint64_t packets[SG_VERDICT_COUNT][SG_REASON_COUNT];
};

static void add_cell(void *context, enum sg_verdict verdict, enum sg_family family,
		     enum sg_protocol protocol, enum sg_reason reason,
		     const struct sg_counter *counter)
{
	struct totals *totals = context;

	(void)family;
	(void)protocol;
	totals->packets[verdict][reason] += counter->packets;
}

static uint64_t total_of(const struct totals *totals, enum sg_verdict verdict)
{
	uint64_t sum = 0;

	for (int reason = 0; reason < SG_REASON_COUNT; reason++)
		sum += totals->packets[verdict][reason];
	return sum;
}

static void write_total(FILE *stream, const struct totals *totals, enum sg_verdict verdict,
			const char *word)
{
	fprintf(stream, "<div class=\"%s\"><dt>%s</dt><dd data-total=\"%s\">",
		verdict_name(verdict), word, verdict_name(verdict));
	write_number(stream, total_of(totals, verdict));
	fputs("</dd></div>", stream);
}

static void write_reason(FILE *stream, const struct totals *totals, enum sg_verdict verdict,
			 enum sg_reason reason)
{
	fprintf(stream,
		"<tr class=\"%s\" data-verdict=\"%s\" data-reason=\"%s\"><th scope=\"row\">"
		"<span class=\"name\">%s</span> <span class=\"help\">%s</span></th>"
		"<td class=\"rate\" data-rate></td><td class=\"count\" data-count>",
		verdict_name(verdict), verdict_name(verdict), reason_name(reason),
		reason_name(reason), reason_help(reason));
	write_number(stream, totals->packets[verdict][reason]);
	fputs("</td></tr>\n", stream);
}

/* What could be dropped stands under the verdict that is in force, and under the other if it
 * counted. */
static void write_reasons(FILE *stream, const struct snapshot_guard *guard,
			  const struct totals *totals)
{
	enum sg_verdict in_force = guard->enforces ? SG_VERDICT_DROP : SG_VERDICT_WOULD_DROP;

	for (int verdict = SG_VERDICT_COUNT; verdict-- > 0;) {
		for (int reason = 0; reason < SG_REASON_COUNT; reason++) {
			bool drops = reason_verdict(reason) == SG_VERDICT_DROP;
			bool regular = drops ? verdict == (int)in_force
					     : verdict == SG_VERDICT_PASS;

			if (regular || totals->packets[verdict][reason])
				write_reason(stream, totals, verdict, reason);
		}
	}
}

static void write_guard(FILE *stream, const struct snapshot_guard *guard)
{
	struct totals totals = {};
	const char *mode = guard->native ? "native" : "generic";

	snapshot_visit_cells(guard, add_cell, &totals);
	fputs("<article class=\"guard\" data-device=\"", stream);
	write_text(stream, guard->device);
	fputs("\">\n<header><h2>", stream);
	write_text(stream, guard->device);
	fputs("</h2><ul class=\"badges\">", stream);
	if (is_attached(guard))
		fprintf(stream, "<li class=\"%s\">%s</li>", guard->native ? "good" : "watch", mode);
	else
		fputs("<li class=\"bad\">device gone</li>", stream);
	fprintf(stream, "<li class=\"%s\">%s</li></ul></header>\n<dl class=\"totals\">",
		guard->enforces ? "good" : "watch", guard->enforces ? "enforcing" : "monitoring");
	write_total(stream, &totals, SG_VERDICT_PASS, "passed");
	write_total(stream, &totals, SG_VERDICT_DROP, "dropped");
	if (!guard->enforces || total_of(&totals, SG_VERDICT_WOULD_DROP))
		write_total(stream, &totals, SG_VERDICT_WOULD_DROP, "would be dropped");
	fputs("</dl>\n<table><thead><tr><th scope=\"col\">reason</th>"
	      "<th scope=\"col\" class=\"rate\">a second</th><th scope=\"col\">packets</th></tr>"
	      "</thead><tbody>\n",
	      stream);
	write_reasons(stream, guard, &totals);
	fputs("</tbody></table>\n</article>\n", stream);
}

static void write_guards(const struct page *page)
{
	for (size_t i = 0; i < page->snapshot->guard_count; i++)
		write_guard(page->stream, &page->snapshot->guards[i]);
}

static void write_fact(FILE *stream, const char *name, const char *key, uint64_t number)
{
	fprintf(stream, "<div><dt>%s</dt><dd data-fact=\"%s\">", name, key);
	write_number(stream, number);
	fputs("</dd></div>\n", stream);
}

static void write_policy(const struct page *page)
{
	const struct snapshot *snapshot = page->snapshot;
	char time[WHEN_TEXT_SIZE];

	write_fact(page->stream, "IPv4 entries", "ipv4", snapshot->entries4);
	write_fact(page->stream, "IPv6 entries", "ipv6", snapshot->entries6);
	time_format(snapshot->last_apply_success, time);
	fprintf(page->stream, "<div><dt>policy applied</dt><dd>%s%s</dd></div>\n",
		snapshot->last_apply_success ? time : "never",
		snapshot->last_apply_successful ? "" : "; the last attempt failed");
}

static void write_problems(const struct page *page)
{
	for (int part = 0; part < SNAPSHOT_PART_COUNT; part++) {
		const struct error *problem = &page->snapshot->problems[part];

		if (!problem->message[0])
			continue;
		fprintf(page->stream, "<li><strong>%s</strong> ", snapshot_part_name(part));
		write_text(page->stream, problem->message);
		fputs(" <span class=\"help\">", page->stream);
		write_text(page->stream, problem->hint);
		fputs("</span></li>\n", page->stream);
	}
}

static void write_host(const struct page *page)
{
	write_text(page->stream, page->host);
}

static void write_version(const struct page *page)
{
	write_text(page->stream, page->build->version);
}

static const struct {
	const char *mark;
	void (*write)(const struct page *page);
} marks[] = {
	{"{{headline}}", write_headline}, {"{{tone}}", write_tone},
	{"{{guards}}", write_guards},	  {"{{policy}}", write_policy},
	{"{{problems}}", write_problems}, {"{{host}}", write_host},
	{"{{version}}", write_version},
};

/* Writes what the mark at `at` stands for; returns how long the mark is, 0 when there is none. */
static size_t write_mark(const struct page *page, const char *at, size_t rest)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		size_t length = strlen(marks[i].mark);

		if (length > rest || memcmp(at, marks[i].mark, length) != 0)
			continue;
		marks[i].write(page);
		return length;
	}
	return 0;
}

void page_write(FILE *stream, const char *template, size_t size, const struct snapshot *snapshot,
		const struct build *build, const char *host)
{
	const struct page page = {stream, snapshot, build, host};
	size_t at = 0;

	while (at < size) {
		const char *mark = memmem(template + at, size - at, "{{", 2);
		size_t plain = mark ? (size_t)(mark - template) - at : size - at;
		size_t length;

		fwrite(template + at, 1, plain, stream);
		at += plain;
		if (at == size)
			return;
		length = write_mark(&page, mark, size - at);
		if (!length)
			fputc(template[at++], stream);
		at += length;
	}
}
