// SPDX-License-Identifier: GPL-2.0-or-later
#include "picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In units of the picture. */
#define WIDTH	    960
#define LEFT	    64
#define RIGHT	    736
#define TOP	    96
#define BOTTOM	    496
#define NOTES_TOP   568
#define NOTE_HEIGHT 16
#define LABEL_GAP   17
/* A line that ends early ends below those that go on. */
#define LABEL_SINK 7

/* About what fits between the margins. */
#define NOTE_COLUMNS 148

/* The colours of Okabe and Ito, which people tell apart however they see colours, made fit for each
 * page. */
static const char style[] =
	"<style>\n"
	":root{--page:#fff;--ink:#1c2128;--quiet:#59636e;--grid:#e4e8ec;--c0:#6b7580;--c1:#0068a8;"
	"--c2:#00805c;--c3:#c04f00;--c4:#a8508a;--c5:#8f6a00}\n"
	"@media (prefers-color-scheme:dark){:root{--page:#0d1117;--ink:#e6edf3;--quiet:#9198a1;"
	"--grid:#262c34;--c0:#8b949e;--c1:#58b4f5;--c2:#2fc797;--c3:#ff8c4a;--c4:#e592c4;"
	"--c5:#e5b93c}}\n"
	"text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
	"font-size:13px;fill:var(--ink)}\n"
	".title{font-size:20px;font-weight:600}\n"
	".quiet{fill:var(--quiet)}\n"
	".note{font-size:11.5px;fill:var(--quiet)}\n"
	".grid{stroke:var(--grid);stroke-width:1}\n"
	".line{fill:none;stroke:currentColor;stroke-width:2;stroke-linejoin:round;"
	"stroke-linecap:round}\n"
	".dashed{stroke-dasharray:6 5}\n"
	".strong{stroke-width:3.5}\n"
	".bar{stroke:currentColor;stroke-width:1.5}\n"
	".dot{fill:var(--page);stroke:currentColor;stroke-width:2}\n"
	".label{fill:currentColor;paint-order:stroke;stroke:var(--page);stroke-width:4;"
	"stroke-linejoin:round}\n"
	".label .strong{font-weight:700}\n"
	".leader{fill:none;stroke:currentColor;stroke-width:1;opacity:.5}\n"
	".c0{color:var(--c0)}.c1{color:var(--c1)}.c2{color:var(--c2)}.c3{color:var(--c3)}"
	".c4{color:var(--c4)}.c5{color:var(--c5)}\n"
	"</style>\n";

static const char *const stroke_classes[STROKE_COUNT] = {
	[STROKE_PLAIN] = "line",
	[STROKE_DASHED] = "line dashed",
	[STROKE_STRONG] = "line strong",
};

struct scale {
	double least, most; /* values */
	double from, to;    /* units of the picture */
};

static double place(const struct scale *scale, double value)
{
	return scale->from + (scale->to - scale->from) * log10(value / scale->least) /
				     log10(scale->most / scale->least);
}

static void write_escaped(FILE *stream, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte == '<')
			fputs("&lt;", stream);
		else if (byte == '>')
			fputs("&gt;", stream);
		else if (byte == '&')
			fputs("&amp;", stream);
		else if (byte == '"')
			fputs("&quot;", stream);
		/* Other control characters are not XML. */
		else
			fputc(byte < ' ' ? ' ' : byte, stream);
	}
}

static void write_text(FILE *stream, double x, double y, const char *attributes, const char *text)
{
	fprintf(stream, "<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, attributes);
	write_escaped(stream, text, strlen(text));
	fputs("</text>\n", stream);
}

static void write_grid_line(FILE *stream, double x1, double y1, double x2, double y2)
{
	fprintf(stream, "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
		x1, y1, x2, y2);
}

/* "100,000" */
static void format_grouped(char *text, size_t size, double value)
{
	char digits[32];
	size_t length = (size_t)snprintf(digits, sizeof(digits), "%.0f", value), used = 0;

	for (size_t i = 0; i < length && used + 2 < size; i++) {
		if (i && (length - i) % 3 == 0)
			text[used++] = ',';
		text[used++] = digits[i];
	}
	text[used] = '\0';
}

/* "2.5 M" */
static void format_millions(char *text, size_t size, double value)
{
	snprintf(text, size, value < 1e6 ? "%.2f M" : "%.1f M", value / 1e6);
}

/* Decades along the bottom. */
static void write_x_axis(FILE *stream, const struct picture *picture, const struct scale *x)
{
	for (double value = 1; value <= x->most; value *= 10) {
		char text[32];

		if (value < x->least)
			continue;
		format_grouped(text, sizeof(text), value);
		write_grid_line(stream, place(x, value), TOP, place(x, value), BOTTOM);
		write_text(stream, place(x, value), BOTTOM + 20,
			   "class=\"quiet\" text-anchor=\"middle\"", text);
	}
	write_text(stream, (LEFT + RIGHT) / 2, BOTTOM + 42,
		   "class=\"quiet\" text-anchor=\"middle\"", picture->x_title);
}

/* 1, 2 and 5 of each decade. */
static void write_y_axis(FILE *stream, const struct picture *picture, const struct scale *y)
{
	static const double steps[] = {1, 2, 5};

	for (int i = 0; i < 30; i++) {
		double value = steps[i % 3] * pow(10, i / 3);
		char text[32];

		if (value < y->least * 0.999 || value > y->most * 1.001)
			continue;
		snprintf(text, sizeof(text), "%g", value / 1e6);
		write_grid_line(stream, LEFT, place(y, value), RIGHT, place(y, value));
		write_text(stream, LEFT - 10, place(y, value) + 4.5,
			   "class=\"quiet\" text-anchor=\"end\"", text);
	}
	write_text(stream, LEFT - 36, TOP - 14, "class=\"quiet\"", picture->y_title);
}

static void write_line(FILE *stream, const struct picture_line *line, const struct scale *x,
		       const struct scale *y)
{
	fprintf(stream, "<g class=\"c%d\">\n<path class=\"%s\" d=\"", (int)line->colour,
		stroke_classes[line->stroke]);
	if (line->level)
		fprintf(stream, "M%d %.1fH%d", LEFT, place(y, line->points[0].y), RIGHT);
	for (size_t i = 0; !line->level && i < line->count; i++)
		fprintf(stream, "%s%.1f %.1f", i ? "L" : "M", place(x, line->points[i].x),
			place(y, line->points[i].y));
	fputs("\"/>\n", stream);
	for (size_t i = 0; !line->level && i < line->count; i++) {
		const struct picture_point *point = &line->points[i];
		double at = place(x, point->x);

		fprintf(stream,
			"<line class=\"bar\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", at,
			place(y, point->least), at, place(y, point->most));
		fprintf(stream, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"/>\n", at,
			place(y, point->y));
	}
	fputs("</g>\n", stream);
}

/* A label and the end of its line. */
struct label {
	const struct picture_line *line;
	double x, y; /* of the end */
	double at;   /* where the label is put */
	bool is_early;
};

static int from_the_top(const void *left, const void *right)
{
	const struct label *a = left, *b = right;

	return (a->y > b->y) - (a->y < b->y);
}

/* Those at the right edge make room for each other, the lower ones downwards. */
static void spread(struct label *labels, size_t count)
{
	struct label *above = NULL;

	qsort(labels, count, sizeof(*labels), from_the_top);
	for (size_t i = 0; i < count; i++) {
		struct label *label = &labels[i];

		label->at = label->y + (label->is_early ? LABEL_SINK : 0);
		if (label->is_early)
			continue;
		if (above && label->at < above->at + LABEL_GAP)
			label->at = above->at + LABEL_GAP;
		above = label;
	}
}

static void write_label(FILE *stream, const struct label *label)
{
	const struct picture_line *line = label->line;
	const struct picture_point *last = &line->points[line->count - 1];
	char value[32];

	fprintf(stream, "<g class=\"c%d\">", (int)line->colour);
	if (!label->is_early)
		fprintf(stream, "<path class=\"leader\" d=\"M%.1f %.1fL%.1f %.1f\"/>", label->x + 6,
			label->y, label->x + 20, label->at);
	fprintf(stream, "<text class=\"label\" x=\"%.1f\" y=\"%.1f\"%s>",
		label->x + (label->is_early ? 10 : 25), label->at + 4.5,
		line->stroke == STROKE_STRONG ? " font-weight=\"700\"" : "");
	write_escaped(stream, line->label, strlen(line->label));
	format_millions(value, sizeof(value), last->y);
	fprintf(stream, " <tspan class=\"quiet\" font-weight=\"400\">%s</tspan></text></g>\n",
		value);
}

static void write_labels(FILE *stream, const struct picture *picture, const struct scale *x,
			 const struct scale *y)
{
	struct label labels[LINES_MAX];

	for (size_t i = 0; i < picture->count; i++) {
		const struct picture_line *line = &picture->lines[i];
		const struct picture_point *last = &line->points[line->count - 1];

		labels[i] = (struct label){
			.line = line,
			.x = line->level ? RIGHT : place(x, last->x),
			.y = place(y, last->y),
			.is_early = !line->level && last->x < x->most,
		};
	}
	spread(labels, picture->count);
	for (size_t i = 0; i < picture->count; i++)
		write_label(stream, &labels[i]);
}

/* The length of the next line of a note that is broken at blanks. */
static size_t next_break(const char *text)
{
	size_t length = strlen(text), at = NOTE_COLUMNS;

	if (length <= NOTE_COLUMNS)
		return length;
	while (at && text[at] != ' ')
		at--;
	return at ?: NOTE_COLUMNS;
}

static double write_notes(FILE *stream, const struct picture *picture)
{
	double y = NOTES_TOP;

	for (size_t i = 0; i < picture->note_count; i++) {
		const char *text = picture->notes[i];

		while (*text) {
			size_t length = next_break(text);

			if (stream) {
				fprintf(stream, "<text class=\"note\" x=\"28\" y=\"%.1f\">", y);
				write_escaped(stream, text, length);
				fputs("</text>\n", stream);
			}
			text += length + (text[length] == ' ');
			y += NOTE_HEIGHT;
		}
	}
	return y;
}

/* The next 1, 2 or 5 of a decade at or below the value. */
static double round_down(double value)
{
	double decade = pow(10, floor(log10(value)));

	return value >= 5 * decade ? 5 * decade : value >= 2 * decade ? 2 * decade : decade;
}

static void find_scales(const struct picture *picture, struct scale *x, struct scale *y)
{
	*x = (struct scale){INFINITY, 0, LEFT, RIGHT};
	*y = (struct scale){INFINITY, 0, BOTTOM, TOP};
	for (size_t i = 0; i < picture->count; i++) {
		const struct picture_line *line = &picture->lines[i];

		for (size_t j = 0; j < line->count; j++) {
			y->least = fmin(y->least, line->points[j].least);
			y->most = fmax(y->most, line->points[j].most);
			if (line->level)
				continue;
			x->least = fmin(x->least, line->points[j].x);
			x->most = fmax(x->most, line->points[j].x);
		}
	}
	if (x->least >= x->most)
		x->least = x->most / 10;
	y->least = round_down(y->least);
	y->most = round_down(y->most * 2.4);
}

void picture_write(FILE *stream, const struct picture *picture)
{
	double height = write_notes(NULL, picture);
	struct scale x, y;

	find_scales(picture, &x, &y);
	fprintf(stream,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" role=\"img\" "
		"aria-labelledby=\"title\">\n<title id=\"title\">",
		WIDTH, height);
	write_escaped(stream, picture->title, strlen(picture->title));
	fprintf(stream, "</title>\n%s", style);
	fprintf(stream, "<rect width=\"%d\" height=\"%.0f\" rx=\"8\" fill=\"var(--page)\"/>\n",
		WIDTH, height);
	write_text(stream, 28, 36, "class=\"title\"", picture->title);
	write_text(stream, 28, 58, "class=\"quiet\"", picture->subtitle);
	write_x_axis(stream, picture, &x);
	write_y_axis(stream, picture, &y);
	for (size_t i = 0; i < picture->count; i++)
		write_line(stream, &picture->lines[i], &x, &y);
	write_labels(stream, picture, &x, &y);
	write_notes(stream, picture);
	fputs("</svg>\n", stream);
}
