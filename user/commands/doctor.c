// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor: what stands in the way of the guards, or leads around them, and what mends it */
#include <errno.h>
#include <string.h>

#include "commands/command.h"
#include "commands/doctor_facts.h"
#include "doctor/finding.h"
#include "text/escape.h"

static const char *colour_of(enum severity severity)
{
	static const char *const colours[SEVERITY_COUNT] = {
		[SEVERITY_OK] = "\033[32m",
		[SEVERITY_NOTE] = "\033[36m",
		[SEVERITY_WARNING] = "\033[33m",
		[SEVERITY_PROBLEM] = "\033[31m",
	};

	return colours[severity];
}

static void print_finding(const struct finding *finding, bool colour)
{
	printf("  %s%-8s%s %-16s %s\n", colour ? colour_of(finding->severity) : "",
	       severity_name(finding->severity), colour ? "\033[0m" : "", finding->check,
	       finding->what);
	if (finding->severity == SEVERITY_OK)
		return;
	printf("           why: %s\n", finding->why);
	if (*finding->mend)
		printf("           mend: %s%s%s\n", colour ? "\033[1m" : "", finding->mend,
		       colour ? "\033[0m" : "");
}

/* Whether a finding before this one has the same heading. */
static bool has_heading(const struct findings *findings, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (!strcmp(findings->findings[i].device, findings->findings[index].device))
			return true;
	}
	return false;
}

/* The machine first, as its checks come first, then each device with all that was found of it. */
static void print_groups(const struct findings *findings, bool colour)
{
	for (size_t i = 0; i < findings->count; i++) {
		const char *device = findings->findings[i].device;

		if (has_heading(findings, i))
			continue;
		printf("%s%s%s%s\n", i ? "\n" : "", colour ? "\033[1m" : "",
		       *device ? device : "this machine", colour ? "\033[0m" : "");
		for (size_t j = i; j < findings->count; j++) {
			if (!strcmp(findings->findings[j].device, device))
				print_finding(&findings->findings[j], colour);
		}
	}
}

static int print_text(const struct invocation *invocation, const struct findings *findings,
		      int status)
{
	print_groups(findings, invocation->colour);
	printf("\nproblems: %zu, warnings: %zu, notes: %zu, in order: %zu\n",
	       findings_count(findings, SEVERITY_PROBLEM),
	       findings_count(findings, SEVERITY_WARNING), findings_count(findings, SEVERITY_NOTE),
	       findings_count(findings, SEVERITY_OK));
	return status;
}

static json_t *text_or_null(const char *text)
{
	return *text ? json_string(text) : json_null();
}

static int print_json(const struct invocation *invocation, const struct findings *findings,
		      int status, struct error *error)
{
	json_t *answer = answer_new(invocation), *list = json_array(), *counts = json_object();

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->findings[i];

		json_array_append_new(
			list, json_pack("{s:s, s:s, s:o, s:s, s:s, s:o}", "check", finding->check,
					"severity", severity_name(finding->severity), "device",
					text_or_null(finding->device), "found", finding->what,
					"why", finding->why, "mend", text_or_null(finding->mend)));
	}
	for (unsigned int severity = 0; severity < SEVERITY_COUNT; severity++)
		json_object_set_new(counts, severity_name(severity),
				    json_integer((json_int_t)findings_count(findings, severity)));
	json_object_set_new(answer, "findings", list);
	json_object_set_new(answer, "counts", counts);
	return answer_print(answer, status, error);
}

/* A device that is there, or that a guard was on. */
static int find_device(const struct facts *facts, const char *word,
		       char name[static FACT_NAME_SIZE], struct error *error)
{
	text_escape(name, FACT_NAME_SIZE, word, strlen(word));
	if (facts_device(facts, name))
		return 0;
	for (size_t i = 0; i < facts->guard_count; i++) {
		if (!strcmp(facts->guards[i].device, name))
			return 0;
	}
	error_set(error, EXIT_ABSENT, ENODEV, "there is no device %s", name);
	error_hint(error, "ip -brief link");
	return -ENODEV;
}

static int examine(const struct invocation *invocation, const char *word, struct findings *findings,
		   struct error *error)
{
	__attribute__((cleanup(facts_clear))) struct facts facts = {};
	char device[FACT_NAME_SIZE];
	int result = 0;

	doctor_gather(&facts);
	if (word)
		result = find_device(&facts, word, device, error);
	result = result ?: doctor_examine(&facts, findings, error);
	if (result)
		return result;
	if (word)
		findings_keep_device(findings, device);
	result = findings_count(findings, SEVERITY_PROBLEM) ||
				 findings_count(findings, SEVERITY_WARNING)
			 ? EXIT_NEGATIVE
			 : EXIT_DONE;
	return invocation->json ? print_json(invocation, findings, result, error)
				: print_text(invocation, findings, result);
}

int command_doctor(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	__attribute__((cleanup(findings_clear))) struct findings findings = {};
	int result = operands_parse(invocation, NULL, 0, &words, error);

	if (result)
		return result;
	if (words.count > 1)
		return usage_error(invocation, error, "doctor takes one device, or none");
	return examine(invocation, words.count ? words.words[0] : NULL, &findings, error);
}
