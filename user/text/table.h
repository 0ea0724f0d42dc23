/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Aligned columns for people. Cells are added row by row; widths are counted in columns of a
 * terminal.
 *
 * A table owns its cells until table_clear(). That memory ran out is remembered, and table_print()
 * says so.
 */
#ifndef SIPGUARD_USER_TEXT_TABLE_H
#define SIPGUARD_USER_TEXT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum table_style { TABLE_PLAIN, TABLE_GOOD, TABLE_BAD, TABLE_WARN, TABLE_DIM };

struct table_cell;

struct table {
	const char *const *headings;
	size_t columns;
	struct table_cell *cells;
	size_t count;
	size_t allocated;
	bool failed;
};

/*
 * A heading that begins with '>' is of a column that is aligned to the right. The headings stay the
 * caller's.
 */
void table_init(struct table *table, const char *const *headings, size_t columns);

void table_cell(struct table *table, enum table_style style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* 0 or -ENOMEM, and then nothing was printed. Styles are used only with `colour`. */
int table_print(const struct table *table, FILE *stream, bool colour);

void table_clear(struct table *table);

#endif
