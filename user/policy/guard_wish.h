/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was chosen for each device: whether it is guarded, in which mode, and how the program is
 * attached. This is what a boot brings back. Pure.
 *
 *	guarded eth0 enforce native typed
 *	unguarded eth1 monitor native typed
 *
 * The device's name is that under which it was attached. `unguarded` is a device that the declared
 * policy names and that was detached by hand.
 */
#ifndef SIPGUARD_USER_POLICY_GUARD_WISH_H
#define SIPGUARD_USER_POLICY_GUARD_WISH_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "error.h"
#include "policy/attach_mode.h"
#include "sipguard/abi.h"

enum wish_origin {
	WISH_TYPED,    /* attach, mode or detach */
	WISH_DECLARED, /* apply */
};

struct guard_wish {
	char device[IF_NAMESIZE];
	bool guarded;
	enum sg_mode mode;
	enum attach_mode attach;
	enum wish_origin from;
};

/* Sorted by device, each once. A zeroed struct has none; guard_wishes_clear() releases it. */
struct guard_wishes {
	struct guard_wish *wishes;
	size_t count;
};

/* "typed", "declared" */
const char *wish_origin_name(enum wish_origin origin);

bool guard_wish_equal(const struct guard_wish *left, const struct guard_wish *right);

/* NULL when nothing was chosen for the device. */
const struct guard_wish *guard_wishes_find(const struct guard_wishes *wishes, const char *device);
/* The same without devices that are not to be guarded. */
const struct guard_wish *guard_wishes_find_guarded(const struct guard_wishes *wishes,
						   const char *device);

/* Adds the wish, or replaces the one of its device. */
int guard_wishes_put(struct guard_wishes *wishes, const struct guard_wish *wish,
		     struct error *error);
void guard_wishes_remove(struct guard_wishes *wishes, const char *device);

int guard_wishes_copy(const struct guard_wishes *from, struct guard_wishes *to,
		      struct error *error);
bool guard_wishes_equal(const struct guard_wishes *left, const struct guard_wishes *right);
void guard_wishes_clear(struct guard_wishes *wishes);

/* Whole, or -EBADMSG; `name` is for the error alone. */
int guard_wishes_parse(const char *name, const char *text, size_t size, struct guard_wishes *wishes,
		       struct error *error);

/*
 * What can be read of a damaged text: the devices of its whole lines. Their modes cannot be
 * trusted, so all of them are to monitor.
 */
int guard_wishes_salvage(const char *text, size_t size, struct guard_wishes *wishes,
			 struct error *error);

/* Errors of the stream are left to the caller. */
void guard_wishes_write(FILE *stream, const struct guard_wishes *wishes);

#endif
