// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/lint/lint_checks.h"

#include <string.h>

#include "rules/lint/lint.h"

const struct lint_check lint_checks[LINT_ID_COUNT] = {
#define LINT_CHECK_ROW(enumerator, id, name, severity, summary, help) \
	[LINT_##enumerator] = {#id, name, LINT_##severity, summary, help},
	LINT_CHECKS(LINT_CHECK_ROW)
#undef LINT_CHECK_ROW
};

const char *lint_severity_name(enum lint_severity severity)
{
	static const char *const names[] = {
		[LINT_NOTE] = "note",
		[LINT_WARNING] = "warning",
		[LINT_ERROR] = "error",
	};

	return names[severity];
}

enum lint_id lint_find_check(const char *id)
{
	for (unsigned int i = 0; i < LINT_ID_COUNT; i++) {
		if (!strcasecmp(id, lint_checks[i].id) || !strcmp(id, lint_checks[i].name))
			return (enum lint_id)i;
	}
	return LINT_ID_COUNT;
}
