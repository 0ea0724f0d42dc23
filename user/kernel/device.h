/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network devices of this network namespace, as rtnetlink(7) tells of them. */
#ifndef SIPGUARD_USER_KERNEL_DEVICE_H
#define SIPGUARD_USER_KERNEL_DEVICE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "policy/device_kind.h"
#include "sipguard/abi.h"

#define DEVICE_ADDRESS_SIZE 32 /* MAX_ADDR_LEN of linux/netdevice.h */

struct device {
	char name[IF_NAMESIZE];
	int index;
	int mtu;
	unsigned int flags; /* IFF_* */
	struct device_traits traits;
	enum sg_link_layer link_layer; /* meaningless when device_kind_judge() refuses it */
	int master;		       /* index of the device that it is a port of; 0: none */
	int lower;		       /* index of the device that it stands on; 0: none here */
	uint8_t address[DEVICE_ADDRESS_SIZE]; /* of its hardware */
	uint8_t address_length;
	uint64_t received_packets; /* by the driver's own count */
	uint64_t received_bytes;
	/* Numbers of the XDP programs on it, whosever they are; 0: none. */
	uint32_t native_program;
	uint32_t generic_program;
};

struct nlmsghdr;

/* -ENODEV (EXIT_ABSENT) when there is none. Of any kind, also one that cannot be guarded. */
int device_read(const char *name, struct device *device, struct error *error);
int device_read_at(int index, struct device *device, struct error *error);

/* As device_read(); -EAFNOSUPPORT with a hint which one to guard instead, when that one cannot be.
 */
int device_find(const char *name, struct device *device, struct error *error);

/* All devices of this network namespace. devices_clear() releases them. */
struct devices {
	struct device *devices;
	size_t count;
};
int devices_list(struct devices *devices, struct error *error);
void devices_clear(struct devices *devices);

/* NULL: there is none. They belong to `devices`. */
const struct device *devices_at(const struct devices *devices, int index);
const struct device *devices_running(const struct devices *devices, uint32_t program_id);

/* Whether any XDP program runs on it. */
bool device_runs_program(const struct device *device);

/* Of a message of type RTM_NEWLINK. For the files of kernel/ alone. */
void device_parse(const struct nlmsghdr *message, struct device *device);

#endif
