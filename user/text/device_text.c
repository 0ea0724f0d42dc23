// SPDX-License-Identifier: GPL-2.0-or-later
#include "text/device_text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "text/escape.h"

struct device_text device_text(const char *name)
{
	struct device_text shown;

	text_escape(shown.text, sizeof(shown.text), name, strlen(name));
	return shown;
}

static bool is_plain(char character)
{
	return isalnum((unsigned char)character) || (unsigned char)character >= 0x80 ||
	       strchr("._-+@", character);
}

struct device_text device_text_for_file(const char *name)
{
	struct device_text shown = device_text(name), written = {};
	size_t length = 0;

	/* What text_escape() has made of a byte begins with a backslash, and stays. */
	for (const char *at = shown.text; *at && length + 4 < sizeof(written.text); at++) {
		if (is_plain(*at) || *at == '\\')
			written.text[length++] = *at;
		else
			length += (size_t)sprintf(written.text + length, "\\x%02x", *at);
	}
	return written;
}

bool device_name_is_valid(const char *name)
{
	/* The kernel's isspace() takes a byte of 0xa0 for a blank too. */
	return *name && strlen(name) < IF_NAMESIZE && !strpbrk(name, "/: \t\n\v\f\r\xa0") &&
	       strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* What stands behind a backslash; returns how long it is, or 0. */
static size_t read_escape(const char *text, char *byte)
{
	unsigned int value;

	*byte = '\\';
	if (*text == '\\')
		return 1;
	if (*text != 'x' || strspn(text + 1, "0123456789abcdefABCDEF") < 2 ||
	    sscanf(text + 1, "%2x", &value) != 1 || !value)
		return 0;
	*byte = (char)value;
	return 3;
}

bool device_text_parse(const char *text, char name[static IF_NAMESIZE])
{
	char read[IF_NAMESIZE];
	size_t length = 0;

	while (*text) {
		char byte = *text++;
		size_t taken = 1;

		if (byte == '\\') {
			taken = read_escape(text, &byte);
			text += taken;
		}
		if (!taken || length == sizeof(read) - 1)
			return false;
		read[length++] = byte;
	}
	read[length] = '\0';
	if (!device_name_is_valid(read))
		return false;
	strcpy(name, read);
	return true;
}

bool device_text_from_file(const char *text, char name[static IF_NAMESIZE])
{
	for (const char *at = text; *at; at++) {
		if (!is_plain(*at) && *at != '\\')
			return false;
	}
	return device_text_parse(text, name);
}
