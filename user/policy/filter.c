// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/filter.h"

#include <string.h>

/* As many keys as one prefix is written out as; one that covers more has no place in a table. */
#define EXPANSION_MAX 256

/* Shorter prefixes fill whole bits of the bitmaps. */
#define BITMAP_LENGTH 16

/*
 * Three words for eight keys: one stranger in some 600 is let through to the trie. A table has a
 * few words more, so that a short list has room to grow, and goes on being used up to twice as many
 * keys as it was made for.
 */
#define WORDS_FOR(keys)	   ((uint64_t)(keys)*3 / 8)
#define KEYS_MAX_IN(words) ((uint64_t)(words)*16 / 3)
#define TABLE_WORDS_MIN	   1024U
#define WORDS_MAX	   (SG_FILTER_SLOT_WORDS - 2 * SG_FILTER_BITMAP_WORDS)

static const uint8_t table_lengths[SG_FILTER_TABLE_COUNT] = {
	[SG_FILTER_IPV4_24] = 24, [SG_FILTER_IPV4_32] = 32, [SG_FILTER_IPV6_32] = 32,
	[SG_FILTER_IPV6_48] = 48, [SG_FILTER_IPV6_64] = 64, [SG_FILTER_IPV6_128] = 128,
};

static unsigned int first_table(uint8_t family)
{
	return family == SG_FAMILY_IPV4 ? SG_FILTER_IPV4_24 : SG_FILTER_IPV6_32;
}

/* No prefix has its place in the table of whole addresses: what is there goes with that of /64. */
static unsigned int last_table(uint8_t family)
{
	return family == SG_FAMILY_IPV4 ? SG_FILTER_IPV4_32 : SG_FILTER_IPV6_64;
}

static unsigned int bitmap_of(uint8_t family)
{
	return family == SG_FAMILY_IPV4 ? SG_FILTER_IPV4_BITMAP : SG_FILTER_IPV6_BITMAP;
}

/* How many keys of a table a prefix is; 0 when these are too many. */
static uint32_t keys_in(unsigned int table, uint8_t length)
{
	int missing = table_lengths[table] - length;

	if (missing <= 0)
		return 1;
	return missing < 32 && 1U << missing <= EXPANSION_MAX ? 1U << missing : 0;
}

/* The longest table whose keys are not longer than the prefix, or else the first one. */
static unsigned int nearest_table(uint8_t family, uint8_t length)
{
	unsigned int table = last_table(family);

	while (table > first_table(family) && table_lengths[table] > length)
		table--;
	return table;
}

/*
 * Where a prefix stands: in the nearest table or, when nothing else needs that one, written out in
 * the next; in the bitmap when it is too short for either.
 */
static unsigned int place_of(uint8_t family, uint8_t length, uint32_t in_use)
{
	unsigned int nearest = nearest_table(family, length);

	if (length <= BITMAP_LENGTH || !keys_in(nearest, length))
		return bitmap_of(family);
	if (nearest < last_table(family) && !(in_use & 1U << nearest) &&
	    in_use & 1U << (nearest + 1) && keys_in(nearest + 1, length))
		return nearest + 1;
	return nearest;
}

/* How many prefixes of each length there are. */
struct lengths {
	uint32_t count[SG_FAMILY_COUNT][129];
};

static void count_lengths(const struct entry_list *entries, struct lengths *lengths)
{
	*lengths = (struct lengths){};
	for (size_t i = 0; i < entries->count; i++) {
		const struct prefix *prefix = &entries->entries[i].prefix;

		lengths->count[prefix->family][prefix->length]++;
	}
}

/* How many keys each table has when these parts are in use. */
static void count_keys(const struct lengths *lengths, uint8_t family, uint32_t in_use,
		       uint64_t keys[static SG_FILTER_TABLE_COUNT])
{
	for (unsigned int table = first_table(family); table <= last_table(family); table++)
		keys[table] = 0;
	for (unsigned int length = 0; length <= prefix_host_length(family); length++) {
		unsigned int place = place_of(family, (uint8_t)length, in_use);

		if (place < SG_FILTER_TABLE_COUNT)
			keys[place] += (uint64_t)lengths->count[family][length] *
				       keys_in(place, (uint8_t)length);
	}
	if (family == SG_FAMILY_IPV6)
		keys[SG_FILTER_IPV6_128] = keys[SG_FILTER_IPV6_64];
}

/*
 * A table less is one question less for each stranger: a table is left out when its prefixes add
 * little to the next one. Returns those that are kept.
 */
static uint32_t choose_tables(const struct lengths *lengths, uint8_t family)
{
	uint64_t with[SG_FILTER_TABLE_COUNT], without[SG_FILTER_TABLE_COUNT];
	uint32_t in_use = 0;

	for (unsigned int table = first_table(family); table <= last_table(family); table++)
		in_use |= 1U << table;
	for (unsigned int table = first_table(family); table < last_table(family); table++) {
		uint32_t fewer = in_use & ~(1U << table);

		count_keys(lengths, family, in_use, with);
		count_keys(lengths, family, fewer, without);
		if (!without[table] &&
		    without[table + 1] <= with[table + 1] + with[table + 1] / 4 + TABLE_WORDS_MIN)
			in_use = fewer;
	}
	return in_use;
}

static void divide_words(struct sg_filter_layout *layout, uint32_t first,
			 const uint64_t keys[static SG_FILTER_TABLE_COUNT])
{
	uint64_t available = WORDS_MAX - SG_FILTER_TABLE_COUNT * TABLE_WORDS_MIN;
	uint64_t wanted = 0;

	first += 2 * SG_FILTER_BITMAP_WORDS;
	for (unsigned int table = 0; table < SG_FILTER_TABLE_COUNT; table++)
		wanted += WORDS_FOR(keys[table]);
	for (unsigned int table = 0; table < SG_FILTER_TABLE_COUNT; table++) {
		uint64_t words = WORDS_FOR(keys[table]);

		if (wanted > available)
			words = words * available / wanted;
		layout->tables[table].first = first;
		layout->tables[table].count = TABLE_WORDS_MIN + (uint32_t)words;
		first += layout->tables[table].count;
	}
}

/* Tables that are kept are in use from the start, so that places do not depend on an order. */
void filter_lay_out(struct sg_filter *filter, uint32_t slot, const struct entry_list *entries,
		    uint64_t seed)
{
	struct sg_filter_layout *layout = &filter->layouts[slot];
	uint64_t keys[SG_FILTER_TABLE_COUNT];
	struct lengths lengths;
	uint32_t first = slot * SG_FILTER_SLOT_WORDS, in_use = 0;

	count_lengths(entries, &lengths);
	for (unsigned int family = SG_FAMILY_IPV4; family <= SG_FAMILY_IPV6; family++) {
		uint32_t tables = choose_tables(&lengths, (uint8_t)family);

		count_keys(&lengths, (uint8_t)family, tables, keys);
		for (unsigned int table = first_table(family); table <= last_table(family); table++)
			in_use |= keys[table] ? tables & 1U << table : 0;
	}
	memset(&filter->words[first], 0, SG_FILTER_SLOT_WORDS * sizeof(filter->words[0]));
	*layout = (struct sg_filter_layout){.seed = seed, .in_use = in_use};
	divide_words(layout, first, keys);
}

static uint64_t number_of(const uint8_t *bytes, size_t size)
{
	uint64_t number = 0;

	for (size_t i = 0; i < size; i++)
		number |= (uint64_t)bytes[i] << (56 - 8 * i);
	return number;
}

/* The first 64 bits of an address; those of IPv4 are the first 32 of them. */
static uint64_t leading_bits(const struct prefix *prefix)
{
	return number_of(prefix->address, prefix->family == SG_FAMILY_IPV4 ? 4 : 8);
}

/* With which interface identifier an IPv6 prefix stands in the table of whole addresses. */
static uint64_t interface_of(const struct prefix *prefix)
{
	if (prefix->length < prefix_host_length(SG_FAMILY_IPV6))
		return SG_FILTER_ANY_INTERFACE;
	return number_of(prefix->address + 8, 8);
}

/* Keys are numbers: the first N bits, and nothing else. */
static uint64_t key_of(uint64_t bits, unsigned int table)
{
	return bits >> (64 - table_lengths[table]);
}

static void set_bits(__u64 *word, uint64_t bits)
{
	__atomic_fetch_or(word, bits, __ATOMIC_RELEASE);
}

static void set_in_bitmap(struct sg_filter *filter, uint32_t slot, const struct prefix *prefix)
{
	uint64_t bits = leading_bits(prefix) >> (64 - BITMAP_LENGTH), count = 1;
	uint32_t first = sg_filter_bitmap_of(slot, bitmap_of(prefix->family));

	if (prefix->length < BITMAP_LENGTH)
		count = 1ULL << (BITMAP_LENGTH - prefix->length);
	for (uint64_t i = 0; i < count; i++)
		set_bits(&filter->words[first + (bits + i) / 64], 1ULL << ((bits + i) & 63));
}

static void set_hash(struct sg_filter *filter, const struct sg_filter_layout *layout,
		     unsigned int table, uint64_t hash)
{
	set_bits(&filter->words[sg_filter_word_of(&layout->tables[table], hash)],
		 sg_filter_bits_of(hash));
}

static void set_in_table(struct sg_filter *filter, const struct sg_filter_layout *layout,
			 unsigned int table, const struct prefix *prefix)
{
	uint64_t key = key_of(leading_bits(prefix), table);
	uint32_t count = keys_in(table, prefix->length);

	for (uint32_t i = 0; i < count; i++) {
		uint64_t hash = sg_filter_hash(key + i, layout->seed);

		set_hash(filter, layout, table, hash);
		if (table == SG_FILTER_IPV6_64)
			set_hash(filter, layout, SG_FILTER_IPV6_128,
				 sg_filter_hash128(hash, interface_of(prefix), layout->seed));
	}
}

static bool has_room(const struct sg_filter_layout *layout, unsigned int place, uint8_t length,
		     const uint32_t keys[static SG_FILTER_TABLE_COUNT])
{
	return place >= SG_FILTER_TABLE_COUNT || (uint64_t)keys[place] + keys_in(place, length) <=
							 KEYS_MAX_IN(layout->tables[place].count);
}

/* A table that nothing needed is taken into use rather than to crowd the next one. */
static unsigned int place_with_room(const struct sg_filter_layout *layout,
				    const struct prefix *prefix,
				    const uint32_t keys[static SG_FILTER_TABLE_COUNT])
{
	unsigned int place = place_of(prefix->family, prefix->length, layout->in_use);

	if (has_room(layout, place, prefix->length, keys))
		return place;
	return place_of(prefix->family, prefix->length, ~0U);
}

void filter_set(struct sg_filter *filter, uint32_t slot, const struct prefix *prefix,
		uint32_t keys[static SG_FILTER_TABLE_COUNT])
{
	struct sg_filter_layout *layout = &filter->layouts[slot];
	unsigned int place = place_with_room(layout, prefix, keys);

	if (place < SG_FILTER_TABLE_COUNT) {
		set_in_table(filter, layout, place, prefix);
		keys[place] += keys_in(place, prefix->length);
		keys[SG_FILTER_IPV6_128] = keys[SG_FILTER_IPV6_64];
	} else {
		set_in_bitmap(filter, slot, prefix);
	}
	__atomic_fetch_or(&layout->in_use, 1U << place, __ATOMIC_RELEASE);
}

/* By a quarter at least, so that it does not come to a new layout with every entry. */
static bool could_be_larger(const struct sg_filter_layout *layout, unsigned int place,
			    const uint32_t keys[static SG_FILTER_TABLE_COUNT])
{
	uint64_t words = 0, wanted = 1;

	for (unsigned int table = 0; table < SG_FILTER_TABLE_COUNT; table++) {
		words += layout->tables[table].count;
		wanted += WORDS_FOR(keys[table]);
	}
	return words * 5 / 4 < WORDS_MAX ||
	       WORDS_FOR(keys[place]) * WORDS_MAX / wanted > layout->tables[place].count * 5ULL / 4;
}

bool filter_is_crowded(const struct sg_filter *filter, uint32_t slot, const struct prefix *prefix,
		       const uint32_t keys[static SG_FILTER_TABLE_COUNT])
{
	const struct sg_filter_layout *layout = &filter->layouts[slot];
	unsigned int place = place_with_room(layout, prefix, keys);

	return !has_room(layout, place, prefix->length, keys) &&
	       could_be_larger(layout, place, keys);
}

static bool has_hash(const struct sg_filter *filter, const struct sg_filter_layout *layout,
		     unsigned int table, uint64_t hash)
{
	uint64_t bits = sg_filter_bits_of(hash);

	return !(bits & ~filter->words[sg_filter_word_of(&layout->tables[table], hash)]);
}

static bool is_in_table(const struct sg_filter *filter, const struct sg_filter_layout *layout,
			unsigned int table, const struct prefix *host)
{
	uint64_t hash = sg_filter_hash(key_of(leading_bits(host), table), layout->seed);
	uint64_t own, any;

	if (!(layout->in_use & 1U << table) || !has_hash(filter, layout, table, hash))
		return false;
	if (table != SG_FILTER_IPV6_64)
		return true;
	own = sg_filter_hash128(hash, interface_of(host), layout->seed);
	any = sg_filter_hash128(hash, SG_FILTER_ANY_INTERFACE, layout->seed);
	return has_hash(filter, layout, SG_FILTER_IPV6_128, own) ||
	       has_hash(filter, layout, SG_FILTER_IPV6_128, any);
}

static bool is_in_bitmap(const struct sg_filter *filter, uint32_t slot, const struct prefix *host)
{
	uint64_t bits = leading_bits(host) >> (64 - BITMAP_LENGTH);
	unsigned int bitmap = bitmap_of(host->family);

	return filter->layouts[slot].in_use & 1U << bitmap &&
	       filter->words[sg_filter_bitmap_of(slot, bitmap) + bits / 64] >> (bits & 63) & 1;
}

bool filter_passes(const struct sg_filter *filter, uint32_t slot, const struct prefix *host)
{
	if (is_in_bitmap(filter, slot, host))
		return true;
	for (unsigned int table = first_table(host->family); table <= last_table(host->family);
	     table++) {
		if (is_in_table(filter, &filter->layouts[slot], table, host))
			return true;
	}
	return false;
}
