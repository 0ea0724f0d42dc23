// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "text/escape.h"
#include "text/table.h"
#include "text/utf8.h"

Test(escape, keeps_printable_text_and_shows_the_rest)
{
	static const struct {
		const char *bytes;
		size_t length;
		const char *escaped;
	} cases[] = {
		{"sip:100@203.0.113.7", 19, "sip:100@203.0.113.7"},
		{"Köln", 5, "Köln"},
		{"a\r\nb\tc\\d", 8, "a\\r\\nb\\tc\\\\d"},
		{"\033[2J", 4, "\\x1b[2J"},
		{"a\0b", 3, "a\\x00b"},
		{"\x7f", 1, "\\x7f"},
		{"\xc2\x9b", 2, "\\xc2\\x9b"},
		{"\xe2\x80\xae", 3, "\\xe2\\x80\\xae"},
		{"\xc3", 1, "\\xc3"},
		{"\xff\xfe", 2, "\\xff\\xfe"},
		{"\xed\xa0\x80", 3, "\\xed\\xa0\\x80"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[64];

		text_escape(out, sizeof(out), cases[i].bytes, cases[i].length);
		cr_assert_str_eq(out, cases[i].escaped);
	}
}

Test(escape, cuts_only_between_characters)
{
	char out[6];

	text_escape(out, 6, "abc\033", 4);
	cr_assert_str_eq(out, "abc");
	text_escape(out, 5, "abcö", 5);
	cr_assert_str_eq(out, "abc");
	text_escape(out, 1, "abc", 3);
	cr_assert_str_eq(out, "");
}

Test(escape, random_bytes_become_printable_utf8)
{
	struct random random = {8};

	for (int i = 0; i < 20000; i++) {
		char bytes[24], out[64];
		size_t length = random_below(&random, sizeof(bytes)), left;

		for (size_t j = 0; j < length; j++)
			bytes[j] = (char)random_next(&random);
		text_escape(out, 1 + random_below(&random, sizeof(out)), bytes, length);
		left = strlen(out);
		for (const char *at = out; left;) {
			uint32_t character = 0;
			size_t size = utf8_decode(at, left, &character);

			cr_assert_gt(size, 0);
			cr_assert(utf8_is_printable(character));
			at += size;
			left -= size;
		}
	}
}

static char *printed(const struct table *table, bool colour)
{
	size_t size;
	char *text;
	FILE *stream = open_memstream(&text, &size);

	cr_assert_eq(table_print(table, stream, colour), 0);
	fclose(stream);
	return text;
}

Test(table, aligns_columns_without_trailing_blanks)
{
	static const char *const headings[] = {"NAME", ">PACKETS", "LABEL"};
	struct table table;
	char *text;

	table_init(&table, headings, 3);
	table_cell(&table, TABLE_PLAIN, "eth0");
	table_cell(&table, TABLE_GOOD, "%d", 7);
	table_cell(&table, TABLE_PLAIN, "%s", "");
	table_cell(&table, TABLE_PLAIN, "Köln");
	table_cell(&table, TABLE_BAD, "%d", 1234567);
	table_cell(&table, TABLE_PLAIN, "x");
	text = printed(&table, false);
	cr_assert_str_eq(text, "NAME  PACKETS  LABEL\n"
			       "eth0        7\n"
			       "Köln  1234567  x\n");
	free(text);
	text = printed(&table, true);
	cr_assert_not_null(strstr(text, "\033[31m1234567\033[0m"));
	free(text);
	table_clear(&table);
}

Test(table, without_rows_is_its_headings)
{
	static const char *const headings[] = {"A", ">B"};
	struct table table;
	char *text;

	table_init(&table, headings, 2);
	text = printed(&table, false);
	cr_assert_str_eq(text, "A  B\n");
	free(text);
	table_clear(&table);
}
