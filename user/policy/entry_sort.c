// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sorting lists of a million entries in the time that reading them takes.
 *
 * Not the entries are sorted but numbers, each with the place of its entry: a number orders IPv4
 * prefixes completely, and IPv6 ones by their first 64 bits. A radix sort takes a digit at a time,
 * the lowest first (Knuth, The Art of Computer Programming, volume 3, 5.2.5), and keeps equal
 * numbers in their order.
 */
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "policy/entry.h"
#include "sipguard/abi.h"

#define DIGIT_BITS   8
#define DIGIT_VALUES (1U << DIGIT_BITS)
#define DIGIT_COUNT  (64 / DIGIT_BITS)

struct item {
	uint64_t number;
	size_t place;
};

static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	return prefix_compare(&a->prefix, &b->prefix);
}

static bool is_sorted(const struct entry_list *list)
{
	for (size_t i = 1; i < list->count; i++) {
		if (compare_entries(&list->entries[i - 1], &list->entries[i]) >= 0)
			return false;
	}
	return true;
}

static unsigned int digit(uint64_t number, unsigned int index)
{
	return number >> (index * DIGIT_BITS) & (DIGIT_VALUES - 1);
}

/* Sorts by one digit, from one array into the other. */
static void sort_by_digit(const struct item *from, struct item *to, size_t count,
			  unsigned int index, const size_t *histogram)
{
	size_t next[DIGIT_VALUES], sum = 0;

	for (unsigned int value = 0; value < DIGIT_VALUES; value++) {
		next[value] = sum;
		sum += histogram[value];
	}
	for (size_t i = 0; i < count; i++)
		to[next[digit(from[i].number, index)]++] = from[i];
}

/* A digit that all numbers share is skipped. The result is in `items`; `spare` is as large. */
static void sort_items(struct item *items, struct item *spare, size_t count)
{
	size_t histograms[DIGIT_COUNT][DIGIT_VALUES] = {};
	struct item *from = items, *to = spare;

	for (size_t i = 0; i < count; i++) {
		for (unsigned int index = 0; index < DIGIT_COUNT; index++)
			histograms[index][digit(items[i].number, index)]++;
	}
	for (unsigned int index = 0; index < DIGIT_COUNT; index++) {
		struct item *sorted = to;

		if (!count || histograms[index][digit(items[0].number, index)] == count)
			continue;
		sort_by_digit(from, to, count, index, histograms[index]);
		to = from;
		from = sorted;
	}
	if (from != items)
		memcpy(items, from, count * sizeof(*items));
}

static uint64_t number_of(const struct prefix *prefix)
{
	uint64_t number = prefix_word(prefix, 0);

	return prefix->family == SG_FAMILY_IPV4 ? number | prefix->length : number;
}

/* By the rest of the prefix, and then in the order of the places. */
static int compare_items(const void *left, const void *right, void *context)
{
	const struct item *a = left, *b = right;
	const struct entry *entries = context;
	int order = compare_entries(&entries[a->place], &entries[b->place]);

	if (order)
		return order;
	return a->place < b->place ? -1 : 1;
}

/* Sorts runs of equal numbers. */
static void sort_ties(struct item *items, size_t count, struct entry *entries)
{
	for (size_t from = 0, to; from < count; from = to) {
		to = from + 1;
		while (to < count && items[to].number == items[from].number)
			to++;
		if (to - from > 1)
			qsort_r(&items[from], to - from, sizeof(*items), compare_items, entries);
	}
}

/* IPv4 first, each family in the order of the list. Returns how many IPv4 there are. */
static size_t list_items(const struct entry_list *list, struct item *items)
{
	size_t count4 = 0, next4 = 0, next6;

	for (size_t i = 0; i < list->count; i++)
		count4 += list->entries[i].prefix.family == SG_FAMILY_IPV4;
	next6 = count4;
	for (size_t i = 0; i < list->count; i++) {
		const struct prefix *prefix = &list->entries[i].prefix;
		struct item *item = &items[prefix->family == SG_FAMILY_IPV4 ? next4++ : next6++];

		*item = (struct item){number_of(prefix), i};
	}
	return count4;
}

/* False without the memory for it. */
static bool radix_sort(struct entry_list *list)
{
	cleanup_free struct item *items = malloc(list->count * sizeof(*items));
	cleanup_free struct item *spare = malloc(list->count * sizeof(*spare));
	struct entry *sorted = malloc(list->allocated * sizeof(*sorted));
	size_t count4;

	if (!items || !spare || !sorted) {
		free(sorted);
		return false;
	}
	count4 = list_items(list, items);
	sort_items(items, spare, count4);
	sort_items(items + count4, spare, list->count - count4);
	sort_ties(items + count4, list->count - count4, list->entries);
	for (size_t i = 0; i < list->count; i++)
		sorted[i] = list->entries[items[i].place];
	free(list->entries);
	list->entries = sorted;
	return true;
}

void entry_list_sort(struct entry_list *list)
{
	size_t kept = 0;

	if (is_sorted(list))
		return;
	/* The C library's qsort() merges, and so keeps equal prefixes in their order too. */
	if (!radix_sort(list))
		qsort(list->entries, list->count, sizeof(*list->entries), compare_entries);
	for (size_t i = 0; i < list->count; i++) {
		bool last = i + 1 == list->count ||
			    compare_entries(&list->entries[i], &list->entries[i + 1]) != 0;

		if (last)
			list->entries[kept++] = list->entries[i];
	}
	list->count = kept;
}
