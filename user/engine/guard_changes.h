/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is different about guarded devices since they were guarded. */
#ifndef SIPGUARD_USER_ENGINE_GUARD_CHANGES_H
#define SIPGUARD_USER_ENGINE_GUARD_CHANGES_H

#include "engine/context.h"
#include "kernel/guard.h"
#include "policy/baseline.h"

/*
 * Keeps what the devices are now, beside their guards. A failure is told and leaves the guards as
 * they are: all it takes away is that changes are noticed.
 */
void guard_changes_begin(const struct context *context, const struct device *guarded, int count);

/* Nothing, and not `known`, of a guard whose device is not here. */
void guard_changes_find(const struct devices *devices, const struct guard *guard,
			struct baseline_changes *changes);

/* Whether a guard that is gone was taken off a device that is still there, under its own name. */
bool guard_was_severed(const struct guard *guard);

#endif
