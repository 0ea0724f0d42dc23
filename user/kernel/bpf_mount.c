// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * `ip netns exec NAME` (iproute2, lib/namespace.c, netns_switch()) makes a mount namespace, takes
 * /sys away with all that is mounted below it, and mounts a sysfs there whose source is NAME. What
 * is mounted inside goes when the last process of it ends, and pins with it.
 */
#include "kernel/bpf_mount.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"

/*
 * The source of the sysfs at /sys, from a line of /proc/self/mountinfo (proc(5)): the mount point
 * is the fifth field, and behind " - " stand the type and the source.
 */
static bool read_source(const char *line, char source[static NAME_MAX + 1])
{
	const char *rest = strstr(line, " - sysfs ");
	char place[8];

	_Static_assert(NAME_MAX == 255, "the width of a name in the format");
	return rest && sscanf(line, "%*s %*s %*s %*s %7s", place) == 1 && !strcmp(place, "/sys") &&
	       sscanf(rest, " - sysfs %255s", source) == 1;
}

bool bpf_mount_is_of_netns(char name[static NAME_MAX + 1])
{
	cleanup_stream FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char path[sizeof("/run/netns/") + NAME_MAX], source[NAME_MAX + 1] = "";
	cleanup_free char *line = NULL;
	size_t size = 0;

	/* The last one lies above the others. */
	while (mounts && getline(&line, &size, mounts) > 0)
		read_source(line, source);
	if (!*source || *source == '.' || strchr(source, '/'))
		return false;
	snprintf(path, sizeof(path), "/run/netns/%s", source);
	if (access(path, F_OK))
		return false;
	strcpy(name, source);
	return true;
}

void bpf_mount_advice(char advice[static BPF_MOUNT_ADVICE_SIZE])
{
	char name[NAME_MAX + 1];

	if (bpf_mount_is_of_netns(name))
		snprintf(advice, BPF_MOUNT_ADVICE_SIZE,
			 "`ip netns exec` hides it, and what is mounted inside ends with the "
			 "command: nsenter --net=/run/netns/%s sipguard ...",
			 name);
	else
		snprintf(advice, BPF_MOUNT_ADVICE_SIZE, "mount -t bpf bpf /sys/fs/bpf");
}
