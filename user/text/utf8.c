// SPDX-License-Identifier: GPL-2.0-or-later
#include "text/utf8.h"

#include <string.h>

size_t utf8_decode(const char *bytes, size_t length, uint32_t *character)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first = (unsigned char)bytes[0];
	uint32_t decoded;
	size_t size;

	if (first < 0x80) {
		*character = first;
		return 1;
	}
	if (first >= 0xf8 || first < 0xc0)
		return 0;
	size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (length < size)
		return 0;
	decoded = first & (0x7fU >> size);
	for (size_t i = 1; i < size; i++) {
		if (((unsigned char)bytes[i] & 0xc0) != 0x80)
			return 0;
		decoded = decoded << 6 | ((unsigned char)bytes[i] & 0x3f);
	}
	if (decoded < least[size] || decoded > 0x10ffff || (decoded >= 0xd800 && decoded <= 0xdfff))
		return 0;
	*character = decoded;
	return size;
}

/* In the order of their characters. */
struct range {
	uint32_t first;
	uint32_t last;
};

static bool in_ranges(uint32_t character, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count && character >= ranges[i].first; i++) {
		if (character <= ranges[i].last)
			return true;
	}
	return false;
}

#define IN_RANGES(character, ranges) \
	in_ranges(character, ranges, sizeof(ranges) / sizeof((ranges)[0]))

bool utf8_is_printable(uint32_t character)
{
	static const struct range hidden[] = {
#include "text/hidden_ranges.inc"
	};

	return !IN_RANGES(character, hidden);
}

unsigned int utf8_width(uint32_t character)
{
	static const struct range combining[] = {
		{0x300, 0x36f},	  {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
		{0x20d0, 0x20ff}, {0xfe00, 0xfe0f},
	};
	/* East Asian Wide and Fullwidth of Unicode's annex 11, in broad strokes. */
	static const struct range wide[] = {
		{0x1100, 0x115f}, {0x2e80, 0xa4cf}, {0xac00, 0xd7a3},	{0xf900, 0xfaff},
		{0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd},
	};

	if (IN_RANGES(character, combining))
		return 0;
	return IN_RANGES(character, wide) ? 2 : 1;
}

size_t utf8_columns(const char *text)
{
	size_t width = 0, left = strlen(text);

	while (left) {
		uint32_t character = '?';
		size_t size = utf8_decode(text, left, &character);

		if (!size)
			size = 1;
		width += utf8_width(character);
		text += size;
		left -= size;
	}
	return width;
}
