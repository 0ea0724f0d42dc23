/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Remarks of an import. */
#ifndef SIPGUARD_USER_RULES_IMPORT_REPORT_H
#define SIPGUARD_USER_RULES_IMPORT_REPORT_H

#include "rules/import/import.h"

/* `place` NULL: about the whole. */
int report_add(struct rules_report *report, const struct place *place, bool is_skipped,
	       struct error *error, const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Sorts, and leaves out what was said of a line already. */
void report_finish(struct rules_report *report);

#endif
