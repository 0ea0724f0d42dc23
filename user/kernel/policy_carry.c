// SPDX-License-Identifier: GPL-2.0-or-later
/* Hit counters go on from generation to generation. */
#include "kernel/policy_internal.h"

struct carry {
	const struct policy_generation *to;
	size_t rows; /* of `from` that are carried */
	struct hits from, into;
};

static void carry_unmap(struct carry *carry)
{
	hits_unmap(&carry->from);
	hits_unmap(&carry->into);
}

static int carry_entry(void *context, uint8_t family, const struct sg_key6 *key,
		       const struct sg_entry *old, struct error *error)
{
	struct carry *carry = context;
	int trie = family == SG_FAMILY_IPV4 ? carry->to->trie4 : carry->to->trie6;
	const struct hits from = {carry->from.counters, carry->from.row, carry->rows};
	struct sg_hits counted = hits_sum(&from, old->id);
	struct sg_hits *into;
	struct sg_entry new;

	(void)error;
	if (!counted.packets || !policy_find_exact(trie, key, &new) || new.id >= carry->into.row)
		return 0;
	into = &carry->into.counters[(carry->into.rows - 1) * carry->into.row + new.id];
	into->packets += counted.packets;
	if (counted.last_seen > into->last_seen)
		into->last_seen = counted.last_seen;
	return 0;
}

int hits_carry(const struct policy_generation *from, const struct policy_generation *to,
	       enum carry_what what, struct error *error)
{
	__attribute__((cleanup(carry_unmap))) struct carry carry = {.to = to};
	int result = hits_map(from->hit_rows, &carry.from, error);

	carry.rows = what == CARRY_ALL ? carry.from.rows : carry.from.rows - 1;
	result = result ?: hits_map(to->hit_rows, &carry.into, error);
	result = result ?: policy_walk(from->trie4, SG_FAMILY_IPV4, carry_entry, &carry, error);
	return result ?: policy_walk(from->trie6, SG_FAMILY_IPV6, carry_entry, &carry, error);
}
