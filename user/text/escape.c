// SPDX-License-Identifier: GPL-2.0-or-later
#include "text/escape.h"

#include <stdio.h>
#include <string.h>

#include "text/utf8.h"

#define ESCAPE_SIZE_MAX 5

/*
 * Writes what stands for the first character or byte; returns how many bytes of the input that is.
 */
static size_t escape_one(char piece[static ESCAPE_SIZE_MAX], const char *bytes, size_t length)
{
	static const char named[] = "\nn\tt\rr\\\\";
	uint32_t character;
	size_t size;

	for (const char *name = named; *name; name += 2) {
		if (*bytes == name[0]) {
			snprintf(piece, ESCAPE_SIZE_MAX, "\\%c", name[1]);
			return 1;
		}
	}
	size = utf8_decode(bytes, length, &character);
	if (size && utf8_is_printable(character)) {
		memcpy(piece, bytes, size);
		piece[size] = '\0';
		return size;
	}
	snprintf(piece, ESCAPE_SIZE_MAX, "\\x%02x", (unsigned char)*bytes);
	return 1;
}

/* The characters of `kept` stay as they are. */
static void escape(char *out, size_t size, const char *bytes, size_t length, const char *kept)
{
	char piece[ESCAPE_SIZE_MAX];

	while (length) {
		size_t taken = escape_one(piece, bytes, length);
		size_t needed;

		if (*bytes && strchr(kept, *bytes))
			snprintf(piece, sizeof(piece), "%c", *bytes);
		needed = strlen(piece);

		if (needed >= size)
			break;
		memcpy(out, piece, needed);
		out += needed;
		size -= needed;
		bytes += taken;
		length -= taken;
	}
	*out = '\0';
}

void text_escape(char *out, size_t size, const char *bytes, size_t length)
{
	escape(out, size, bytes, length, "");
}

void text_make_printable(char *out, size_t size, const char *text)
{
	escape(out, size, text, strlen(text), "\\\n");
}
