/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads all that is to be told: guards and policy from the kernel, the last apply from its file. */
#ifndef SIPGUARD_USER_EXPORTER_COLLECT_H
#define SIPGUARD_USER_EXPORTER_COLLECT_H

#include "metrics/families.h"
#include "metrics/snapshot.h"

/*
 * Takes a snapshot; what could not be read is among its problems. The caller clears it with
 * snapshot_clear().
 */
void collect(struct snapshot *snapshot);

/* What this program was built from; the strings are static. */
struct build collect_build(void);

#endif
