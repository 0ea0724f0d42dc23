// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cleanup.h"
#include "kernel/bpf_mount.h"
#include "kernel/inspect.h"
#include "kernel/pins.h"
#include "kernel/privilege.h"

#define CGROUP_ROOT "/sys/fs/cgroup"

static int64_t read_number(const char *path)
{
	cleanup_stream FILE *stream = fopen(path, "re");
	int64_t value;

	return stream && fscanf(stream, "%" SCNd64, &value) == 1 ? value : FACT_UNKNOWN;
}

static int read_setting(const char *path)
{
	int64_t value = read_number(path);

	return value >= 0 && value <= INT_MAX ? (int)value : FACT_UNKNOWN;
}

/* Each network namespace has its own; the connection tracker's is there when it is loaded. */
static void read_reassembly(struct reassembly_facts reassembly[static REASSEMBLY_COUNT])
{
	static const struct {
		const char *memory;
		const char *time;
	} paths[] = {
		[REASSEMBLY_IPV4] = {"/proc/sys/net/ipv4/ipfrag_high_thresh",
				     "/proc/sys/net/ipv4/ipfrag_time"},
		[REASSEMBLY_IPV6] = {"/proc/sys/net/ipv6/ip6frag_high_thresh",
				     "/proc/sys/net/ipv6/ip6frag_time"},
		[REASSEMBLY_TRACKER] = {"/proc/sys/net/netfilter/nf_conntrack_frag6_high_thresh",
					"/proc/sys/net/netfilter/nf_conntrack_frag6_timeout"},
	};

	for (int i = 0; i < REASSEMBLY_COUNT; i++)
		reassembly[i] = (struct reassembly_facts){read_number(paths[i].memory),
							  read_setting(paths[i].time)};
}

/* The limit of one memory cgroup; 0: none, or "max". */
static uint64_t limit_of(const char *group)
{
	char path[512];
	cleanup_stream FILE *stream = NULL;
	uint64_t limit;

	snprintf(path, sizeof(path), CGROUP_ROOT "%s/memory.max", group);
	stream = fopen(path, "re");
	return stream && fscanf(stream, "%" SCNu64, &limit) == 1 ? limit : 0;
}

/* The least limit of this process's group and those above it (cgroup v2). */
static uint64_t least_limit(void)
{
	cleanup_stream FILE *stream = fopen("/proc/self/cgroup", "re");
	char group[256] = "", *slash;
	uint64_t least = 0;

	if (!stream || fscanf(stream, "0::%255s", group) != 1)
		return 0;
	while ((slash = strrchr(group, '/'))) {
		uint64_t limit = limit_of(group);

		if (limit && (!least || limit < least))
			least = limit;
		*slash = '\0';
	}
	return least;
}

static bool is_synchronised(void)
{
	struct timex clock = {};

	return adjtimex(&clock) != TIME_ERROR && !(clock.status & STA_UNSYNC);
}

void inspect_machine(struct machine_facts *machine)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct utsname name;

	*machine = (struct machine_facts){
		.jit = read_setting("/proc/sys/net/core/bpf_jit_enable"),
		.unprivileged_bpf = read_setting("/proc/sys/kernel/unprivileged_bpf_disabled"),
		.bpf_file_system = pin_file_system_found(),
		.pin_root = pin_root(),
		.processors = processors > 0 ? (unsigned int)processors : 1,
		.memory_limit = least_limit(),
		.clock_synchronised = is_synchronised(),
		/* As sd_booted(3) finds out. */
		.systemd = !access("/run/systemd/system", F_OK),
	};
	read_reassembly(machine->reassembly);
	_Static_assert(sizeof(machine->mount_advice) >= BPF_MOUNT_ADVICE_SIZE, "room for advice");
	bpf_mount_advice(machine->mount_advice);
	privilege_missing(machine->capabilities, sizeof(machine->capabilities));
	if (uname(&name))
		return;
	snprintf(machine->kernel_release, sizeof(machine->kernel_release), "%s", name.release);
	sscanf(name.release, "%u.%u", &machine->kernel_major, &machine->kernel_minor);
}
