/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the bench runs: namespaces that end with the process, however it ends, so that nothing of
 * the host is touched and nothing is left behind.
 */
#ifndef BENCH_WORLD_H
#define BENCH_WORLD_H

#include "error.h"

/* In memory, and gone with the world. */
#define WORLD_DIRECTORY "/run"

/*
 * Moves this process to its own network and mount namespaces. The `sipguard` commands that it runs
 * find a BPF file system and folders of their own.
 */
int world_enter(struct error *error);

/* The namespace of all senders. */
int world_senders(void);

/* Moves this process to a network namespace. */
int namespace_enter(int namespace, struct error *error);
/* To a new one, which has no devices but the loopback; returns its descriptor. */
int namespace_create(struct error *error);

/* Of the network namespace that the process is in, below /proc/sys. */
int setting_write(const char *path, const char *value, struct error *error);

/* A fresh BPF file system where tools look for one, in front of those before. */
int world_mount_bpffs(struct error *error);

#endif
