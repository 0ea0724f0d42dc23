/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How each contender gets its list: what is written to a file, and what puts it on the receiver of
 * this namespace. See struct contender.
 */
#ifndef BENCH_LOADERS_H
#define BENCH_LOADERS_H

#include <stdio.h>

#include "error.h"
#include "policy/entry.h"

/* What Debian's xdp-filter has room for. */
#define XDP_FILTER_ADDRESSES_MAX 10000

int load_nothing(const char *file, struct error *error);
int load_bare_drop(const char *file, struct error *error);
int load_bare_pass(const char *file, struct error *error);

struct program;

/* The guard's program with this list; the caller closes it. */
int program_with_list(const struct entry_list *list, struct program **program, struct error *error);

int load_sipguard_native(const char *file, struct error *error);
int load_sipguard_generic(const char *file, struct error *error);

void write_ipset(FILE *stream, const struct entry_list *list);
int load_ipset(const char *file, struct error *error);

void write_nft(FILE *stream, const struct entry_list *list);
int load_nft(const char *file, struct error *error);

void write_linear(FILE *stream, const struct entry_list *list);
int load_linear(const char *file, struct error *error);

void write_addresses(FILE *stream, const struct entry_list *list);
/* Which drops what strangers send to any port, */
int load_xdp_filter_addresses(const char *file, struct error *error);
/* or looks at ports as well, as it must where not all of them are guarded. */
int load_xdp_filter_ports(const char *file, struct error *error);

#endif
