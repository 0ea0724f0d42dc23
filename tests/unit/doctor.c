// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks of the machine, the policy and the guards. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sipguard/abi.h"
#include "unit/doctor_facts.h"

Test(doctor, a_healthy_machine_has_nothing_to_mend)
{
	struct facts facts = served();
	struct findings findings = examine(&facts);

	cr_assert_gt(findings.count, 10);
	for (size_t i = 0; i < findings.count; i++) {
		const struct finding *finding = &findings.findings[i];

		cr_assert_eq(finding->severity, SEVERITY_OK, "%s: %s", finding->check,
			     finding->what);
		cr_assert_eq(finding->mend[0], '\0');
		cr_assert_gt(strlen(finding->why), 10);
	}
	findings_clear(&findings);
	facts_clear(&facts);
}

/* Each takes one thing from the healthy machine. */
static void old_kernel(struct facts *facts)
{
	facts->machine.kernel_major = 5;
	facts->machine.kernel_minor = 19;
}

static void no_jit(struct facts *facts)
{
	facts->machine.jit = 0;
}

static void hidden_jit(struct facts *facts)
{
	facts->machine.jit = FACT_UNKNOWN;
}

static void bpf_for_all(struct facts *facts)
{
	facts->machine.unprivileged_bpf = 0;
}

static void no_bpf_file_system(struct facts *facts)
{
	facts->machine.bpf_file_system = false;
}

static void no_capability(struct facts *facts)
{
	strcpy(facts->machine.capabilities, "CAP_PERFMON");
}

static void little_memory(struct facts *facts)
{
	facts->machine.memory_limit = 16 << 20;
}

static void clock_adrift(struct facts *facts)
{
	facts->machine.clock_synchronised = false;
	facts->policy.temporary = 2;
}

static void little_room_for_fragments(struct facts *facts)
{
	facts->machine.reassembly[REASSEMBLY_IPV4] = (struct reassembly_facts){4 << 20, 30};
}

static void little_room_for_fragments_of_ipv6(struct facts *facts)
{
	facts->machine.reassembly[REASSEMBLY_IPV6] = (struct reassembly_facts){64 << 20, 60};
}

static void no_room_for_fragments(struct facts *facts)
{
	facts->machine.reassembly[REASSEMBLY_TRACKER] = (struct reassembly_facts){0, 0};
}

static void provider_not_allowed(struct facts *facts)
{
	add_peer(facts, "198.51.100.7", true);
	add_peer(facts, "203.0.113.7", false);
}

static void flows_unseen(struct facts *facts)
{
	facts->peers_seen = false;
}

static void listeners_unseen(struct facts *facts)
{
	struct error error;

	error_set(&error, EXIT_SYSTEM, EIO, "no answer");
	facts_unseen(facts, "listeners", &error);
}

static void other_version(struct facts *facts)
{
	error_set(&facts->policy.damage, EXIT_SYSTEM, EPROTO, "another version");
	error_hint(&facts->policy.damage, "sipguard detach --all");
	facts->policy.seen = false;
}

static void other_layout_of_the_policy(struct facts *facts)
{
	other_version(facts);
	facts->policy.other_layout = 99;
}

static void damaged_state(struct facts *facts)
{
	error_set(&facts->policy.state_damage, EXIT_SYSTEM, EBADMSG, "damaged");
	error_hint(&facts->policy.state_damage, "restore it");
}

static void bad_configuration(struct facts *facts)
{
	error_set(&facts->policy.declared_damage, EXIT_USAGE, EINVAL, "sipguard.conf:2:8: x");
	error_hint(&facts->policy.declared_damage, "mend the line");
}

static void files_not_applied(struct facts *facts)
{
	facts->policy.not_applied = 1;
}

static void list_waits(struct facts *facts)
{
	facts->policy.waits = 90;
}

static void mode_waits(struct facts *facts)
{
	facts->guards[0].waits = 7;
}

static void nobody_allowed(struct facts *facts)
{
	facts->policy.allows_any = false;
}

static void nobody_allowed_yet(struct facts *facts)
{
	facts->policy.allows_any = false;
	facts->guards[0].monitoring = true;
}

static void full_list(struct facts *facts)
{
	facts->policy.entries6 = 900;
}

static void entry_ends(struct facts *facts)
{
	struct error error;

	facts->policy.ending = 1;
	prefix_parse("203.0.113.7", &facts->policy.next_end, &error);
}

static void entries_unused(struct facts *facts)
{
	facts->policy.unused = 2;
}

static void no_guard(struct facts *facts)
{
	facts->guard_count = 0;
}

static void lost_pins(struct facts *facts)
{
	facts->guards[0].present[0] = '\0';
	error_set(&facts->guards[0].damage, EXIT_SYSTEM, EPROTO, "lost");
	error_hint(&facts->guards[0].damage, "sipguard detach eth0, then attach");
}

static void other_layout_of_a_guard(struct facts *facts)
{
	lost_pins(facts);
	facts->guards[0].other_layout = 99;
}

static void gone(struct facts *facts)
{
	facts->guards[0].present[0] = '\0';
	facts->guards[0].gone = true;
}

static void gone_for_good(struct facts *facts)
{
	gone(facts);
	strcpy(facts->devices[0].name, "eth9");
}

static void elsewhere(struct facts *facts)
{
	facts->guards[0].present[0] = '\0';
	facts->guards[0].elsewhere = true;
}

static void severed(struct facts *facts)
{
	gone(facts);
	facts->guards[0].severed = true;
}

static void change(struct facts *facts, enum baseline_change change, bool opens)
{
	strcpy(facts->guards[0].changes.what[change], "it is different");
	facts->guards[0].changes.opens[change] = opens;
}

static void more_channels(struct facts *facts)
{
	change(facts, CHANGE_CHANNELS, true);
}

static void another_mtu(struct facts *facts)
{
	change(facts, CHANGE_MTU, false);
}

static void silent_counters(struct facts *facts)
{
	change(facts, CHANGE_SILENT, true);
}

static void another_port(struct facts *facts)
{
	change(facts, CHANGE_PORTS, true);
}

static void guarded_by_an_older_version(struct facts *facts)
{
	facts->guards[0].changes.known = false;
}

static void guard_on_a_vrf(struct facts *facts)
{
	strcpy(facts->devices[0].traits.kind, "vrf");
}

static void monitoring(struct facts *facts)
{
	facts->guards[0].monitoring = true;
}

static void generic(struct facts *facts)
{
	facts->guards[0].generic = true;
}

static void generic_of_necessity(struct facts *facts)
{
	facts->guards[0].generic = true;
	facts->devices[0].features = 0;
}

static void not_at_boot(struct facts *facts)
{
	facts->guards[0].starts_at_boot = false;
}

static void not_remembered(struct facts *facts)
{
	not_at_boot(facts);
	facts->guards[0].remembered = false;
}

static const struct ill ills[] = {
	{old_kernel, "kernel-version", "", SEVERITY_PROBLEM, "6.1"},
	{no_jit, "bpf-jit", "", SEVERITY_WARNING, "sysctl -w net.core.bpf_jit_enable=1"},
	{hidden_jit, "bpf-jit", "", SEVERITY_NOTE, ""},
	{bpf_for_all, "unprivileged-bpf", "", SEVERITY_NOTE, "unprivileged_bpf_disabled=2"},
	{no_bpf_file_system, "bpf-file-system", "", SEVERITY_PROBLEM, "mount -t bpf"},
	{no_capability, "capabilities", "", SEVERITY_NOTE, "CAP_PERFMON"},
	{little_memory, "memory", "", SEVERITY_WARNING, "MemoryMax=infinity"},
	{clock_adrift, "clock", "", SEVERITY_NOTE, "set-ntp"},
	{little_room_for_fragments, "fragments", "", SEVERITY_NOTE,
	 "net.ipv4.ipfrag_high_thresh=67108864 net.ipv4.ipfrag_time=2"},
	{little_room_for_fragments_of_ipv6, "fragments", "", SEVERITY_NOTE,
	 "net.ipv6.ip6frag_high_thresh=67108864 net.ipv6.ip6frag_time=2"},
	{no_room_for_fragments, "fragments", "", SEVERITY_NOTE,
	 "net.netfilter.nf_conntrack_frag6_high_thresh=67108864"},
	{provider_not_allowed, "outgoing", "", SEVERITY_WARNING, "sipguard allow 203.0.113.7"},
	{flows_unseen, "outgoing", "", SEVERITY_NOTE, "sipguard learn"},
	{listeners_unseen, "unseen", "", SEVERITY_NOTE, ""},
	{other_version, "pins", "", SEVERITY_PROBLEM, "sipguard detach --all"},
	{other_layout_of_the_policy, "pins", "", SEVERITY_WARNING, "sipguard mode monitor"},
	{damaged_state, "state-files", "", SEVERITY_PROBLEM, "restore it"},
	{bad_configuration, "declared-policy", "", SEVERITY_PROBLEM, "mend the line"},
	{files_not_applied, "declared-policy", "", SEVERITY_NOTE, "sipguard apply"},
	{list_waits, "confirmation", "", SEVERITY_WARNING, "sipguard confirm"},
	{mode_waits, "confirmation", "", SEVERITY_WARNING, "sipguard confirm"},
	{nobody_allowed, "allowed", "", SEVERITY_PROBLEM, "sipguard allow"},
	{nobody_allowed_yet, "allowed", "", SEVERITY_NOTE, "sipguard allow"},
	{full_list, "room", "", SEVERITY_WARNING, "--unused"},
	{entry_ends, "expiring", "", SEVERITY_NOTE, "--sort expiry"},
	{entries_unused, "unused", "", SEVERITY_NOTE, "--unused"},
	{no_guard, "guards", "", SEVERITY_WARNING, "sipguard attach"},
	{lost_pins, "guard", "eth0", SEVERITY_PROBLEM, "sipguard detach eth0, then attach"},
	{other_layout_of_a_guard, "guard", "eth0", SEVERITY_WARNING, "sipguard mode monitor eth0"},
	{gone, "guard", "eth0", SEVERITY_PROBLEM, "sipguard attach eth0"},
	{gone_for_good, "guard", "eth0", SEVERITY_PROBLEM, "sipguard detach eth0"},
	{elsewhere, "guard", "eth0", SEVERITY_NOTE, "sipguard detach eth0"},
	{severed, "guard", "eth0", SEVERITY_PROBLEM, "sipguard attach eth0"},
	{more_channels, "changed", "eth0", SEVERITY_PROBLEM, "sipguard attach eth0"},
	{another_mtu, "changed", "eth0", SEVERITY_WARNING, "sipguard attach eth0"},
	{silent_counters, "changed", "eth0", SEVERITY_PROBLEM, "--mode generic eth0"},
	{another_port, "changed", "eth0", SEVERITY_PROBLEM, "guard that one too"},
	{guarded_by_an_older_version, "changed", "eth0", SEVERITY_NOTE, "sipguard attach eth0"},
	{guard_on_a_vrf, "kind", "eth0", SEVERITY_PROBLEM, "sipguard detach eth0"},
	{monitoring, "mode", "eth0", SEVERITY_WARNING, "sipguard mode enforce"},
	{generic, "attach-mode", "eth0", SEVERITY_WARNING, "sipguard detach eth0 &&"},
	{generic_of_necessity, "attach-mode", "eth0", SEVERITY_NOTE, ""},
	{not_at_boot, "boot", "eth0", SEVERITY_WARNING, "systemctl enable sipguard.service"},
	{not_remembered, "boot", "eth0", SEVERITY_NOTE, "sipguard attach eth0"},
};

Test(doctor, each_ill_is_found_and_has_its_remedy)
{
	each_is_found(ills, sizeof(ills) / sizeof(ills[0]));
}

static void guard_seen_by_nobody(struct facts *facts)
{
	facts->guards_seen = false;
	facts->guard_count = 0;
	facts->devices[0].program_id = 5;
}

static void no_systemd(struct facts *facts)
{
	facts->machine.systemd = false;
	facts->guards[0].starts_at_boot = false;
}

static void provider_allowed(struct facts *facts)
{
	add_peer(facts, "198.51.100.7", true);
}

static void (*const harmless[])(struct facts *facts) = {provider_allowed, guard_seen_by_nobody,
							no_systemd};

Test(doctor, what_is_in_order_is_not_complained_of)
{
	none_is_complained_of(harmless, sizeof(harmless) / sizeof(harmless[0]));
}

Test(doctor, findings_of_one_device_can_be_kept)
{
	struct facts facts = served();
	struct findings findings;

	unguarded(&facts, "eth1", "");
	findings = examine(&facts);
	findings_keep_device(&findings, "eth1");
	cr_assert_not_null(find(&findings, "unguarded", "eth1"));
	cr_assert_not_null(find(&findings, "kernel-version", ""));
	cr_assert_null(find(&findings, "guard", "eth0"));
	findings_clear(&findings);
	facts_clear(&facts);
}
