/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions that only doctor asks, of the kernel and the system around it: they look, change
 * nothing, and take no lock. Each
 * fills in its part of the facts; what it allocates belongs to them, also on failure.
 */
#ifndef SIPGUARD_USER_KERNEL_INSPECT_H
#define SIPGUARD_USER_KERNEL_INSPECT_H

#include <stdbool.h>
#include <stddef.h>

#include "doctor/facts.h"
#include "error.h"

/* Version, settings, capabilities, memory, clock. What cannot be read is left as not known. */
void inspect_machine(struct machine_facts *machine);

/* The devices of this network namespace, their addresses, and which have the default route. */
int inspect_devices(struct facts *facts, struct error *error);

/* Driver, queues, offloads and native XDP of a device, as far as the kernel tells. */
void inspect_driver(struct device_facts *device, const char *name);

/* Which packets are unpacked on the device, and on this machine at all. */
void inspect_device_decapsulation(struct device_facts *device, const char *name);
int inspect_decapsulation(struct facts *facts, struct error *error);

/* Sockets that wait for UDP, TCP and UDP-Lite, and the processes that have them. */
int inspect_listeners(struct facts *facts, struct error *error);

/*
 * With whom this host began to talk from guarded ports, which are those of the policy's facts: up
 * to PEERS_MAX. -ENOENT: connections are not tracked in this network namespace.
 */
int inspect_flows(struct facts *facts, struct error *error);

/*
 * Whether systemd guards the device at boot: by sipguard.service, where it is remembered, or by a
 * unit of its own.
 */
bool inspect_boot(const char *device, bool remembered);

/*
 * Runs a program of the system, found in /usr/sbin, /sbin, /usr/bin and /bin, without a shell and
 * with an empty environment, and reads what it writes: at most `most` bytes, for at most five
 * seconds. The caller frees the text, which is terminated. -ENOENT: there is no such program.
 */
int inspect_run(const char *const *words, size_t most, char **text, size_t *size,
		struct error *error);

#endif
