/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lane: a veth pair whose receiving end has a network namespace of its own, with the filter under
 * test on it. Lanes stand ready side by side, so that a flood can go from one to another without
 * setting anything up again.
 */
#ifndef BENCH_LANE_H
#define BENCH_LANE_H

#include <net/if.h>
#include <stdint.h>

#include "error.h"

/* The device under test has this name in every namespace of a receiver. */
#define RECEIVER "receive"

/* Its addresses; the Ethernet one is what frame_build() sends to. */
#define RECEIVER_ADDRESS4 "192.0.2.1"
#define RECEIVER_ADDRESS6 "2001:db8::1"
#define RECEIVER_ETHERNET "02:00:00:00:00:01"

#define SIP_PORT 5060

struct lane {
	uint8_t family;		  /* enum sg_family: what its socket receives */
	int receiver;		  /* the namespace */
	char sender[IF_NAMESIZE]; /* the sending device, in the namespace of all senders */
	unsigned int sender_index;
	int socket;    /* on the SIP port, which nobody reads */
	int devices;   /* the receiver's counters of devices, */
	int datagrams; /* and of UDP */
};

/* Makes the lane and leaves the process in the receiver's namespace. Lanes live till the end. */
int lane_create(struct lane *lane, uint8_t family, struct error *error);

int lane_enter(const struct lane *lane, struct error *error);

/* What the lane's receiver has counted since it was made. */
struct lane_counters {
	double seconds; /* when: CLOCK_MONOTONIC */
	uint64_t received;
	uint64_t lost;	    /* sent, but the receiver's ring was full */
	uint64_t to_socket; /* of those received, as far as UDP, whether or not there was room */
};

/* Can be called in any namespace. */
struct lane_counters lane_count(const struct lane *lane);

#endif
