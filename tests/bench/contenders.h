/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The filters that are compared. To add one, add a row to the table in contenders.c.
 */
#ifndef BENCH_CONTENDERS_H
#define BENCH_CONTENDERS_H

#include <stdbool.h>
#include <stdio.h>

#include "error.h"
#include "policy/entry.h"

enum contender_id {
	BARE_DROP,
	NO_FILTER,
	BARE_PASS,
	SIPGUARD_NATIVE,
	SIPGUARD_GENERIC,
	XDP_FILTER_ADDRESSES,
	XDP_FILTER_PORTS,
	IPTABLES_IPSET,
	NFT_INGRESS,
	IPTABLES_LINEAR,
	CONTENDER_COUNT,
};

/* What it is measured with, and so which table it stands in. */
enum flood { FLOOD_STRANGERS, FLOOD_ALLOWED, FLOOD_COUNT };

/* What the project asks of itself. */
struct target {
	size_t entries; /* 0: any number */
	double at_least;
};

#define TARGETS_MAX 3

struct contender {
	const char *name;
	bool floods[FLOOD_COUNT];
	/* Drops what its list does not have; the others show what it costs to do nothing. */
	bool filters;
	/* Entries it is given at most; 0: any number. */
	size_t entries_max;
	/* Of sipguard: its share of the baseline. Of a rival: how many times faster sipguard is. */
	struct target targets[FLOOD_COUNT][TARGETS_MAX];
	/* Writes the list as the contender wants to have it; NULL: it has none. */
	void (*write)(FILE *stream, const struct entry_list *list);
	/* Puts the filter on the receiver of this namespace. It stays until the process ends. */
	int (*load)(const char *file, struct error *error);
};

extern const struct contender contenders[CONTENDER_COUNT];

#endif
