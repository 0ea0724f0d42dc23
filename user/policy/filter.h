/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making the filter in front of the allowlist; include/sipguard/filter.h tells what it is and which
 * invariant its writer keeps. Pure.
 *
 * A struct sg_filter is the whole of policy/filter, mapped into memory. The slot that is worked on
 * may be read by the program while bits are set in it, but not while it is laid out.
 */
#ifndef SIPGUARD_USER_POLICY_FILTER_H
#define SIPGUARD_USER_POLICY_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/entry.h"
#include "sipguard/abi.h"

/*
 * Clears a slot and divides its words among the tables as these entries need them; no bit is set
 * yet. Where there are not enough words for all, the tables share them and let more strangers
 * through.
 */
void filter_lay_out(struct sg_filter *filter, uint32_t slot, const struct entry_list *entries,
		    uint64_t seed);

/*
 * From now on a source that the prefix covers passes. Adds the keys that were set to those counted
 * for each table.
 */
void filter_set(struct sg_filter *filter, uint32_t slot, const struct prefix *prefix,
		uint32_t keys[static SG_FILTER_TABLE_COUNT]);

/*
 * Whether the prefix would fill a table beyond what it was made for, while a new layout could do
 * better.
 */
bool filter_is_crowded(const struct sg_filter *filter, uint32_t slot, const struct prefix *prefix,
		       const uint32_t keys[static SG_FILTER_TABLE_COUNT]);

/* Whether a host passes: what the program finds. */
bool filter_passes(const struct sg_filter *filter, uint32_t slot, const struct prefix *host);

#endif
