/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The filters that are compared. To add one, add a row to the table in contenders.c.
 */
#ifndef BENCH_CONTENDERS_H
#define BENCH_CONTENDERS_H

#include "error.h"
#include "lists.h"

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

/* What a filter can do without a list. */
enum contender_kind {
	CONTENDER_REFERENCE, /* it has no list */
	CONTENDER_SIPGUARD,
	CONTENDER_RIVAL,
};

/* Bits of enum sources and of enum sg_family. */
#define BIT(number) (1U << (number))

struct contender {
	const char *name;
	enum contender_kind kind;
	/* What it is measured with. */
	unsigned int sources;
	unsigned int families;
	/* Drops what its list does not have; the others show what it costs to do nothing. */
	bool filters;
	/* Entries it is given at most; 0: any number. */
	size_t entries_max;
	/*
	 * Puts the filter on the receiver of this namespace. It stays until the process ends. A
	 * reference is given no list.
	 */
	int (*load)(struct allowlist *list, struct error *error);
};

extern const struct contender contenders[CONTENDER_COUNT];

#endif
