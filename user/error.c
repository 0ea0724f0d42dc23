// SPDX-License-Identifier: GPL-2.0-or-later
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void __attribute__((format(printf, 3, 0)))
set_message(struct error *error, enum exit_status status, const char *format, va_list arguments)
{
	error->status = status;
	error->hint[0] = '\0';
	vsnprintf(error->message, sizeof(error->message), format, arguments);
}

int error_set(struct error *error, enum exit_status status, int number, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	set_message(error, status, format, arguments);
	va_end(arguments);
	return -number;
}

int error_system(struct error *error, int number, const char *format, ...)
{
	size_t length;
	va_list arguments;

	va_start(arguments, format);
	set_message(error, EXIT_SYSTEM, format, arguments);
	va_end(arguments);

	length = strlen(error->message);
	snprintf(error->message + length, sizeof(error->message) - length, ": %s",
		 strerror(number));
	return -number;
}

void error_hint(struct error *error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error->hint, sizeof(error->hint), format, arguments);
	va_end(arguments);
}
