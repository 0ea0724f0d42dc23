/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What doctor found: one row of the table of checks, what it saw, and the command that mends it.
 * Pure.
 */
#ifndef SIPGUARD_USER_DOCTOR_FINDING_H
#define SIPGUARD_USER_DOCTOR_FINDING_H

#include "doctor/facts.h"

enum severity {
	SEVERITY_OK,
	SEVERITY_NOTE,	  /* worth knowing; nothing to mend */
	SEVERITY_WARNING, /* works now, and will disappoint */
	SEVERITY_PROBLEM, /* something gets past the guard, or the guard cannot work */
	SEVERITY_COUNT,
};

/* "ok", "note", "warning", "problem" */
const char *severity_name(enum severity severity);

struct finding {
	const char *check; /* its identifier, which is stable */
	const char *why;   /* it matters to sipguard */
	enum severity severity;
	char device[FACT_NAME_SIZE]; /* empty: the machine */
	char what[512];
	char mend[512]; /* the command; empty: nothing to do */
};

/* The findings in the order of the checks. A zeroed struct is empty; findings_clear() releases it.
 */
struct findings {
	struct finding *findings;
	size_t count;
	bool failed; /* memory ran out: findings are missing */
};

/*
 * Runs every check. -ENOMEM with an error when findings would be missing; the caller clears them
 * either way.
 */
int doctor_examine(const struct facts *facts, struct findings *findings, struct error *error);

/* Leaves the findings of the machine and those of this device. */
void findings_keep_device(struct findings *findings, const char *device);

size_t findings_count(const struct findings *findings, enum severity severity);
void findings_clear(struct findings *findings);

#endif
