/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guards: the XDP program on a device, held by a pinned bpf_link.
 *
 * The pin is what makes a guard outlive the command that attached it. A guard is known by the name
 * its device had then; the kernel keeps it through a rename, and severs it when the device is
 * deleted.
 */
#ifndef SIPGUARD_USER_KERNEL_GUARD_H
#define SIPGUARD_USER_KERNEL_GUARD_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "kernel/device.h"
#include "kernel/policy.h"
#include "kernel/program.h"
#include "policy/attach_mode.h"

enum guard_state {
	GUARD_ATTACHED,
	/* the device was deleted; one of the same name that came later is not guarded */
	GUARD_GONE,
	/* the device was moved to another network namespace, and is guarded there */
	GUARD_ELSEWHERE,
};

struct guard {
	char device[IF_NAMESIZE];  /* the name it is pinned under */
	char present[IF_NAMESIZE]; /* the device's name now; empty unless GUARD_ATTACHED */
	enum guard_state state;
	uint32_t index; /* of the device in its own network namespace; 0 when GUARD_GONE */
	/* Both are meaningful when GUARD_ATTACHED. */
	enum attach_mode attach_mode;
	enum sg_link_layer link_layer;
	uint32_t program_id;
	int link;
	struct device_maps maps;
};

#define GUARD_CLOSED ((struct guard){.link = -1, .maps = DEVICE_MAPS_CLOSED})

/* "attached", "gone", "elsewhere" */
const char *guard_state_name(enum guard_state state);

/* -ENOENT (EXIT_ABSENT) when the device has none. */
int guard_open(struct guard *guard, const char *device, struct error *error);
void guard_close(struct guard *guard);

/* The names under which guards are pinned, sorted. The caller frees them. None is no error. */
int guard_names(char (**names)[IF_NAMESIZE], size_t *count, struct error *error);

/* All guards, in the order of their names; guards_close() releases them. None is no error. */
struct guards {
	struct guard *guards;
	size_t count;
};
int guards_open(struct guards *guards, struct error *error);
void guards_close(struct guards *guards);

/* The guard of the device that has this name now, or NULL; it belongs to `guards`. */
const struct guard *guards_find(const struct guards *guards, const char *device);

/*
 * Pins guards under the present names of their devices. Before a guard is looked up by name to be
 * changed: after a rename the old name may be that of another device.
 */
int guards_follow_names(struct error *error);

/*
 * Detaches at once and removes every pin of the device; with the last one, the policy's too. The
 * root directory stays: the exporter stands in it and cannot come by another way.
 */
int guard_detach(const char *device, struct error *error);

/*
 * Removes what killed commands left: devices without a link and, where no guard remains, the
 * policy.
 */
int guard_sweep(struct error *error);

/*
 * The digest of the program that a guard runs; false when the kernel does not tell (that takes
 * CAP_SYS_ADMIN).
 */
bool guard_program_tag(const struct guard *guard, unsigned char tag[static 8]);

#endif
