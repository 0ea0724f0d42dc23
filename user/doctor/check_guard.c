// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks of the guards that were attached: whether they are where they should be, and drop. */
#include "doctor/check.h"
#include "doctor/driver.h"
#include "text/unit_name.h"

static void check_any(const struct facts *facts, struct findings *findings)
{
	if (!facts->guards_seen)
		return;
	if (facts->guard_count)
		finding_add(findings, SEVERITY_OK, NULL, "%zu %s", facts->guard_count,
			    facts->guard_count == 1 ? "guard" : "guards");
	else
		finding_mend(finding_add(findings, SEVERITY_WARNING, NULL, "no device is guarded"),
			     "sipguard attach DEV");
}

static void check_lost(const struct facts *facts, struct findings *findings)
{
	for (size_t i = 0; i < facts->guard_count; i++) {
		const struct guard_facts *guard = &facts->guards[i];
		const char *name = guard->device;

		if (guard->damage.message[0])
			finding_error(findings, SEVERITY_PROBLEM, name, &guard->damage);
		else if (guard->gone && facts_device(facts, name))
			finding_mend(finding_add(findings, SEVERITY_PROBLEM, name,
						 "the device was deleted, and the one of its "
						 "name now is not guarded"),
				     "sipguard attach %s", name);
		else if (guard->gone)
			finding_mend(finding_add(findings, SEVERITY_PROBLEM, name,
						 "the device was deleted"),
				     "sipguard detach %s", name);
		else if (guard->elsewhere)
			finding_mend(finding_add(findings, SEVERITY_NOTE, name,
						 "the device went to another network namespace, "
						 "and is guarded there"),
				     "to give it up: sipguard detach %s", name);
		else
			finding_add(findings, SEVERITY_OK, guard->present, "guarded");
	}
}

static void check_mode(const struct facts *facts, struct findings *findings)
{
	for (size_t i = 0; i < facts->guard_count; i++) {
		const struct guard_facts *guard = &facts->guards[i];

		if (!*guard->present)
			continue;
		if (guard->monitoring)
			finding_mend(finding_add(findings, SEVERITY_WARNING, guard->present,
						 "it only counts what it would drop"),
				     "sipguard mode enforce");
		else
			finding_add(findings, SEVERITY_OK, guard->present, "enforce");
	}
}

static void check_generic(const struct facts *facts, struct findings *findings)
{
	for (size_t i = 0; i < facts->guard_count; i++) {
		const struct guard_facts *guard = &facts->guards[i];
		const struct device_facts *device = facts_device(facts, guard->present);

		if (!device)
			continue;
		if (!guard->generic)
			finding_add(findings, SEVERITY_OK, device->name, "native");
		else if (driver_is_native(device))
			finding_mend(finding_add(findings, SEVERITY_WARNING, device->name,
						 "generic, though its driver has native XDP"),
				     "sipguard detach %s && sipguard attach %s", device->name,
				     device->name);
		else
			finding_add(findings, SEVERITY_NOTE, device->name,
				    "generic: the driver has no native XDP");
	}
}

static void check_boot(const struct facts *facts, struct findings *findings)
{
	for (size_t i = 0; facts->machine.systemd && i < facts->guard_count; i++) {
		const struct guard_facts *guard = &facts->guards[i];
		char unit[UNIT_NAME_SIZE];

		if (!*guard->present)
			continue;
		unit_name_format(unit, "sipguard", guard->present);
		if (guard->starts_at_boot)
			finding_add(findings, SEVERITY_OK, guard->present, "%s is enabled", unit);
		else
			finding_mend(finding_add(findings, SEVERITY_WARNING, guard->present,
						 "nothing guards it after the next boot"),
				     "systemctl enable '%s'", unit);
	}
}

static const struct check checks[] = {
	{"guards", "without a guard everything passes", check_any},
	{"guard", "a guard goes with its device", check_lost},
	{"mode", "in monitor mode everything passes", check_mode},
	{"attach-mode",
	 "generic mode comes after the driver has made a packet of it, and is slower",
	 check_generic},
	{"boot", "guards live in the kernel, and end with it", check_boot},
};

const struct checks guard_checks = {checks, sizeof(checks) / sizeof(checks[0])};
