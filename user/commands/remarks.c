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
		const char *skipped = remark->is_skipped ? "not imported: " : "";
		char reason[2 * TEXT_SIZE], text[TEXT_SIZE];

		text_escape(reason, sizeof(reason), remark->reason, strlen(remark->reason));
		if (*remark->place.name) {
			text_escape(text, sizeof(text), remark->place.name,
				    strlen(remark->place.name));
			printf("%s: %s: %s%s\n", name, text, skipped, reason);
			continue;
		}
		if (!remark->place.line) {
			printf("%s: %s\n", name, reason);
			continue;
		}
		text_escape(text, sizeof(text), remark->place.text, remark->place.length);
		printf("%s:%zu:%zu: %s%s: %s\n", name, remark->place.line, remark->place.column,
		       skipped, reason, text);
	}
}

/* What has a name, as a rule of nft by its handle, is not on a line. */
static json_t *pack_remark(const struct remark *remark)
{
	char reason[2 * TEXT_SIZE], text[TEXT_SIZE] = "", place[TEXT_SIZE];
	json_t *object;

	text_escape(reason, sizeof(reason), remark->reason, strlen(remark->reason));
	text_escape(place, sizeof(place), remark->place.name, strlen(remark->place.name));
	if (remark->place.line)
		text_escape(text, sizeof(text), remark->place.text, remark->place.length);
	object = json_pack("{s:I, s:I, s:b, s:s, s:s}", "line", (json_int_t)remark->place.line,
			   "column", (json_int_t)remark->place.column, "skipped",
			   remark->is_skipped, "reason", reason, "text", text);
	if (*place)
		json_object_set_new(object, "place", json_string(place));
	return object;
}

void remarks_pack(const struct rules_report *report, json_t *object)
{
	json_t *remarks = json_array();

	for (size_t i = 0; i < report->count; i++)
		json_array_append_new(remarks, pack_remark(&report->remarks[i]));
	json_object_set_new(object, "remarks", remarks);
}
