/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guards that another version of sipguard made: their maps cannot be read, but what holds their
 * program is a link as any other. So they can be shown, be made to pass everything, and be taken
 * off (guard_detach()), whatever their layout.
 */
#ifndef SIPGUARD_USER_KERNEL_OTHER_GUARD_H
#define SIPGUARD_USER_KERNEL_OTHER_GUARD_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "kernel/guard.h"

struct other_guard {
	char device[IF_NAMESIZE]; /* the name it is pinned under */
	uint32_t layout;	  /* the version of its maps; 0: not known */
	uint32_t program_id;
	bool passes; /* other_guard_pass() put its program there */
};

/* other_guards_clear() releases them. None is no error. */
struct other_guards {
	struct other_guard *guards;
	size_t count;
};

/*
 * As guards_open(), but what cannot be read is among the others. Any other failure is one of the
 * whole.
 */
int guards_open_known(struct guards *guards, struct other_guards *others, struct error *error);
void other_guards_clear(struct other_guards *others);

/* NULL when there is none under this name. */
const struct other_guard *other_guards_find(const struct other_guards *others, const char *device);

/*
 * The layout of the maps pinned for a device, and of the policy, whatever their version; 0: there
 * are none, or it cannot be read.
 */
uint32_t device_layout(const char *device);
uint32_t policy_layout(void);

/*
 * Gives the link a program that passes every packet and counts nothing, in one step. The guard
 * drops again when the version that made it attaches anew.
 */
int other_guard_pass(const struct other_guard *guard, struct error *error);

#endif
