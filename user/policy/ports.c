// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/ports.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "text/escape.h"

const char *port_table_name(unsigned int table)
{
	static const char *const names[SG_PORT_TABLE_COUNT] = {
		[SG_PORTS_UDP] = "udp",
		[SG_PORTS_TCP] = "tcp",
		[SG_PORTS_SCTP] = "sctp",
	};

	return names[table];
}

static bool read_number(const char *text, uint16_t *number)
{
	unsigned int value = 0;

	if (*text < '1' || *text > '9')
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (unsigned int)(*text - '0');
		if (value > UINT16_MAX)
			return false;
	}
	*number = (uint16_t)value;
	return true;
}

static bool read_table(const char *name, size_t length, uint8_t *table)
{
	for (unsigned int i = 0; i < SG_PORT_TABLE_COUNT; i++) {
		if (strlen(port_table_name(i)) == length &&
		    !strncmp(port_table_name(i), name, length)) {
			*table = (uint8_t)i;
			return true;
		}
	}
	return false;
}

int port_parse(const char *text, struct port *out, struct error *error)
{
	const char *slash = strchr(text, '/');
	struct port port;
	char escaped[64];

	if (slash && read_table(text, (size_t)(slash - text), &port.table) &&
	    read_number(slash + 1, &port.number)) {
		*out = port;
		return 0;
	}
	text_escape(escaped, sizeof(escaped), text, strlen(text));
	error_set(error, EXIT_USAGE, EINVAL, "%s is not a protocol and a port", escaped);
	if (!strncmp(text, "udplite/", 8))
		error_hint(error, "UDP-Lite follows UDP: udp/%s", escaped + 8);
	else
		error_hint(error, "such as udp/5060, tcp/5061 or sctp/5060");
	return -EINVAL;
}

void port_format(const struct port *port, char text[static PORT_TEXT_SIZE])
{
	snprintf(text, PORT_TEXT_SIZE, "%s/%u", port_table_name(port->table), port->number);
}

void ports_default(struct sg_ports *ports)
{
	*ports = (struct sg_ports){};
	for (unsigned int table = 0; table < SG_PORT_TABLE_COUNT; table++) {
		ports_add(ports, &(struct port){.table = (uint8_t)table, .number = 5060});
		ports_add(ports, &(struct port){.table = (uint8_t)table, .number = 5061});
	}
}

void ports_add(struct sg_ports *ports, const struct port *port)
{
	ports->words[port->table][port->number / 64] |= 1ULL << port->number % 64;
}

void ports_remove(struct sg_ports *ports, const struct port *port)
{
	ports->words[port->table][port->number / 64] &= ~(1ULL << port->number % 64);
}

bool ports_contain(const struct sg_ports *ports, const struct port *port)
{
	return ports->words[port->table][port->number / 64] >> port->number % 64 & 1;
}

size_t ports_count(const struct sg_ports *ports)
{
	size_t count = 0;

	for (struct port port = {}; ports_next(ports, &port);)
		count++;
	return count;
}

bool ports_equal(const struct sg_ports *left, const struct sg_ports *right)
{
	return !memcmp(left, right, sizeof(*left));
}

void ports_intersect(const struct sg_ports *left, const struct sg_ports *right,
		     struct sg_ports *common)
{
	for (size_t table = 0; table < SG_PORT_TABLE_COUNT; table++) {
		for (size_t word = 0; word < SG_PORT_WORDS; word++)
			common->words[table][word] = left->words[table][word] &
						     right->words[table][word];
	}
}

bool ports_next(const struct sg_ports *ports, struct port *port)
{
	struct port at = *port;

	while (true) {
		if (at.number < UINT16_MAX) {
			at.number++;
		} else if (at.table + 1 < SG_PORT_TABLE_COUNT) {
			at.table++;
			at.number = 1;
		} else {
			return false;
		}
		/* Most words are empty: 63 more ports that are none. */
		if (at.number % 64 == 0 && !ports->words[at.table][at.number / 64]) {
			at.number |= 63;
		} else if (ports_contain(ports, &at)) {
			*port = at;
			return true;
		}
	}
}
