/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The traffic of the live test: trusted senders that lose nothing by themselves, a stranger that
 * sends as fast as it can, and the sockets of the server.
 *
 * Ends the program when something cannot be had.
 */
#ifndef SIPGUARD_TESTS_LIVE_FLOWS_H
#define SIPGUARD_TESTS_LIVE_FLOWS_H

#include <stdbool.h>
#include <stddef.h>

/* The server's ends of the pairs. */
#define FLOWS_TRUSTED	"trusted0"
#define FLOWS_STRANGERS "stranger0"

/* What a list must allow for the trusted flows: a host and a network of each family. */
extern const char *const flows_trusted_entries[];
extern const size_t flows_trusted_count;

struct flows_tally {
	size_t trusted_sent;
	size_t trusted_arrived;
	size_t strangers_sent;
	size_t strangers_arrived;
};

/* Leaves the calling thread in the server's namespace. */
void flows_open(void);
void flows_start(void);
/* False when a trusted datagram is overdue. */
bool flows_go_on(void);
struct flows_tally flows_stop(void);

#endif
