/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How each contender gets its list and comes onto the receiver of this namespace. See struct
 * contender.
 */
#ifndef BENCH_LOADERS_H
#define BENCH_LOADERS_H

#include <stdio.h>

#include "error.h"
#include "lists.h"
#include "sipguard/abi.h"

/* What Debian's xdp-filter has room for. */
#define XDP_FILTER_ADDRESSES_MAX 10000

int load_nothing(struct allowlist *list, struct error *error);
int load_bare_drop(struct allowlist *list, struct error *error);
int load_bare_pass(struct allowlist *list, struct error *error);

/* Loads the guard's program with this list, unless it is loaded. It stays until the process ends.
 */
int program_with_list(struct allowlist *list, struct error *error);

/* That for one kind of devices, with an empty list; the caller closes it. */
int program_of_kind(enum sg_link_layer link_layer, struct program **program, struct error *error);

int load_sipguard_native(struct allowlist *list, struct error *error);
int load_sipguard_generic(struct allowlist *list, struct error *error);

/* A file in the world as a rival's own command reads it. */
typedef void list_writer(FILE *stream, const struct entry_list *list);
int write_list(const char *path, list_writer *write, const struct entry_list *list,
	       struct error *error);

list_writer write_plain, write_ipset, write_nft;

int load_ipset(struct allowlist *list, struct error *error);
int load_nft(struct allowlist *list, struct error *error);
int load_linear(struct allowlist *list, struct error *error);

/* Which drops what strangers send to any port, */
int load_xdp_filter_addresses(struct allowlist *list, struct error *error);
/* or looks at ports as well, as it must where not all of them are guarded. */
int load_xdp_filter_ports(struct allowlist *list, struct error *error);

#endif
