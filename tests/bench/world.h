/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the bench runs: namespaces that end with the process, however it ends, so that nothing of
 * the host is touched and nothing is left behind.
 */
#ifndef BENCH_WORLD_H
#define BENCH_WORLD_H

#include <net/if.h>

#include "error.h"

/* In memory, and gone with the world. */
#define WORLD_DIRECTORY "/run"

/* The device under test has this name in every namespace of a receiver. */
#define RECEIVER "receive"

/* Its addresses; the Ethernet one is what frame_build() sends to. */
#define RECEIVER_ADDRESS  "192.0.2.1"
#define RECEIVER_PREFIX	  "192.0.2.1/24"
#define RECEIVER_ETHERNET "02:00:00:00:00:01"

/* A veth pair whose receiving end has a network namespace of its own. */
struct lane {
	int receiver;		  /* the namespace */
	char sender[IF_NAMESIZE]; /* the sending device, in the namespace of all senders */
	unsigned int sender_index;
	int socket; /* on port 5060, which nobody reads */
};

/* Moves this process to its own network and mount namespaces. */
int world_enter(struct error *error);

/* Makes the lane and leaves the process in the receiver's namespace. */
int lane_create(struct lane *lane, struct error *error);

int lane_enter(const struct lane *lane, struct error *error);
int sender_enter(struct error *error);

/* A fresh BPF file system where tools look for one, in front of those before. */
int world_mount_bpffs(struct error *error);

#endif
