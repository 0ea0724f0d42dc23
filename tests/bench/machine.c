// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine.h"

#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cleanup.h"

struct machine machine_here(void)
{
	struct machine machine = {.processor = "unknown", .cores = sysconf(_SC_NPROCESSORS_ONLN)};
	cleanup_stream FILE *stream = fopen("/proc/cpuinfo", "re");
	struct utsname names;
	char line[256];

	while (stream && fgets(line, sizeof(line), stream))
		if (sscanf(line, "model name : %127[^\n]", machine.processor) == 1)
			break;
	if (!uname(&names))
		snprintf(machine.kernel, sizeof(machine.kernel), "%s", names.release);
	return machine;
}
