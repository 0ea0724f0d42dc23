// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/share.h"

#include <grp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "kernel/guard.h"
#include "kernel/pins.h"

#define DIRECTORY_MODE 0750
#define MAP_MODE       0640

/* In this order, so that nobody else's group is ever let in. */
static void share(const char *path, mode_t mode, gid_t group)
{
	if (!chown(path, (uid_t)-1, group))
		chmod(path, mode);
}

static void share_policy(gid_t group)
{
	char path[PIN_PATH_SIZE];

	pin_policy_path(path, NULL);
	share(path, DIRECTORY_MODE, group);
	pin_policy_path(path, "settings");
	share(path, MAP_MODE, group);
}

static void share_device(const char *device, gid_t group)
{
	static const char *const maps[] = {"device", "counters", "samples_lost"};
	char path[PIN_PATH_SIZE];

	pin_device_path(path, device, NULL);
	share(path, DIRECTORY_MODE, group);
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		pin_device_path(path, device, maps[i]);
		share(path, MAP_MODE, group);
	}
}

void pins_share(void)
{
	const struct group *group = getgrnam("sipguard");
	cleanup_free char(*devices)[IF_NAMESIZE] = NULL;
	char path[PIN_PATH_SIZE];
	struct error ignored;
	size_t count = 0;

	if (!group)
		return;
	share(pin_root(), DIRECTORY_MODE, group->gr_gid);
	pin_device_path(path, NULL, NULL);
	share(path, DIRECTORY_MODE, group->gr_gid);
	share_policy(group->gr_gid);
	guard_names(&devices, &count, &ignored);
	for (size_t i = 0; i < count; i++)
		share_device(devices[i], group->gr_gid);
}
