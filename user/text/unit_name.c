// SPDX-License-Identifier: GPL-2.0-or-later
#include "text/unit_name.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool stands_for_itself(char character, bool first)
{
	return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
	       (character >= 'A' && character <= 'Z') || character == ':' || character == '_' ||
	       (character == '.' && !first);
}

void unit_name_format(char name[static UNIT_NAME_SIZE], const char *template, const char *instance)
{
	int length = snprintf(name, UNIT_NAME_SIZE, "%s@", template);

	for (const char *at = instance; *at && length < UNIT_NAME_SIZE; at++) {
		char *end = name + length;
		size_t room = (size_t)(UNIT_NAME_SIZE - length);

		if (*at == '/')
			length += snprintf(end, room, "-");
		else if (stands_for_itself(*at, at == instance))
			length += snprintf(end, room, "%c", *at);
		else
			length += snprintf(end, room, "\\x%02x", (unsigned char)*at);
	}
	if (length < UNIT_NAME_SIZE)
		snprintf(name + length, (size_t)(UNIT_NAME_SIZE - length), ".service");
}
