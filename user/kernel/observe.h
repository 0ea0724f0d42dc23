/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking at guards and policy without the right to change anything: what kernel/share.h shares and
 * what rtnetlink tells is enough, so it takes no capability.
 */
#ifndef SIPGUARD_USER_KERNEL_OBSERVE_H
#define SIPGUARD_USER_KERNEL_OBSERVE_H

#include "metrics/snapshot.h"

/*
 * Fills in guards and allowlist of an empty snapshot, and when it was taken. What cannot be read is
 * left out, and is one of the snapshot's problems: one guard of another version does not hide the
 * others.
 */
void observe(struct snapshot *snapshot);

#endif
