// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cleanup.h"
#include "kernel/inspect.h"
#include "kernel/pins.h"
#include "kernel/privilege.h"

#define CGROUP_ROOT "/sys/fs/cgroup"

static int read_setting(const char *path)
{
	cleanup_stream FILE *stream = fopen(path, "re");
	int value;

	return stream && fscanf(stream, "%d", &value) == 1 ? value : FACT_UNKNOWN;
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
	privilege_missing(machine->capabilities, sizeof(machine->capabilities));
	if (uname(&name))
		return;
	snprintf(machine->kernel_release, sizeof(machine->kernel_release), "%s", name.release);
	sscanf(name.release, "%u.%u", &machine->kernel_major, &machine->kernel_minor);
}
