// SPDX-License-Identifier: GPL-2.0-or-later
#include "folders.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

char folders_root[64];

static void point(const char *variable, const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/%s", folders_root, name);
	setenv(variable, path, 1);
}

void folders_make(void)
{
	strcpy(folders_root, "/tmp/sipguard-unit-XXXXXX");
	cr_assert_not_null(mkdtemp(folders_root));
	point("SIPGUARD_CONFIG_DIR", "etc");
	point("SIPGUARD_STATE_DIR", "state");
	point("SIPGUARD_RUN_DIR", "run");
	cr_assert_eq(mkdir(getenv("SIPGUARD_CONFIG_DIR"), 0755), 0);
}

void folders_remove(void)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -r %s", folders_root);
	cr_assert_eq(system(command), 0);
}
