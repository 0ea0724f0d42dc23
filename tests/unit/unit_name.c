// SPDX-License-Identifier: GPL-2.0-or-later
#include "text/unit_name.h"

#include <criterion/criterion.h>

Test(unit_name, is_escaped_as_systemd_escape_does)
{
	static const char *const names[][2] = {
		{"eth0", "sipguard@eth0.service"},
		{"eth0.100", "sipguard@eth0.100.service"},
		{"br-lan", "sipguard@br\\x2dlan.service"},
		{".hidden", "sipguard@\\x2ehidden.service"},
		{"a@b", "sipguard@a\\x40b.service"},
		{"a/b", "sipguard@a-b.service"},
		{"\xff", "sipguard@\\xff.service"},
	};
	char name[UNIT_NAME_SIZE];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		unit_name_format(name, "sipguard", names[i][0]);
		cr_assert_str_eq(name, names[i][1]);
	}
}

Test(unit_name, stays_in_its_room)
{
	char long_name[200] = "", name[UNIT_NAME_SIZE];

	memset(long_name, '-', sizeof(long_name) - 1);
	unit_name_format(name, "sipguard", long_name);
	cr_assert_lt(strlen(name), sizeof(name));
}
