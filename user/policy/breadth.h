/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much of a family's addresses a list allows. Pure. */
#ifndef SIPGUARD_USER_POLICY_BREADTH_H
#define SIPGUARD_USER_POLICY_BREADTH_H

#include "policy/entry.h"

/* The share of all addresses of a family, 0 to 1, that the list allows: the longest prefix decides.
 */
double breadth_of(const struct entry_list *list, uint8_t family);

/*
 * Half of the addresses in use, as such a share: of IPv4 those of a /1; of IPv6, whose global
 * unicast addresses are 2000::/3 (RFC 4291, section 2.4), those of a /4.
 */
double breadth_half(uint8_t family);

#endif
