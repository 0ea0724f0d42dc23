// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks of the machine: whether guards can be attached here, and will do their work. */
#include <inttypes.h>

#include "doctor/check.h"

#define KERNEL_MAJOR 6
#define KERNEL_MINOR 1

/* What the maps of an empty policy take, with the counters of a few devices. */
#define MEMORY_FLOOR (32ULL << 20)

static void check_kernel(const struct facts *facts, struct findings *findings)
{
	const struct machine_facts *machine = &facts->machine;
	bool old = machine->kernel_major < KERNEL_MAJOR ||
		   (machine->kernel_major == KERNEL_MAJOR && machine->kernel_minor < KERNEL_MINOR);

	if (!old) {
		finding_add(findings, SEVERITY_OK, NULL, "Linux %s", machine->kernel_release);
		return;
	}
	finding_mend(finding_add(findings, SEVERITY_PROBLEM, NULL, "Linux %s is older than %d.%d",
				 machine->kernel_release, KERNEL_MAJOR, KERNEL_MINOR),
		     "boot a kernel of version %d.%d or later", KERNEL_MAJOR, KERNEL_MINOR);
}

static void check_jit(const struct facts *facts, struct findings *findings)
{
	if (facts->machine.jit > 0)
		finding_add(findings, SEVERITY_OK, NULL, "BPF programs are compiled");
	else if (facts->machine.jit == 0)
		finding_mend(finding_add(findings, SEVERITY_WARNING, NULL,
					 "BPF programs are interpreted"),
			     "sysctl -w net.core.bpf_jit_enable=1");
	else
		finding_add(findings, SEVERITY_NOTE, NULL,
			    "net.core.bpf_jit_enable cannot be seen in this network namespace");
}

static void check_unprivileged_bpf(const struct facts *facts, struct findings *findings)
{
	if (facts->machine.unprivileged_bpf == 0)
		finding_mend(finding_add(findings, SEVERITY_NOTE, NULL,
					 "every user may load BPF programs"),
			     "sysctl -w kernel.unprivileged_bpf_disabled=2");
	else if (facts->machine.unprivileged_bpf > 0)
		finding_add(findings, SEVERITY_OK, NULL, "BPF takes a capability");
}

static void check_file_system(const struct facts *facts, struct findings *findings)
{
	if (facts->machine.bpf_file_system)
		finding_add(findings, SEVERITY_OK, NULL, "there is a BPF file system at %s",
			    facts->machine.pin_root);
	else
		finding_mend(finding_add(findings, SEVERITY_PROBLEM, NULL,
					 "there is no BPF file system at %s",
					 facts->machine.pin_root),
			     "%s", facts->machine.mount_advice);
}

static void check_capabilities(const struct facts *facts, struct findings *findings)
{
	if (!facts->machine.capabilities[0])
		finding_add(findings, SEVERITY_OK, NULL, "all are there");
	else
		finding_mend(finding_add(findings, SEVERITY_NOTE, NULL, "this process lacks %s",
					 facts->machine.capabilities),
			     "run it as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON");
}

static void check_memory(const struct facts *facts, struct findings *findings)
{
	uint64_t needed = facts->policy.memory + MEMORY_FLOOR, limit = facts->machine.memory_limit;

	if (!limit || limit >= needed)
		finding_add(findings, SEVERITY_OK, NULL, "%s",
			    limit ? "the control group leaves room" : "no control group limits it");
	else
		finding_mend(
			finding_add(findings, SEVERITY_WARNING, NULL,
				    "the control group of this process is limited to "
				    "%" PRIu64 " MiB",
				    limit >> 20),
			"systemd-run --pipe --wait --property=MemoryMax=infinity sipguard ...");
}

/*
 * What a fragment of 1,400 bytes takes in the least case, with the kernel's own share; drivers that
 * give each frame a page take more. 5,000 of them a second are some 60 Mbit/s of nothing else.
 */
#define FRAGMENT_MEMORY	  2304
#define FRAGMENTS_WANTED  5000
#define REASSEMBLY_MEMORY (64 << 20)
#define REASSEMBLY_TIME	  2

static void check_fragments(const struct facts *facts, struct findings *findings)
{
	static const struct {
		const char *name;
		const char *memory;
		const char *time;
	} settings[] = {
		[REASSEMBLY_IPV4] = {"IPv4", "net.ipv4.ipfrag_high_thresh", "net.ipv4.ipfrag_time"},
		[REASSEMBLY_IPV6] = {"IPv6", "net.ipv6.ip6frag_high_thresh",
				     "net.ipv6.ip6frag_time"},
		[REASSEMBLY_TRACKER] = {"IPv6 in the connection tracker",
					"net.netfilter.nf_conntrack_frag6_high_thresh",
					"net.netfilter.nf_conntrack_frag6_timeout"},
	};

	for (int i = 0; i < REASSEMBLY_COUNT; i++) {
		const struct reassembly_facts *room = &facts->machine.reassembly[i];
		int64_t rate;

		if (room->memory < 0 || room->time < 0)
			continue;
		rate = room->memory / FRAGMENT_MEMORY / (room->time ? room->time : 1);
		if (rate >= FRAGMENTS_WANTED) {
			finding_add(findings, SEVERITY_OK, NULL,
				    "%s: the memory holds %" PRId64 " fragments a second",
				    settings[i].name, rate);
			continue;
		}
		finding_mend(
			finding_add(findings, SEVERITY_NOTE, NULL,
				    "%s: %" PRId64 " fragments a second from strangers, which "
				    "no guard drops, fill the memory for reassembly, and large "
				    "messages over UDP are lost",
				    settings[i].name, rate),
			"sysctl -w %s=%d %s=%d", settings[i].memory, REASSEMBLY_MEMORY,
			settings[i].time, REASSEMBLY_TIME);
	}
}

static void check_clock(const struct facts *facts, struct findings *findings)
{
	if (facts->machine.clock_synchronised)
		finding_add(findings, SEVERITY_OK, NULL, "the clock is synchronised");
	else if (facts->policy.temporary)
		finding_mend(finding_add(findings, SEVERITY_NOTE, NULL,
					 "the clock is not synchronised, and %zu entries expire",
					 facts->policy.temporary),
			     "timedatectl set-ntp true");
}

static void check_unseen(const struct facts *facts, struct findings *findings)
{
	for (size_t i = 0; i < facts->unseen_count; i++)
		finding_mend(finding_add(findings, SEVERITY_NOTE, NULL, "%s: %s",
					 facts->unseen[i].what, facts->unseen[i].why),
			     "%s", facts->machine.capabilities[0] ? "run it as root" : "");
}

static const struct check checks[] = {
	{"kernel-version",
	 "the program needs bounded loops, multi-buffer XDP and pinned links as 6.1 has them",
	 check_kernel},
	{"bpf-jit", "an interpreted program costs each packet many times as much", check_jit},
	{"unprivileged-bpf", "sipguard does not need it, and attackers on the host like it",
	 check_unprivileged_bpf},
	{"bpf-file-system", "guards are pinned there, and so outlive the command",
	 check_file_system},
	{"capabilities", "without them nothing is attached, and less is seen", check_capabilities},
	{"memory", "a list is replaced beside the old one; without memory the old one stays",
	 check_memory},
	{"fragments", "only the first fragment has ports, so the others pass whoever sends them",
	 check_fragments},
	{"clock", "the end of an entry is read from the clock when it is loaded", check_clock},
	{"unseen", "what was not looked at may be anything", check_unseen},
};

const struct checks machine_checks = {checks, sizeof(checks) / sizeof(checks[0])};
