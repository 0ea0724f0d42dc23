// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/filter.h"

#include <string.h>

/* Keys that one prefix may be written out as; more, and it goes into the bitmap. */
#define EXPANSION_MAX 256

/* A short list has tables of this many blocks, which leaves it room to grow. */
#define TABLE_BLOCKS_MIN 64

#define BITMAP_LENGTH 16

static const uint8_t table_lengths[SG_FILTER_TABLE_COUNT] = {
	[SG_FILTER_IPV4_24] = 24, [SG_FILTER_IPV4_32] = 32, [SG_FILTER_IPV6_32] = 32,
	[SG_FILTER_IPV6_48] = 48, [SG_FILTER_IPV6_64] = 64,
};

static unsigned int first_table(uint8_t family)
{
	return family == SG_FAMILY_IPV4 ? SG_FILTER_IPV4_24 : SG_FILTER_IPV6_32;
}

static unsigned int last_table(uint8_t family)
{
	return family == SG_FAMILY_IPV4 ? SG_FILTER_IPV4_32 : SG_FILTER_IPV6_64;
}

/* The table that keeps prefixes of this length. */
static unsigned int table_of(const struct prefix *prefix)
{
	unsigned int table = last_table(prefix->family);

	while (table > first_table(prefix->family) && table_lengths[table] > prefix->length)
		table--;
	return table;
}

/* How many keys of its table a prefix covers; 0 when it goes into the bitmap. */
static uint32_t key_count(const struct prefix *prefix)
{
	uint8_t length = table_lengths[table_of(prefix)];
	uint32_t count;

	if (prefix->length >= length)
		return 1;
	if (length - prefix->length >= 32)
		return 0;
	count = 1U << (length - prefix->length);
	return count <= EXPANSION_MAX ? count : 0;
}

/* The first 64 bits of an address; those of IPv4 are the first 32 of them. */
static uint64_t leading_bits(const struct prefix *prefix)
{
	size_t size = prefix->family == SG_FAMILY_IPV4 ? 4 : 8;
	uint64_t bits = 0;

	for (size_t i = 0; i < size; i++)
		bits |= (uint64_t)prefix->address[i] << (56 - 8 * i);
	return bits;
}

/* Keys are numbers: the first N bits, and nothing else. */
static uint64_t key_of(uint64_t bits, unsigned int table)
{
	return bits >> (64 - table_lengths[table]);
}

void filter_count(const struct prefix *prefix, uint32_t keys[static SG_FILTER_TABLE_COUNT])
{
	keys[table_of(prefix)] += key_count(prefix);
}

struct sg_filter filter_lay_out(const uint32_t keys[static SG_FILTER_TABLE_COUNT], uint32_t slot,
				uint64_t seed)
{
	uint32_t available = SG_FILTER_SLOT_BLOCKS - 2 * SG_FILTER_BITMAP_BLOCKS -
			     SG_FILTER_TABLE_COUNT * TABLE_BLOCKS_MIN;
	uint32_t next = slot * SG_FILTER_SLOT_BLOCKS;
	struct sg_filter filter = {.seed = seed};
	uint64_t wanted = 0;

	filter.bitmap4 = next;
	filter.bitmap6 = next + SG_FILTER_BITMAP_BLOCKS;
	next += 2 * SG_FILTER_BITMAP_BLOCKS;
	for (unsigned int table = 0; table < SG_FILTER_TABLE_COUNT; table++)
		wanted += (uint64_t)keys[table] * 5 / 4 / SG_FILTER_BLOCK_KEYS;
	for (unsigned int table = 0; table < SG_FILTER_TABLE_COUNT; table++) {
		uint64_t blocks = (uint64_t)keys[table] * 5 / 4 / SG_FILTER_BLOCK_KEYS;

		if (wanted > available)
			blocks = blocks * available / wanted;
		filter.tables[table].first = next;
		filter.tables[table].count = TABLE_BLOCKS_MIN + (uint32_t)blocks;
		next += filter.tables[table].count;
	}
	return filter;
}

bool filter_is_crowded(const struct sg_filter *filter,
		       const uint32_t keys[static SG_FILTER_TABLE_COUNT])
{
	struct sg_filter next = filter_lay_out(keys, 0, 0);

	for (unsigned int table = 0; table < SG_FILTER_TABLE_COUNT; table++) {
		uint64_t room = (uint64_t)filter->tables[table].count * SG_FILTER_BLOCK_KEYS;

		if (keys[table] > room && next.tables[table].count > filter->tables[table].count)
			return true;
	}
	return false;
}

void filter_clear(struct sg_filter_blocks *blocks, uint32_t slot)
{
	memset(&blocks->blocks[slot * SG_FILTER_SLOT_BLOCKS], 0,
	       SG_FILTER_SLOT_BLOCKS * sizeof(blocks->blocks[0]));
}

static void set_bit(uint64_t *word, uint64_t bit)
{
	__atomic_fetch_or(word, 1ULL << bit, __ATOMIC_RELEASE);
}

static uint64_t *bitmap_word(struct sg_filter_blocks *blocks, uint32_t first, uint64_t bits)
{
	struct sg_filter_block *block = &blocks->blocks[first + bits / SG_FILTER_BLOCK_BITS];

	return (uint64_t *)&block->words[bits / 64 & 3];
}

static void set_in_bitmap(struct sg_filter_blocks *blocks, uint32_t first,
			  const struct prefix *prefix)
{
	uint64_t bits = leading_bits(prefix) >> (64 - BITMAP_LENGTH), count = 1;

	if (prefix->length < BITMAP_LENGTH)
		count = 1ULL << (BITMAP_LENGTH - prefix->length);
	for (uint64_t i = 0; i < count; i++)
		set_bit(bitmap_word(blocks, first, bits + i), (bits + i) & 63);
}

static void set_in_table(struct sg_filter_blocks *blocks, const struct sg_filter *filter,
			 unsigned int table, uint64_t key)
{
	uint64_t hash = sg_filter_hash(key, filter->seed);
	uint32_t block = sg_filter_block_of(&filter->tables[table], hash);

	for (uint32_t word = 0; word < 4; word++)
		set_bit((uint64_t *)&blocks->blocks[block].words[word],
			sg_filter_bit_of(word, hash));
}

void filter_set(struct sg_filter_blocks *blocks, const struct sg_filter *filter,
		const struct prefix *prefix)
{
	uint32_t bitmap = prefix->family == SG_FAMILY_IPV4 ? filter->bitmap4 : filter->bitmap6;
	unsigned int table = table_of(prefix);
	uint64_t key = key_of(leading_bits(prefix), table);
	uint32_t count = key_count(prefix);

	if (!count)
		set_in_bitmap(blocks, bitmap, prefix);
	for (uint32_t i = 0; i < count; i++)
		set_in_table(blocks, filter, table, key + i);
}

static bool is_in_table(const struct sg_filter_blocks *blocks, const struct sg_filter *filter,
			unsigned int table, uint64_t key)
{
	uint64_t hash = sg_filter_hash(key, filter->seed), found = 1;
	const struct sg_filter_block *block =
		&blocks->blocks[sg_filter_block_of(&filter->tables[table], hash)];

	for (uint32_t word = 0; word < 4; word++)
		found &= block->words[word] >> sg_filter_bit_of(word, hash);
	return found;
}

bool filter_passes(const struct sg_filter_blocks *blocks, const struct sg_filter *filter,
		   const struct prefix *host)
{
	uint32_t bitmap = host->family == SG_FAMILY_IPV4 ? filter->bitmap4 : filter->bitmap6;
	uint64_t address = leading_bits(host), leading = address >> (64 - BITMAP_LENGTH);
	const struct sg_filter_block *block =
		&blocks->blocks[bitmap + leading / SG_FILTER_BLOCK_BITS];

	if (block->words[leading / 64 & 3] >> (leading & 63) & 1)
		return true;
	for (unsigned int table = first_table(host->family); table <= last_table(host->family);
	     table++) {
		if (is_in_table(blocks, filter, table, key_of(address, table)))
			return true;
	}
	return false;
}
