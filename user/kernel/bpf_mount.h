/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a BPF file system that is mounted here outlives the command, and what to do otherwise. */
#ifndef SIPGUARD_USER_KERNEL_BPF_MOUNT_H
#define SIPGUARD_USER_KERNEL_BPF_MOUNT_H

#include <limits.h>
#include <stdbool.h>

#define BPF_MOUNT_ADVICE_SIZE (NAME_MAX + 128)

/*
 * The network namespace in which `ip netns exec` has started this process, with a mount namespace
 * of its own that ends with it; false when it has not.
 */
bool bpf_mount_is_of_netns(char name[static NAME_MAX + 1]);

/* What helps where there is no BPF file system: a command, for a hint. */
void bpf_mount_advice(char advice[static BPF_MOUNT_ADVICE_SIZE]);

#endif
