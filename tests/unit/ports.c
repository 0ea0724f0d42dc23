// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/ports.h"

#include <criterion/criterion.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

Test(port, reads_a_protocol_and_a_number)
{
	static const char *const cases[] = {"udp/5060", "tcp/5061", "sctp/65535", "udp/1"};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[PORT_TEXT_SIZE];
		struct error error;
		struct port port;

		cr_assert_eq(port_parse(cases[i], &port, &error), 0, "%s", cases[i]);
		port_format(&port, text);
		cr_assert_str_eq(text, cases[i]);
	}
}

Test(port, refuses_what_is_none)
{
	static const char *const cases[] = {
		"",	     "5060",	  "udp",	  "udp/",	    "udp/0",  "udp/05060",
		"udp/65536", "udp/-1",	  "UDP/5060",	  "udp/5060 ",	    "icmp/1", "udp/5060/1",
		"ud/5060",   "udpx/5060", "udplite/5060", "udp/4294972356",
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct port port = {.number = 7};
		struct error error;

		cr_assert_lt(port_parse(cases[i], &port, &error), 0, "%s", cases[i]);
		cr_assert_eq(port.number, 7);
	}
}

Test(port, udplite_is_told_to_follow_udp)
{
	struct error error;
	struct port port;

	cr_assert_lt(port_parse("udplite/5060", &port, &error), 0);
	cr_assert_str_eq(error.hint, "UDP-Lite follows UDP: udp/5060");
}

Test(ports, the_default_is_5060_and_5061_of_udp_tcp_and_sctp)
{
	static const char expected[] = "udp/5060 udp/5061 tcp/5060 tcp/5061 sctp/5060 sctp/5061 ";
	char all[128] = "", text[PORT_TEXT_SIZE];
	struct sg_ports ports;

	ports_default(&ports);
	for (struct port port = {}; ports_next(&ports, &port);) {
		port_format(&port, text);
		strcat(all, text);
		strcat(all, " ");
	}
	cr_assert_str_eq(all, expected);
	cr_assert_eq(ports_count(&ports), 6);
}

Test(ports, every_port_of_every_table_has_a_bit_of_its_own)
{
	for (unsigned int table = 0; table < SG_PORT_TABLE_COUNT; table++) {
		for (unsigned int number = 1; number <= 65535; number += 127) {
			struct port port = {.table = (uint8_t)table, .number = (uint16_t)number};
			struct port found = {}, after;
			struct sg_ports ports = {};

			ports_add(&ports, &port);
			cr_assert(ports_next(&ports, &found));
			cr_assert_eq(found.table, table);
			cr_assert_eq(found.number, number);
			after = found;
			cr_assert_not(ports_next(&ports, &after));
		}
	}
}

Test(ports, the_common_ones_are_in_both)
{
	static const char *const left_names[] = {"udp/5060", "tcp/5060", "udp/1", "sctp/65535"};
	static const char *const right_names[] = {"udp/5060", "sctp/5060", "udp/2", "sctp/65535"};
	struct sg_ports left = {}, right = {}, common, wanted = {};
	struct error error;
	struct port port;

	for (size_t i = 0; i < COUNT(left_names); i++) {
		cr_assert_eq(port_parse(left_names[i], &port, &error), 0);
		ports_add(&left, &port);
		if (!strcmp(left_names[i], right_names[i]))
			ports_add(&wanted, &port);
		cr_assert_eq(port_parse(right_names[i], &port, &error), 0);
		ports_add(&right, &port);
	}
	ports_intersect(&left, &right, &common);
	cr_assert(ports_equal(&common, &wanted));
}
