/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `nft -j list ruleset` writes: libnftables-json(5). Pure. */
#ifndef SIPGUARD_USER_RULES_FORMATS_NFT_H
#define SIPGUARD_USER_RULES_FORMATS_NFT_H

#include "rules/model/ruleset.h"

/*
 * Adds what the text says to the rules; ruleset_link() is left to the caller. Tables are named
 * "inet filter", sets "inet filter/trusted". -EINVAL with "NAME:LINE:COLUMN: "; expressions that
 * are not known become conditions.
 */
int nft_parse(const char *name, const char *text, size_t size, struct ruleset *rules,
	      struct error *error);

/* Whether the text begins like one. */
bool nft_recognises(const char *text, size_t size);

#endif
