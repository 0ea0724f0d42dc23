/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Remarks of an import, and labels out of hostile text. */
#ifndef SIPGUARD_USER_RULES_IMPORT_REPORT_H
#define SIPGUARD_USER_RULES_IMPORT_REPORT_H

#include "rules/import/import.h"

#define LABEL_SIZE (LABEL_BYTES_MAX + 1)

/* `place` NULL: about the whole. */
int report_add(struct rules_report *report, const struct place *place, bool is_skipped,
	       struct error *error, const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Sorts, and leaves out what was said of a line already. */
void report_finish(struct rules_report *report);

/* What of the text can be a label; false when nothing can. */
bool label_make(const char *text, char label[static LABEL_SIZE]);

#endif
