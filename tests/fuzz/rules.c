// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What somebody can make of a file that is imported or linted. The input is read in every format,
 * and what is found has to stand inside of it.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rules/import/import.h"
#include "rules/lint/lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_place(const struct place *place, const char *text, size_t size)
{
	if (!place->text)
		return;
	if (place->text < text || place->text + place->length > text + size)
		abort();
}

static void import_as(const char *format, const char *text, size_t size)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list entries = {};
	__attribute__((cleanup(rules_report_clear))) struct rules_report report = {};
	struct sg_ports ports;
	struct rules_input input = {"fuzz", text, size, &ports, 1800000000};
	struct error error;

	ports_default(&ports);
	if (rules_import(format, &input, &entries, &report, &error)) {
		if (!memchr(error.message, '\0', sizeof(error.message)) || entries.count)
			abort();
		return;
	}
	for (size_t i = 0; i < report.count; i++)
		check_place(&report.remarks[i].place, text, size);
	for (size_t i = 0; i < entries.count; i++) {
		const struct entry *entry = &entries.entries[i];

		if (entry->label && label_check(entry->label, &error))
			abort();
		if (entry->verdict == SG_ENTRY_ALLOW && prefix_is_half_the_internet(&entry->prefix))
			abort();
	}
}

static void lint_as(enum lint_format format, const char *text, size_t size)
{
	__attribute__((cleanup(lint_document_clear))) struct lint_document document = {};
	__attribute__((cleanup(lint_findings_clear))) struct findings findings = {};
	struct lint_input input = {"fuzz", text, size, format};
	struct lint_question question;
	const char **names;
	struct error error;

	if (lint_question_init(&question, NULL, &error) || lint_read(&input, &document, &error))
		return;
	question.now = 1800000000;
	question.families = document.families;
	if (lint_document(&document, &question, 0, &findings, &error))
		return;
	names = calloc(findings.count + 1, sizeof(*names));
	for (size_t i = 0; i < findings.count; i++) {
		check_place(&findings.findings[i].place, text, size);
		names[i] = "fuzz";
	}
	json_decref(lint_sarif(&findings, names, "0"));
	free(names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	import_as("iptables-save", text, size);
	import_as("ipset", text, size);
	import_as("nft", text, size);
	for (unsigned int format = 0; format < LINT_FORMAT_COUNT; format++)
		lint_as((enum lint_format)format, text, size);
	lint_guess_format("fuzz", text, size);
	return 0;
}
