// SPDX-License-Identifier: GPL-2.0-or-later
#include "exporter/host.h"

#include <criterion/criterion.h>

static const char *const names[] = {"pbx.example.com", "PBX"};

static bool is_served(const char *host)
{
	return host_is_served(host, names, sizeof(names) / sizeof(names[0]));
}

Test(host, addresses_localhost_and_expected_names_are_served)
{
	static const char *const hosts[] = {
		"127.0.0.1",
		"127.0.0.1:10506",
		"192.0.2.7:80",
		"[::1]",
		"[::1]:10506",
		"[2001:db8::7]:10506",
		"localhost",
		"localhost:10506",
		"LOCALHOST.",
		"localhost.:10506",
		"pbx.example.com:10506",
		"PBX.example.COM",
		"pbx.example.com.",
		"pbx",
	};

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		cr_assert(is_served(hosts[i]), "%s", hosts[i]);
	cr_assert(is_served(NULL));
}

Test(host, nobody_else_is)
{
	static const char *const hosts[] = {
		"",
		":",
		":10506",
		".",
		"attacker.example",
		"attacker.example:10506",
		"localhost.attacker.example",
		"127.0.0.1.attacker.example",
		"pbx.example.com.attacker.example",
		"xpbx",
		"pb",
		"localhost..",
		"localhost:10506x",
		"localhost:10506:1",
		"localhost/",
		"localhost attacker.example",
		"localhost, attacker.example",
		"user@localhost",
		"::1",
		"[::1",
		"[::1]x",
		"[::1]x:10506",
		"[127.0.0.1]",
		"[localhost]",
		"[pbx]",
		"[]",
		"127.1",
		"2130706433",
		"0x7f.0.0.1",
	};
	char long_name[600];

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		cr_assert_not(is_served(hosts[i]), "%s", hosts[i]);
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	cr_assert_not(is_served(long_name));
}

Test(host, names)
{
	cr_assert(host_is_name("pbx.example.com"));
	cr_assert(host_is_name("pbx-1"));
	cr_assert_not(host_is_name(""));
	cr_assert_not(host_is_name("pbx:10506"));
	cr_assert_not(host_is_name("http://pbx"));
	cr_assert_not(host_is_name("pbx."));
	cr_assert_not(host_is_name("*"));
}
