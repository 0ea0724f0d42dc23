// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of hidden characters against the properties of Unicode that perl knows. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/escape.h"
#include "text/utf8.h"

static size_t read_all(FILE *stream, char *text, size_t size)
{
	size_t length = fread(text, 1, size - 1, stream);

	text[length] = '\0';
	return length;
}

Test(unicode, the_table_is_what_its_script_makes)
{
	FILE *table = fopen("user/text/hidden_ranges.inc", "r");
	FILE *script = popen("perl user/text/hidden_ranges.pl", "r");
	char kept[4096], made[4096];

	cr_assert(table && script);
	cr_assert_gt(read_all(script, made, sizeof(made)), 100);
	read_all(table, kept, sizeof(kept));
	cr_assert_str_eq(kept, made, "make it anew: user/text/hidden_ranges.pl");
	cr_assert_eq(pclose(script), 0);
	fclose(table);
}

Test(unicode, what_nobody_sees_is_escaped)
{
	static const uint32_t hidden[] = {
		0x00,	0x1f,	0x7f,	 0x9f,	  0xad,	   0x34f,   0x61c,   0x115f,
		0x1160, 0x17b4, 0x180e,	 0x200b,  0x200f,  0x2028,  0x2029,  0x202a,
		0x202e, 0x2060, 0x2066,	 0x2069,  0x206f,  0x3164,  0xfe0f,  0xfeff,
		0xffa0, 0xfff9, 0x1d173, 0xe0000, 0xe0001, 0xe0100, 0xe01ef, 0xe0fff,
	};
	static const uint32_t shown[] = {
		' ',	'~',	0xa0,	0xac,	0xae,	0x34e,	0x61b,	 0x115e,
		0x2010, 0x20ac, 0x3042, 0x3163, 0x4e2d, 0xfffd, 0x1f4de, 0x10ffff,
	};

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		cr_assert_not(utf8_is_printable(hidden[i]), "U+%04X", hidden[i]);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		cr_assert(utf8_is_printable(shown[i]), "U+%04X", shown[i]);
}

Test(unicode, an_escape_says_which_bytes_there_were)
{
	char out[64];

	text_escape(out, sizeof(out),
		    "a\xd8\x9c"
		    "b\xf3\xa0\x84\x80",
		    8);
	cr_assert_str_eq(out, "a\\xd8\\x9cb\\xf3\\xa0\\x84\\x80");
}
