// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks of the policy: in the kernel, in the tool's files, and what it will do to callers. */
#include "doctor/check.h"
#include "policy/when.h"

static void check_pins(const struct facts *facts, struct findings *findings)
{
	const struct policy_facts *policy = &facts->policy;

	if (policy->other_layout)
		finding_mend(
			finding_add(findings, SEVERITY_WARNING, NULL,
				    "a policy of another layout (%u), which goes on",
				    policy->other_layout),
			"use the sipguard that made it; or sipguard detach --all "
			"--runtime && sipguard restore; to pass everything: sipguard mode monitor");
	else if (policy->damage.message[0])
		finding_error(findings, SEVERITY_PROBLEM, NULL, &policy->damage);
	else if (policy->loaded)
		finding_add(findings, SEVERITY_OK, NULL, "the policy is in the kernel");
}

static void check_state(const struct facts *facts, struct findings *findings)
{
	const struct policy_facts *policy = &facts->policy;

	if (policy->state_damage.message[0])
		finding_error(findings, SEVERITY_PROBLEM, NULL, &policy->state_damage);
	else if (policy->state_seen)
		finding_add(findings, SEVERITY_OK, NULL, "whole");
}

static void check_declared(const struct facts *facts, struct findings *findings)
{
	const struct policy_facts *policy = &facts->policy;

	if (policy->declared_damage.message[0])
		finding_error(findings, SEVERITY_PROBLEM, NULL, &policy->declared_damage);
	else if (policy->not_applied)
		finding_mend(finding_add(findings, SEVERITY_NOTE, NULL,
					 "%zu %s not as applied last", policy->not_applied,
					 policy->not_applied == 1 ? "entry is" : "entries are"),
			     "sipguard diff, then sipguard apply");
	else if (policy->declared)
		finding_add(findings, SEVERITY_OK, NULL, "%zu entries in %zu lists",
			    policy->declared_entries, policy->declared_lists);
}

/* The list, or the mode of any guard. */
static void check_confirmation(const struct facts *facts, struct findings *findings)
{
	int64_t first = facts->policy.waits;
	char left[WHEN_TEXT_SIZE];

	for (size_t i = 0; i < facts->guard_count; i++) {
		int64_t waits = facts->guards[i].waits;

		if (waits && (!first || waits < first))
			first = waits;
	}
	if (!first)
		return;
	duration_format(first, left);
	finding_mend(finding_add(findings, SEVERITY_WARNING, NULL,
				 "what was changed last ends in %s, unless it is confirmed", left),
		     "sipguard confirm");
}

static bool any_enforces(const struct facts *facts)
{
	for (size_t i = 0; i < facts->guard_count; i++) {
		const struct guard_facts *guard = &facts->guards[i];

		if (*guard->present && !guard->monitoring)
			return true;
	}
	return false;
}

static void check_allowed(const struct facts *facts, struct findings *findings)
{
	const struct policy_facts *policy = &facts->policy;

	if (!policy->seen)
		return;
	if (policy->allows_any)
		finding_add(findings, SEVERITY_OK, NULL, "%zu IPv4 and %zu IPv6 entries",
			    policy->entries4, policy->entries6);
	else if (any_enforces(facts))
		finding_mend(finding_add(findings, SEVERITY_PROBLEM, NULL,
					 "nobody is allowed, and the guards enforce it"),
			     "sipguard allow PREFIX... label TEXT");
	else
		finding_mend(finding_add(findings, SEVERITY_NOTE, NULL, "nobody is allowed yet"),
			     "sipguard allow PREFIX... label TEXT");
}

static void check_room(const struct facts *facts, struct findings *findings)
{
	const struct policy_facts *policy = &facts->policy;
	size_t most = policy->entries4 > policy->entries6 ? policy->entries4 : policy->entries6;

	if (policy->seen && most >= policy->capacity_max - policy->capacity_max / 10)
		finding_mend(finding_add(findings, SEVERITY_WARNING, NULL,
					 "%zu entries of at most %zu of a family", most,
					 policy->capacity_max),
			     "merge neighbours into prefixes; sipguard list --unused 30d names "
			     "what nobody needs");
}

static void check_ending(const struct facts *facts, struct findings *findings)
{
	const struct policy_facts *policy = &facts->policy;
	char text[PREFIX_TEXT_SIZE];

	if (!policy->ending)
		return;
	prefix_format(&policy->next_end, text);
	finding_mend(finding_add(findings, SEVERITY_NOTE, NULL, "%zu %s within a day, %s first",
				 policy->ending,
				 policy->ending == 1 ? "entry expires" : "entries expire", text),
		     "sipguard list --sort expiry");
}

static void check_unused(const struct facts *facts, struct findings *findings)
{
	const struct policy_facts *policy = &facts->policy;

	if (policy->loaded && policy->unused)
		finding_mend(finding_add(findings, SEVERITY_NOTE, NULL, "%zu %s never matched",
					 policy->unused,
					 policy->unused == 1 ? "entry has" : "entries have"),
			     "sipguard list --unused 30d");
}

static const struct check checks[] = {
	{"pins", "a pin of another version is refused, never misread", check_pins},
	{"state-files", "the entries of the next boot come from them", check_state},
	{"declared-policy", "nothing of it takes effect while one line is wrong", check_declared},
	{"confirmation", "the former list or mode comes back by itself", check_confirmation},
	{"allowed", "who is not on the list cannot call", check_allowed},
	{"room", "a full list takes no more callers", check_room},
	{"expiring", "their callers are dropped from then on", check_ending},
	{"unused", "an entry that nobody uses is only of use to an attacker", check_unused},
};

const struct checks policy_checks = {checks, sizeof(checks) / sizeof(checks[0])};
