/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A network namespace with two devices on which rules are loaded and packets arrive, and sockets
 * that tell which of them the rules let through. There is no route back, so nothing is answered.
 */
#ifndef SIPGUARD_TESTS_NETFILTER_WORLD_H
#define SIPGUARD_TESTS_NETFILTER_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/prefix.h"

#define WORLD_DEVICES 2

/* What is sent: each port over each protocol. */
enum probe { UDP_5060, UDP_5061, TCP_5060, TCP_5061, SERVICE_COUNT };

/* A bit for each service on each device. */
#define CELL(service, device)	  (1U << ((service)*WORLD_DEVICES + (device)))
#define CELLS_OF_SERVICE(service) (3U << (service)*WORLD_DEVICES)

/* "udp/5060", as findings name ports. */
const char *probe_name(enum probe service);

struct world {
	int senders[WORLD_DEVICES];
	int taps[WORLD_DEVICES];
	int sockets[4]; /* raw: UDP and TCP of each family */
	uint32_t round;
};

/* Enters a new network namespace. Ends the program when that fails. */
void world_open(struct world *world);

/* Sends each source's packets; sets in `reached` the cells that came to a socket. */
void world_probe(struct world *world, const struct prefix *sources, size_t count, uint8_t *reached);

/* Whether it is an address of this host, or one beside them that rules name as destinations. */
bool world_has_address(const struct prefix *address);

/* Addresses of the device, and one that nobody has. */
extern const char *const world_addresses[WORLD_DEVICES][SG_FAMILY_COUNT];
extern const char *const world_other_address[SG_FAMILY_COUNT];

#endif
