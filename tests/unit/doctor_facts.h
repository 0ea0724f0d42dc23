/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of machines that were made up, and what doctor has to say of them. */
#ifndef SIPGUARD_TESTS_UNIT_DOCTOR_FACTS_H
#define SIPGUARD_TESTS_UNIT_DOCTOR_FACTS_H

#include "doctor/finding.h"

/* The host is guarded on eth0, which has the default route and the index 2, and runs a SIP server.
 */
struct facts served(void);

struct device_facts *add_device(struct facts *facts, const char *name, int index);
void add_address(struct device_facts *device, const char *address);

/* A device with the index 7 and an address, and without a guard. */
struct device_facts *unguarded(struct facts *facts, const char *name, const char *kind);
struct guard_facts *add_guard(struct facts *facts, const char *device);

/* An address of NULL is every IPv4 address. */
void add_listener(struct facts *facts, const char *address, const char *port, const char *process);
void add_peer(struct facts *facts, const char *address, bool allowed);
void add_translation(struct facts *facts, uint16_t from, uint16_t from_last, uint16_t to,
		     uint16_t to_last);

struct findings examine(const struct facts *facts);

/* The worst finding of this check on this device, "" for the machine, or NULL. */
const struct finding *find(const struct findings *findings, const char *check, const char *device);

/* What ails a machine, and how doctor says so; `mend` is a part of the command. */
struct ill {
	void (*change)(struct facts *facts);
	const char *check;
	const char *device;
	enum severity severity;
	const char *mend;
};

void each_is_found(const struct ill *ills, size_t count);

/* None of the changes to served() makes doctor say anything but ok. */
void none_is_complained_of(void (*const *changes)(struct facts *facts), size_t count);

#endif
