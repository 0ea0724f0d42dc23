/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a check is: an identifier, a sentence that says why it matters, and a function that reads
 * the facts and adds findings. For the files of doctor/ alone.
 */
#ifndef SIPGUARD_USER_DOCTOR_CHECK_H
#define SIPGUARD_USER_DOCTOR_CHECK_H

#include "doctor/finding.h"

struct check {
	const char *name;
	const char *why;
	/* One of the two: asked once, or for each device. */
	void (*machine)(const struct facts *facts, struct findings *findings);
	void (*device)(const struct facts *facts, const struct device_facts *device,
		       struct findings *findings);
};

struct checks {
	const struct check *checks;
	size_t count;
};

extern const struct checks machine_checks;
extern const struct checks device_checks;
extern const struct checks guard_checks;
extern const struct checks exposure_checks;
extern const struct checks decapsulation_checks;
extern const struct checks peer_checks;
extern const struct checks policy_checks;

/*
 * Adds a finding of the check that runs now. `device` is a name or NULL; never fails, see
 * findings.failed. The finding returned is valid until the next one is added.
 */
struct finding *finding_add(struct findings *findings, enum severity severity, const char *device,
			    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Adds the command that mends it. */
void finding_mend(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Adds an error as a finding, its hint as the command. */
void finding_error(struct findings *findings, enum severity severity, const char *device,
		   const struct error *error);

#endif
