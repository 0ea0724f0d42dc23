// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/boot.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"

#define WORD "sipguard=off"

bool boot_is_off(void)
{
	cleanup_stream FILE *stream = fopen("/proc/cmdline", "re");
	char line[4096] = "", *rest = line, *word;

	if (!stream || !fgets(line, sizeof(line), stream))
		return false;
	while ((word = strsep(&rest, " \n"))) {
		if (!strcmp(word, WORD))
			return true;
	}
	return false;
}

/* udev looks after the devices of its own network namespace alone, which is that of init. */
static bool is_namespace_of_init(void)
{
	struct stat own, init;

	return !stat("/proc/self/ns/net", &own) && !stat("/proc/1/ns/net", &init) &&
	       own.st_ino == init.st_ino && own.st_dev == init.st_dev;
}

/* As sd_device_get_is_initialized(): the device has a file in the database, systemd 252. */
bool device_is_settled(const struct device *device)
{
	char path[64];

	if (access("/run/udev/control", F_OK) || !is_namespace_of_init())
		return true;
	snprintf(path, sizeof(path), "/run/udev/data/n%d", device->index);
	return !access(path, F_OK);
}
