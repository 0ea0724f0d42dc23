/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a device was when it was guarded, and what of that is different now. The kernel says nothing
 * of such changes, and some let strangers in: veth, for one, gives a receive queue that is added
 * later no program (veth_set_channels() of drivers/net/veth.c). Pure.
 */
#ifndef SIPGUARD_USER_POLICY_BASELINE_H
#define SIPGUARD_USER_POLICY_BASELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "policy/device_kind.h"

/* Ports of one bridge, bond or team that are compared; more of them are not looked at. */
#define BASELINE_PORTS_MAX    64
#define BASELINE_ADDRESS_SIZE 32
#define BASELINE_CHANGE_SIZE  96

struct baseline_port {
	int index;
	char name[4 * 16 + 1]; /* escaped; not kept */
	bool runs_program;     /* of XDP; not kept */
};

struct baseline {
	int index;
	uint64_t network_namespace; /* inode of /proc/PID/ns/net */
	uint32_t other_program;	    /* number of one in the guard's place, 0: none; not kept */
	char kind[DEVICE_KIND_SIZE];
	enum sg_link_layer link_layer;
	int mtu;
	int master; /* index of the bridge, bond, team or VRF that it is a port of; 0: none */
	bool master_runs_program; /* of XDP; not kept */
	uint8_t address[BASELINE_ADDRESS_SIZE];
	size_t address_length;
	unsigned int channels; /* that receive; 0: the driver does not tell */
	bool native;
	bool merges; /* the driver merges packets: LRO, or GRO in hardware */

	/* The other ports of its master, in the order of their indices. */
	struct baseline_port ports[BASELINE_PORTS_MAX];
	size_t port_count;

	/* What the device has received, by its driver's count, and what its guard has counted. */
	uint64_t received_packets;
	uint64_t received_bytes;
	uint64_t counted_packets;
};

enum baseline_change {
	CHANGE_CHANNELS,
	CHANGE_SILENT,
	CHANGE_PORTS,
	CHANGE_PROGRAM,
	CHANGE_KIND,
	CHANGE_NAMESPACE,
	CHANGE_MASTER,
	CHANGE_FEATURES,
	CHANGE_MTU,
	CHANGE_ADDRESS,
	CHANGE_COUNT,
};

struct baseline_changes {
	/* False: what the device was is not known, because an older version guarded it. */
	bool known;
	/* What is different, for people: "2 receive channels, 1 when it was guarded"; or empty. */
	char what[CHANGE_COUNT][BASELINE_CHANGE_SIZE];
	/* Packets may pass unseen. */
	bool opens[CHANGE_COUNT];
};

/* The word of metrics: "channels", "silent", "ports", ... */
const char *baseline_change_name(enum baseline_change change);

/* `then` is what was kept, `now` what is. */
void baseline_compare(const struct baseline *then, const struct baseline *now,
		      struct baseline_changes *changes);

bool baseline_changed(const struct baseline_changes *changes);

void baseline_write(FILE *stream, const struct baseline *baseline);

/* Of such a text; false when it is none. */
bool baseline_parse(const char *text, struct baseline *baseline);

#endif
