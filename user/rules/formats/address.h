/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sources as firewalls write them, more freely than prefix_parse() reads them. Pure. */
#ifndef SIPGUARD_USER_RULES_FORMATS_ADDRESS_H
#define SIPGUARD_USER_RULES_FORMATS_ADDRESS_H

#include <stdbool.h>

#include "rules/model/ruleset.h"

/*
 * Adds an address, with or without a length or a netmask, or a range FIRST-LAST. Bits beyond the
 * length are cleared. -EINVAL: it is none.
 */
int address_add(const char *text, const struct source *like, struct source_list *list,
		struct error *error);

/* "5060", "5060-5070" with this separator, or "sip" and "sips"; false: none of these. */
bool port_range_parse(const char *text, char separator, struct port_range *range);

/* A protocol's name or number as bits; what is no transport that SIP has is PROTOCOLS_OTHER. */
uint8_t protocol_parse(const char *text);

#endif
