/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guarded ports: a protocol and a port, and sets of them in the layout of the map. Pure.
 */
#ifndef SIPGUARD_USER_POLICY_PORTS_H
#define SIPGUARD_USER_POLICY_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "sipguard/abi.h"

struct port {
	uint8_t table; /* enum sg_port_table */
	uint16_t number;
};

/* Holds "sctp/65535". */
#define PORT_TEXT_SIZE 16

/* "udp", "tcp", "sctp" of a table. */
const char *port_table_name(unsigned int table);

/* Reads "udp/5060"; udplite is refused with the hint that it follows UDP. Port 0 is refused. */
int port_parse(const char *text, struct port *out, struct error *error);
void port_format(const struct port *port, char text[static PORT_TEXT_SIZE]);

/* 5060 and 5061 of UDP, TCP and SCTP (RFC 3261, section 19.1.2; RFC 4168). */
void ports_default(struct sg_ports *ports);

void ports_add(struct sg_ports *ports, const struct port *port);
void ports_remove(struct sg_ports *ports, const struct port *port);
bool ports_contain(const struct sg_ports *ports, const struct port *port);
size_t ports_count(const struct sg_ports *ports);
bool ports_equal(const struct sg_ports *left, const struct sg_ports *right);

/* Makes `common` of those that are in both. */
void ports_intersect(const struct sg_ports *left, const struct sg_ports *right,
		     struct sg_ports *common);

/*
 * Moves to the first member after *port, in the order of table and number; false when there is
 * none. Port 0 is never a member, so `for (struct port port = {0}; ports_next(ports, &port);)`
 * visits all.
 */
bool ports_next(const struct sg_ports *ports, struct port *port);

#endif
