/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XDP programs on a device that are not ours: who they are, and how to throw them off. */
#ifndef SIPGUARD_USER_KERNEL_FOREIGN_H
#define SIPGUARD_USER_KERNEL_FOREIGN_H

#include <stdint.h>

#include "error.h"
#include "kernel/device.h"

struct foreign {
	uint32_t program_id; /* 0: there is none */
	uint32_t flags;	     /* XDP_FLAGS_*_MODE of its attachment */
	int program;	     /* descriptor, to put it back; -1 when the kernel does not give it */
	char name[64];	     /* of the program; "unknown" when the kernel does not tell */
};

int foreign_find(const struct device *device, struct foreign *foreign, struct error *error);
void foreign_close(struct foreign *foreign);

/*
 * Detaches it, whether it is held by netlink or by a bpf_link. Refused, and nothing changed, when
 * it could not be put back.
 */
int foreign_remove(const struct device *device, const struct foreign *foreign, struct error *error);

/* Puts it back by netlink, also where a bpf_link held it. 0 or a negative errno. */
int foreign_restore(const struct device *device, const struct foreign *foreign);

#endif
