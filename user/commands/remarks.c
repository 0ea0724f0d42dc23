// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/remarks.h"

#include <stdio.h>
#include <string.h>

#include "text/escape.h"

#define TEXT_SIZE 200

void remarks_print(const char *name, const struct rules_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct remark *remark = &report->remarks[i];
		char reason[2 * TEXT_SIZE], text[TEXT_SIZE];

		text_escape(reason, sizeof(reason), remark->reason, strlen(remark->reason));
		if (!remark->place.line) {
			printf("%s: %s\n", name, reason);
			continue;
		}
		text_escape(text, sizeof(text), remark->place.text, remark->place.length);
		printf("%s:%zu:%zu: %s%s: %s\n", name, remark->place.line, remark->place.column,
		       remark->is_skipped ? "not imported: " : "", reason, text);
	}
}

void remarks_pack(const struct rules_report *report, json_t *object)
{
	json_t *remarks = json_array();

	for (size_t i = 0; i < report->count; i++) {
		const struct remark *remark = &report->remarks[i];
		char reason[2 * TEXT_SIZE], text[TEXT_SIZE] = "";

		text_escape(reason, sizeof(reason), remark->reason, strlen(remark->reason));
		if (remark->place.line)
			text_escape(text, sizeof(text), remark->place.text, remark->place.length);
		json_array_append_new(remarks, json_pack("{s:I, s:I, s:b, s:s, s:s}", "line",
							 (json_int_t)remark->place.line, "column",
							 (json_int_t)remark->place.column,
							 "skipped", remark->is_skipped, "reason",
							 reason, "text", text));
	}
	json_object_set_new(object, "remarks", remarks);
}
