// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/import/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "rules/model/ruleset.h"

int report_add(struct rules_report *report, const struct place *place, bool is_skipped,
	       struct error *error, const char *format, ...)
{
	struct remark remark = {.is_skipped = is_skipped};
	va_list arguments;
	int length;

	if (array_reserve(&report->remarks, sizeof(remark), report->count, &report->allocated,
			  error))
		return -ENOMEM;
	va_start(arguments, format);
	length = vasprintf(&remark.reason, format, arguments);
	va_end(arguments);
	if (length < 0)
		return error_system(error, ENOMEM, "cannot hold the remarks");
	if (place)
		remark.place = *place;
	report->remarks[report->count++] = remark;
	return 0;
}

static int compare_remarks(const void *left, const void *right)
{
	const struct place *a = &((const struct remark *)left)->place;
	const struct place *b = &((const struct remark *)right)->place;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	/* By their handles, of which 10 stands behind 4. */
	return strverscmp(a->name, b->name);
}

void report_finish(struct rules_report *report)
{
	size_t kept = 0;

	if (report->count)
		qsort(report->remarks, report->count, sizeof(*report->remarks), compare_remarks);
	for (size_t i = 0; i < report->count; i++) {
		struct remark *remark = &report->remarks[i];

		/* One rule of nft can be several of the model. */
		if (kept && !compare_remarks(&remark[0], &report->remarks[kept - 1]) &&
		    !strcmp(remark->reason, report->remarks[kept - 1].reason))
			free(remark->reason);
		else
			report->remarks[kept++] = *remark;
	}
	report->count = kept;
}

void rules_report_clear(struct rules_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		free(report->remarks[i].reason);
	free(report->remarks);
	*report = (struct rules_report){};
}
