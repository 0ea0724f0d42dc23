/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allowlists to measure with, and the addresses to ask them about. The same size always gives the
 * same list.
 */
#ifndef BENCH_LISTS_H
#define BENCH_LISTS_H

#include "policy/entry.h"
#include "traffic.h"

/*
 * Appends `count` prefixes of one family to an empty list: 99.9 % hosts, the others /24 to /28 or
 * /48 to /64, no prefix inside another.
 */
int list_generate(struct entry_list *list, uint8_t family, size_t count, struct error *error);

/* The share of all public IPv4 addresses that the list allows. */
double list_covered_share(const struct entry_list *list);

/* `count` allowed addresses, evenly spread over the list. */
void list_allowed(const struct entry_list *list, struct source *sources, size_t count);

/* As many strangers that differ from an allowed address in the last byte only. */
void list_neighbours(const struct entry_list *list, struct source *sources, size_t count);

#endif
