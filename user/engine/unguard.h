/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a change of the guarded ports would open. */
#ifndef SIPGUARD_USER_ENGINE_UNGUARD_H
#define SIPGUARD_USER_ENGINE_UNGUARD_H

#include "error.h"
#include "sipguard/abi.h"

/*
 * EXIT_UNSAFE when a port that is guarded in `old` and not in `new` is one on which a process of
 * this network namespace listens, not on the loopback device alone.
 */
int refuse_to_unguard(const struct sg_ports *old, const struct sg_ports *new, struct error *error);

#endif
