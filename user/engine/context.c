// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/context.h"

#include <stdarg.h>
#include <stdio.h>

void context_notice(const struct context *context, const char *format, ...)
{
	char text[2048];
	va_list arguments;

	if (!context->notice)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	context->notice(context, text);
}
