/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Remembering guards: what a command chooses for a device is what the next boot brings back.
 *
 * The next version of the file is on the disk before the kernel is changed, and takes its place
 * afterwards. A command that is killed in between leaves its draft; the next one keeps of it what
 * the kernel has by then.
 */
#ifndef SIPGUARD_USER_ENGINE_MEMORY_H
#define SIPGUARD_USER_ENGINE_MEMORY_H

#include "engine/context.h"
#include "kernel/guard.h"
#include "policy/guard_wish.h"
#include "store/sealed_file.h"

/* A zeroed struct is closed; memory_clear() releases it, with a draft that was not committed. */
struct memory {
	struct guard_wishes old; /* as the file has them */
	struct guard_wishes new; /* as the command has them: change these */
	/* Guards that a command which was killed had still taken off, as they were before. */
	struct guard_wishes ended;
	bool absent;  /* there is no file */
	bool rewrite; /* it is to be written though nothing differs */
	struct sealed_draft draft;
};

/*
 * Reads what is remembered, under the writers' lock. Where there is no file yet, the guards that
 * are there were attached by a version that remembered none: they count as typed. Of a damaged file
 * the newest whole copy counts, or else the devices that can still be read in it, which monitor;
 * either is said aloud, and the next change mends the file.
 */
int memory_open(const struct context *context, struct memory *memory, struct error *error);
void memory_clear(struct memory *memory);

/* Puts the mode of a remembered guard; a device that is not remembered stays so. */
int memory_set_mode(struct memory *memory, const char *device, enum sg_mode mode,
		    enum wish_origin from, struct error *error);

/* The next version on the disk, where it differs; then in its place. */
int memory_prepare(struct memory *memory, struct error *error);
int memory_commit(const struct context *context, struct memory *memory, struct error *error);

#endif
