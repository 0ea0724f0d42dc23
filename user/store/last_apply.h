/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the last `apply` of the declared policy ended, for those who watch: STATE/last_apply. A
 * sealed file that everybody may read, because it says nothing of the policy:
 *
 *	result success			or failure
 *	succeeded 2027-01-31T18:00:30Z	the last success; no such line: there was none
 */
#ifndef SIPGUARD_USER_STORE_LAST_APPLY_H
#define SIPGUARD_USER_STORE_LAST_APPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

struct last_apply {
	bool successful;
	int64_t success; /* seconds of Unix time; 0: never */
};

/* No file: nothing was ever applied, so nothing has failed either. -EBADMSG: damaged. */
int last_apply_read(struct last_apply *last, struct error *error);

/*
 * Says how an apply that ended at `now` ended. A failure keeps the time of the last success. The
 * caller holds the writers' lock.
 */
int last_apply_write(bool successful, int64_t now, struct error *error);

#endif
