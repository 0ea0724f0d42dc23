/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host of its own: a network namespace with one tap device and a socket for everything that can
 * be reached.
 *
 * A frame written to the tap goes through the kernel's whole receive path before write(2) returns,
 * so what it reached can be asked right after. UDP and UDP-Lite are real sockets. For TCP and SCTP
 * raw sockets stand in, which see what the kernel would hand to the protocol, after reassembly and
 * behind all extension headers: a stricter judge than a listening socket, and one for kernels
 * without SCTP.
 */
#ifndef SIPGUARD_TESTS_STACK_WORLD_H
#define SIPGUARD_TESTS_STACK_WORLD_H

#include <stddef.h>
#include <stdint.h>

#define GUARDED_PORT 5060
#define CONTROL_PORT 5059

/* The addresses of the host. */
#define HOST_IPV4 "198.51.100.1"
#define HOST_IPV6 "2001:db8:ffff::1"

#define WORLD_SOCKETS_MAX 16

struct world {
	int tap;
	int poll;
	int sockets[WORLD_SOCKETS_MAX];
	size_t socket_count;
};

/* How many packets reached a socket. */
struct reached {
	unsigned int guarded;
	unsigned int control;
};

extern const uint8_t world_address[6]; /* of the tap, in Ethernet */

/*
 * Leaves the calling process in the new namespace. Ends the program when something cannot be had.
 */
void world_open(struct world *world);
void world_send(const struct world *world, const uint8_t *frame, size_t size);
struct reached world_collect(const struct world *world);

#endif
