// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks of the guards that were attached: whether they are where they should be, and drop. */
#include "doctor/check.h"
#include "doctor/driver.h"

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

		if (guard->other_layout)
			finding_mend(finding_add(findings, SEVERITY_WARNING, name,
						 "a guard of another layout (%u), which goes on",
						 guard->other_layout),
				     "use the sipguard that made it; or sipguard detach %s && "
				     "sipguard attach %s; to pass everything: sipguard mode "
				     "monitor %s",
				     name, name, name);
		else if (guard->damage.message[0])
			finding_error(findings, SEVERITY_PROBLEM, name, &guard->damage);
		else if (guard->severed)
			finding_mend(finding_add(findings, SEVERITY_PROBLEM, name,
						 "its link was taken off the device, which is not "
						 "guarded"),
				     "sipguard attach %s", name);
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

/* What guards the device again, as it is now. */
static void mend_change(struct finding *finding, enum baseline_change change, const char *device)
{
	switch (change) {
	case CHANGE_SILENT:
		finding_mend(
			finding,
			"sipguard attach %s; if its counters stay as they are, sipguard detach "
			"%s && sipguard attach --mode generic %s",
			device, device, device);
		break;
	case CHANGE_PORTS:
		finding_mend(finding, "guard that one too; or to leave it: sipguard attach %s",
			     device);
		break;
	case CHANGE_PROGRAM:
	case CHANGE_KIND:
		finding_mend(finding, "sipguard detach %s && sipguard attach %s", device, device);
		break;
	default:
		finding_mend(finding, "sipguard attach %s", device);
	}
}

static void check_changes(const struct facts *facts, struct findings *findings)
{
	for (size_t i = 0; i < facts->guard_count; i++) {
		const struct guard_facts *guard = &facts->guards[i];
		const struct baseline_changes *changes = &guard->changes;

		if (!*guard->present)
			continue;
		for (int change = 0; change < CHANGE_COUNT; change++) {
			if (!changes->what[change][0])
				continue;
			mend_change(finding_add(findings,
						changes->opens[change] ? SEVERITY_PROBLEM
								       : SEVERITY_WARNING,
						guard->present, "%s", changes->what[change]),
				    change, guard->present);
		}
		if (!changes->known)
			finding_mend(finding_add(findings, SEVERITY_NOTE, guard->present,
						 "what it was when it was guarded is not known"),
				     "sipguard attach %s", guard->present);
		else if (!baseline_changed(changes))
			finding_add(findings, SEVERITY_OK, guard->present,
				    "as it was when it was guarded");
	}
}

/* A guard that an older version put where it never sees a packet. */
static void check_kind(const struct facts *facts, struct findings *findings)
{
	for (size_t i = 0; i < facts->guard_count; i++) {
		const struct device_facts *device = facts_device(facts, facts->guards[i].present);
		struct kind_verdict verdict;

		if (!device)
			continue;
		verdict = device_kind_judge(&device->traits);
		if (!verdict.guardable)
			finding_mend(finding_add(findings, SEVERITY_PROBLEM, device->name,
						 "its guard sees nothing: the device %s",
						 verdict.why),
				     "sipguard detach %s; then %s", device->name, verdict.hint);
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

		if (!*guard->present)
			continue;
		if (guard->starts_at_boot)
			finding_add(findings, SEVERITY_OK, guard->present,
				    "guarded again after a reboot");
		else if (guard->remembered)
			finding_mend(finding_add(findings, SEVERITY_WARNING, guard->present,
						 "nothing guards it after the next boot"),
				     "systemctl enable sipguard.service");
		else
			finding_mend(finding_add(findings, SEVERITY_NOTE, guard->present,
						 "guarded for the time being: a reboot does not "
						 "bring it back"),
				     "sipguard attach %s", guard->present);
	}
}

static const struct check checks[] = {
	{"guards", "without a guard everything passes", check_any},
	{"guard", "a guard goes with its device", check_lost},
	{"changed", "a driver may leave what is new without the program, and says nothing",
	 check_changes},
	{"kind", "some devices get their packets behind the place where guards are", check_kind},
	{"mode", "in monitor mode everything passes", check_mode},
	{"attach-mode",
	 "generic mode comes after the driver has made a packet of it, and is slower",
	 check_generic},
	{"boot", "guards live in the kernel, and end with it", check_boot},
};

const struct checks guard_checks = {checks, sizeof(checks) / sizeof(checks[0])};
