/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line chart as SVG, both axes logarithmic: written by hand, because nothing more is needed than
 * lines, labels at their ends, and colours for a light and for a dark page.
 *
 * All texts are escaped; they stay the caller's.
 */
#ifndef BENCH_PICTURE_H
#define BENCH_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum picture_colour {
	COLOUR_REFERENCE,
	COLOUR_BLUE,
	COLOUR_GREEN,
	COLOUR_ORANGE,
	COLOUR_PURPLE,
	COLOUR_YELLOW,
	COLOUR_COUNT,
};

enum picture_stroke { STROKE_PLAIN, STROKE_DASHED, STROKE_STRONG, STROKE_COUNT };

struct picture_point {
	double x, y;
	double least, most; /* of the bar */
};

#define POINTS_MAX 8
#define LINES_MAX  12
#define NOTES_MAX  8

struct picture_line {
	const char *label;
	enum picture_colour colour;
	enum picture_stroke stroke;
	struct picture_point points[POINTS_MAX]; /* by rising x */
	size_t count;
	bool level; /* its only point stands for every x */
};

struct picture {
	const char *title;
	const char *subtitle;
	const char *x_title;
	const char *y_title;
	struct picture_line lines[LINES_MAX];
	size_t count;
	/* Underneath; long ones are broken at blanks. */
	const char *notes[NOTES_MAX];
	size_t note_count;
};

/* Errors of the stream are left to the caller. At least one line is not level. */
void picture_write(FILE *stream, const struct picture *picture);

#endif
