/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What devices were when they were guarded: RUN/guards/DEVICE.guard, a sealed file that everybody
 * may read. It goes with the machine's uptime, as guards do.
 */
#ifndef SIPGUARD_USER_STORE_BASELINE_FILE_H
#define SIPGUARD_USER_STORE_BASELINE_FILE_H

#include "error.h"
#include "policy/baseline.h"

int baseline_file_write(const char *device, const struct baseline *baseline, struct error *error);

/* -ENOENT: nothing was kept; -EBADMSG: damaged. */
int baseline_file_read(const char *device, struct baseline *baseline, struct error *error);

/* No file is no error. */
int baseline_file_remove(const char *device, struct error *error);

/* What is different from what was kept; nothing, and not `known`, where nothing can be read. */
void baseline_file_compare(const char *device, const struct baseline *now,
			   struct baseline_changes *changes);

#endif
