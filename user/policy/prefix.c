// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/prefix.h"

#include <endian.h>
#include <string.h>

#include "sipguard/abi.h"

void prefix_truncate(struct prefix *prefix)
{
	size_t whole = prefix->length / 8;

	if (whole >= sizeof(prefix->address))
		return;
	prefix->address[whole] &= (uint8_t)(0xff00 >> prefix->length % 8);
	memset(prefix->address + whole + 1, 0, sizeof(prefix->address) - whole - 1);
}

bool prefix_covers(const struct prefix *outer, const struct prefix *inner)
{
	struct prefix cut = *inner;

	if (outer->family != inner->family || outer->length > inner->length)
		return false;
	cut.length = outer->length;
	prefix_truncate(&cut);
	return !memcmp(cut.address, outer->address, sizeof(cut.address));
}

uint64_t prefix_word(const struct prefix *prefix, unsigned int word)
{
	uint64_t bits;

	memcpy(&bits, prefix->address + 8 * word, sizeof(bits));
	return be64toh(bits);
}

int prefix_compare(const struct prefix *left, const struct prefix *right)
{
	if (left->family != right->family)
		return left->family < right->family ? -1 : 1;
	for (unsigned int word = 0; word < 2; word++) {
		uint64_t a = prefix_word(left, word), b = prefix_word(right, word);

		if (a != b)
			return a < b ? -1 : 1;
	}
	return left->length - right->length;
}

bool prefix_embeds_ipv4(const struct prefix *prefix)
{
	static const uint8_t compatible[12];
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	return prefix->family == SG_FAMILY_IPV6 &&
	       (!memcmp(prefix->address, compatible, sizeof(compatible)) ||
		!memcmp(prefix->address, mapped, sizeof(mapped)));
}

bool prefix_is_half_the_internet(const struct prefix *prefix)
{
	/* Global unicast IPv6 is a /3. */
	return prefix->length <= (prefix->family == SG_FAMILY_IPV4 ? 1 : 3);
}
