/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making the filter in front of the allowlist; include/sipguard/filter.h tells what it is and which
 * invariant its writer keeps.
 *
 * `blocks` is the whole of policy/filter, mapped into memory. Bits are set one by one and may be
 * read by the program at the same time.
 */
#ifndef SIPGUARD_USER_POLICY_FILTER_H
#define SIPGUARD_USER_POLICY_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/prefix.h"
#include "sipguard/abi.h"

/* Adds the keys that this prefix takes to those that are counted. */
void filter_count(const struct prefix *prefix, uint32_t keys[static SG_FILTER_TABLE_COUNT]);

/*
 * Divides the blocks of a slot among tables for so many keys and a quarter more. Where there are
 * not enough blocks for all, the tables share them and let more strangers through.
 */
struct sg_filter filter_lay_out(const uint32_t keys[static SG_FILTER_TABLE_COUNT], uint32_t slot,
				uint64_t seed);

/* Whether a table has more keys than it was made for, and a larger one is to be had. */
bool filter_is_crowded(const struct sg_filter *filter,
		       const uint32_t keys[static SG_FILTER_TABLE_COUNT]);

/* Clears the blocks of a slot. No packet may meet them. */
void filter_clear(struct sg_filter_blocks *blocks, uint32_t slot);

/* From now on a source that the prefix covers passes. */
void filter_set(struct sg_filter_blocks *blocks, const struct sg_filter *filter,
		const struct prefix *prefix);

/* Whether a host passes: what the program finds. */
bool filter_passes(const struct sg_filter_blocks *blocks, const struct sg_filter *filter,
		   const struct prefix *host);

#endif
