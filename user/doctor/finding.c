// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/finding.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/array.h"
#include "doctor/check.h"

const char *severity_name(enum severity severity)
{
	static const char *const names[SEVERITY_COUNT] = {
		[SEVERITY_OK] = "ok",
		[SEVERITY_NOTE] = "note",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_PROBLEM] = "problem",
	};

	return names[severity];
}

struct finding *finding_add(struct findings *findings, enum severity severity, const char *device,
			    const char *format, ...)
{
	/* What is written where memory ran out, and never read. */
	static struct finding lost;
	struct finding *finding = array_add(findings->findings, findings->count);
	va_list arguments;

	if (!finding) {
		findings->failed = true;
		return &lost;
	}
	finding->severity = severity;
	if (device)
		snprintf(finding->device, sizeof(finding->device), "%s", device);
	va_start(arguments, format);
	vsnprintf(finding->what, sizeof(finding->what), format, arguments);
	va_end(arguments);
	return finding;
}

void finding_mend(struct finding *finding, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(finding->mend, sizeof(finding->mend), format, arguments);
	va_end(arguments);
}

void finding_error(struct findings *findings, enum severity severity, const char *device,
		   const struct error *error)
{
	struct finding *finding = finding_add(findings, severity, device, "%s", error->message);

	finding_mend(finding, "%s", error->hint);
}

static void run(const struct check *check, const struct facts *facts, struct findings *findings)
{
	size_t first = findings->count;

	if (check->machine)
		check->machine(facts, findings);
	for (size_t i = 0; check->device && i < facts->device_count; i++)
		check->device(facts, &facts->devices[i], findings);
	for (size_t i = first; i < findings->count; i++) {
		findings->findings[i].check = check->name;
		findings->findings[i].why = check->why;
	}
}

int doctor_examine(const struct facts *facts, struct findings *findings, struct error *error)
{
	const struct checks *const tables[] = {
		&machine_checks,       &policy_checks, &guard_checks, &exposure_checks,
		&decapsulation_checks, &peer_checks,   &device_checks};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (size_t j = 0; j < tables[i]->count; j++)
			run(&tables[i]->checks[j], facts, findings);
	}
	if (findings->failed)
		return error_system(error, ENOMEM, "cannot hold the findings");
	return 0;
}

void findings_keep_device(struct findings *findings, const char *device)
{
	size_t kept = 0;

	for (size_t i = 0; i < findings->count; i++) {
		const char *of = findings->findings[i].device;

		if (!*of || !strcmp(of, device))
			findings->findings[kept++] = findings->findings[i];
	}
	findings->count = kept;
}

size_t findings_count(const struct findings *findings, enum severity severity)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += findings->findings[i].severity == severity;
	return count;
}

void findings_clear(struct findings *findings)
{
	free(findings->findings);
	*findings = (struct findings){};
}
