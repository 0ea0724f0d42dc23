/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which XDP programs the devices of this network namespace run, as rtnetlink tells everybody: no
 * capability is needed.
 */
#ifndef SIPGUARD_USER_KERNEL_XDP_PROGRAMS_H
#define SIPGUARD_USER_KERNEL_XDP_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

struct xdp_program {
	uint32_t id;  /* the kernel's number */
	bool generic; /* in the network stack, not in the driver */
};

/* xdp_programs_clear() releases it. */
struct xdp_programs {
	struct xdp_program *programs;
	size_t count;
};

int xdp_programs_list(struct xdp_programs *programs, struct error *error);
void xdp_programs_clear(struct xdp_programs *programs);

/* The program, or NULL when no device here runs it. */
const struct xdp_program *xdp_programs_find(const struct xdp_programs *programs, uint32_t id);

#endif
