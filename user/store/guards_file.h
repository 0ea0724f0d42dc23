/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was chosen for each device, as the tool keeps it: STATE/guards, a sealed file that everybody
 * may read, because links and metrics tell the same, and the exporter has no privilege.
 *
 * The newest version of the policy (store/versions.h) has a copy, a file of its own and no link, so
 * that what damages the one does not damage the other. Guards are no part of what a rollback brings
 * back: the copy is there for a file that is damaged.
 */
#ifndef SIPGUARD_USER_STORE_GUARDS_FILE_H
#define SIPGUARD_USER_STORE_GUARDS_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "policy/guard_wish.h"
#include "store/sealed_file.h"

/* The file's name in STATE, and in a version. */
#define GUARDS_FILE "guards"

/* -ENOENT: nothing was ever chosen, or by a version that kept no guards; -EBADMSG: damaged. */
int guards_file_read(struct guard_wishes *wishes, struct error *error);

/* The newest copy that is whole, and the number of its version. -ENOENT: there is none. */
int guards_file_read_copy(struct guard_wishes *wishes, unsigned int *version, struct error *error);

/* What can be read of a damaged file, as guard_wishes_salvage(). */
int guards_file_salvage(struct guard_wishes *wishes, struct error *error);

/* The next version of the file beside it; sealed_file_commit() puts it in place. */
int guards_file_draft(const struct guard_wishes *wishes, struct sealed_draft *draft,
		      struct error *error);

/* The draft of a command that was killed. -ENOENT: there is none; -EBADMSG: it is not whole. */
int guards_file_read_draft(struct guard_wishes *wishes, struct error *error);
void guards_file_remove_draft(void);

/*
 * Copies the file to the newest version, and makes one where there is none yet. The caller holds
 * the writers' lock.
 */
int guards_file_keep_copy(const struct guard_wishes *wishes, int64_t now, struct error *error);

#endif
