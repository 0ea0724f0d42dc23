// SPDX-License-Identifier: GPL-2.0-or-later
#include <glob.h>
#include <stdio.h>

#include "kernel/inspect.h"
#include "text/unit_name.h"

/*
 * The administrator's links, as `systemctl enable` makes them. Matched as a name, not a pattern: of
 * what glob(7) takes for special, an escaped unit name has the backslash alone, and GLOB_NOESCAPE
 * leaves that as it is.
 */
static bool is_enabled(const char *unit)
{
	char pattern[UNIT_NAME_SIZE + 40];
	glob_t found = {};
	bool enabled;

	snprintf(pattern, sizeof(pattern), "/etc/systemd/system/*.wants/%s", unit);
	enabled = !glob(pattern, GLOB_NOESCAPE | GLOB_NOSORT, NULL, &found);
	globfree(&found);
	return enabled;
}

bool inspect_boot(const char *device, bool remembered)
{
	char unit[UNIT_NAME_SIZE];

	unit_name_format(unit, "sipguard", device);
	return (remembered && is_enabled("sipguard.service")) || is_enabled(unit);
}
