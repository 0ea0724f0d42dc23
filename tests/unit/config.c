// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/config.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/ports.h"
#include "random.h"

static const char sample[] = "# the office\n"
			     "[guard]\n"
			     "devices = eth0 br-lan\n"
			     "    eth0.100\t; the telephones\n"
			     "attach = auto\n"
			     "mode: monitor\r\n"
			     "\n"
			     "[ports]\n"
			     "guard = udp/5060\n"
			     "\n"
			     "; and the others\n"
			     "  tcp/5061 udp/5080\n"
			     "[policy]\n"
			     "allow_dir = /srv/lists\n"
			     "max_shrink = 20%\n"
			     "protect_recent = 1h30m";

static int parse(const char *text, struct config *config, struct error *error)
{
	return config_parse("f", text, strlen(text), config, error);
}

static bool guards(const struct config *config, const char *text)
{
	struct error error;
	struct port port;

	cr_assert_eq(port_parse(text, &port, &error), 0);
	return ports_contain(&config->ports, &port);
}

Test(config, reads_what_an_administrator_writes)
{
	static struct config config;
	struct error error;

	cr_assert_eq(parse(sample, &config, &error), 0, "%s", error.message);
	cr_assert_eq(config.device_count, 3);
	cr_assert_str_eq(config.devices[0], "eth0");
	cr_assert_str_eq(config.devices[1], "br-lan");
	cr_assert_str_eq(config.devices[2], "eth0.100");
	cr_assert_eq(config.attach, ATTACH_AUTO);
	cr_assert_eq(config.mode, SG_MODE_MONITOR);
	cr_assert_eq(ports_count(&config.ports), 3);
	cr_assert(guards(&config, "udp/5060") && guards(&config, "tcp/5061") &&
		  guards(&config, "udp/5080"));
	cr_assert_str_eq(config.allow_dir, "/srv/lists");
	cr_assert_eq(config.max_shrink, 20);
	cr_assert_eq(config.protect_recent, 5400);
	for (unsigned int key = 0; key < CONFIG_KEY_COUNT; key++)
		cr_assert(config_declares(&config, key), "%s", config_key_name(key));
}

Test(config, what_is_not_there_is_the_default_and_not_declared)
{
	static const char *const texts[] = {"", "\n# nothing\n", "[guard]\n[ports]\n[policy]\n",
					    "\xef\xbb\xbf[guard]\n"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		static struct config config;
		struct sg_ports ports;
		struct error error;

		ports_default(&ports);
		cr_assert_eq(parse(texts[i], &config, &error), 0, "%s", error.message);
		cr_assert_eq(config.declared, 0);
		cr_assert_eq(config.device_count, 0);
		cr_assert_eq(config.attach, ATTACH_NATIVE);
		cr_assert_eq(config.mode, SG_MODE_ENFORCE);
		cr_assert(ports_equal(&config.ports, &ports));
		cr_assert_str_eq(config.allow_dir, "allow.d");
		cr_assert_eq(config.max_shrink, 50);
		cr_assert_eq(config.protect_recent, 300);
	}
}

Test(config, only_what_stands_there_is_declared)
{
	static struct config config;
	struct error error;

	cr_assert_eq(parse("[policy]\nprotect_recent = off\n", &config, &error), 0);
	cr_assert(config_declares(&config, CONFIG_PROTECT_RECENT));
	cr_assert_not(config_declares(&config, CONFIG_MODE));
	cr_assert_eq(config.protect_recent, 0);
	/* Two columns, so that the key can begin where it likes. */
	cr_assert_eq(parse("[guard]\n  mode = monitor\n", &config, &error), 0);
	cr_assert_eq(config.mode, SG_MODE_MONITOR);
}

static const struct {
	const char *text;
	const char *message;
} bad[] = {
	{"[gard]\n", "f:1:2: there is no such section: [gard]"},
	{"[guard]\nmode = monitor\n[exporter]\n", "f:3:2: there is no such section"},
	{"[guard] mode = monitor\n", "f:1:8: something stands behind the section"},
	{"[guard\n", "f:1:1: neither [section] nor key = value: [guard"},
	{"mode = monitor\n", "f:1:1: no section stands before it"},
	{"[guard]\nmodes = monitor\n", "f:2:1: there is no such key in this section: modes"},
	{"[policy]\nmode = monitor\n", "f:2:1: there is no such key in this section"},
	{"[guard]\n\nmode monitor\n", "f:3:1: neither [section] nor key = value: mode monitor"},
	{"junk\n[guard]\nmode = nonsense\n", "f:1:1: neither"},
	{"[guard]\nmode = nonsense\njunk\n", "f:2:8: nonsense is not enforce or monitor"},
	{"[guard]\nmode =\n", "f:2:7: there is no value"},
	{"[guard]\nmode = enforce # now\n", "f:2:16: one word is enough here"},
	{"[guard]\nmode = enforce\n  monitor\n", "f:3:1: the key has a value already"},
	{"[guard]\nmode = enforce\nmode = monitor\n", "f:3:1: the key has a value already"},
	{"[guard]\ndevices = eth0\ndevices = eth1\n", "f:3:1: the key has a value already"},
	{"[guard]\ndevices = eth0\n  mode = monitor\n", "f:3:8: = is no name of a device"},
	{"[guard]\ndevices = eth0\n [ports]\n", "f:3:2: [ports] is no name of a device"},
	{"[guard]\ndevices = eth0 eth0\n", "f:2:16: eth0 stands there already"},
	{"[guard]\ndevices = eth0/1\n", "f:2:11: eth0/1 is no name"},
	{"[guard]\ndevices = interface-eth-00\n", "f:2:11: interface-eth-00 is no name"},
	{"[guard]\nattach = offload\n", "f:2:10: offload is not native, generic or auto"},
	{"[ports]\nguard = udp/5060\n  tcp/0\n", "f:3:3: tcp/0 is not a protocol and a port"},
	{"[ports]\nguard = udp/5060 udp/5060\n", "f:2:18: udp/5060 stands there already"},
	{"[policy]\nmax_shrink = 50\n", "f:2:14: 50 is no share such as 50%"},
	{"[policy]\nmax_shrink = 101%\n", "f:2:14: 101% is no share"},
	{"[policy]\nmax_shrink = -1%\n", "f:2:14: -1% is no share"},
	{"[policy]\nmax_shrink = 18446744073709551617%\n", "f:2:14: 18446744073709551617% is"},
	{"[policy]\nprotect_recent = soon\n", "f:2:18: soon is not a duration"},
	{"[guard]\nmode = \033[31m\n", "f:2:8: \\x1b[31m is not"},
};

Test(config, what_is_wrong_is_named_by_file_line_and_column)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		static struct config config;
		struct error error = {};

		config.device_count = 77;
		cr_assert_lt(parse(bad[i].text, &config, &error), 0, "%s", bad[i].text);
		cr_assert_eq(error.status, EXIT_USAGE);
		cr_assert_eq(config.device_count, 77);
		cr_assert_eq(strncmp(error.message, bad[i].message, strlen(bad[i].message)), 0,
			     "%s: %s", bad[i].text, error.message);
		cr_assert_null(strchr(error.message, '\033'));
	}
}

Test(config, a_zero_byte_and_a_long_line_are_refused)
{
	static const char zero[] = "[guard]\nmode = monitor\0 or not\n";
	static struct config config;
	char text[600] = "[guard]\ndevices =";
	struct error error;

	cr_assert_lt(config_parse("f", zero, sizeof(zero) - 1, &config, &error), 0);
	cr_assert_not_null(strstr(error.message, "f:2:1: there is a zero byte"));
	memset(text + strlen(text), ' ', 500);
	cr_assert_lt(parse(text, &config, &error), 0);
	cr_assert_not_null(strstr(error.message, "f:2:1: the line is too long"));
}

Test(config, a_file_without_end_is_refused)
{
	static char text[CONFIG_SIZE_MAX + 1];
	static struct config config;
	struct error error;

	memset(text, '\n', sizeof(text));
	cr_assert_eq(config_parse("f", text, CONFIG_SIZE_MAX, &config, &error), 0);
	cr_assert_lt(config_parse("f", text, sizeof(text), &config, &error), 0);
	cr_assert_eq(error.status, EXIT_USAGE);
}

Test(config, there_is_room_for_so_many_devices)
{
	static struct config config;
	char text[CONFIG_DEVICES_MAX * 8 + 64] = "[guard]\ndevices = x\n";
	struct error error;

	for (int i = 1; i < CONFIG_DEVICES_MAX; i++)
		sprintf(text + strlen(text), " e%d\n", i);
	cr_assert_eq(parse(text, &config, &error), 0, "%s", error.message);
	cr_assert_eq(config.device_count, CONFIG_DEVICES_MAX);
	strcat(text, " y\n");
	cr_assert_lt(parse(text, &config, &error), 0);
}

/* On the heap without a terminator, so that the sanitizer sees a step too far. */
static void parse_exactly(const char *text, size_t size)
{
	static struct config config;
	char *copy = malloc(size ? size : 1);
	struct error error = {};

	memcpy(copy, text, size);
	config.device_count = 77;
	if (config_parse("hostile", copy, size, &config, &error)) {
		cr_assert_eq(config.device_count, 77);
		cr_assert_neq(error.message[0], '\0');
	}
	free(copy);
}

Test(config, cut_at_every_length_it_reads_or_refuses)
{
	for (size_t size = 0; size <= strlen(sample); size++)
		parse_exactly(sample, size);
}

Test(config, mutations_never_do_harm)
{
	struct random random = {12};

	for (int i = 0; i < 20000; i++) {
		char text[sizeof(sample)];

		memcpy(text, sample, sizeof(sample));
		for (int flips = 0; flips < 3; flips++)
			text[random_below(&random, sizeof(sample) - 1)] =
				(char)random_next(&random);
		parse_exactly(text, sizeof(sample) - 1);
	}
}
