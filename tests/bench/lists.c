// SPDX-License-Identifier: GPL-2.0-or-later
#include "lists.h"

#include <arpa/inet.h>
#include <string.h>

#include "generator.h"

#define SEED 20

/* One entry in so many is a network. */
#define NETWORKS_PER_HOSTS 1000

static uint8_t draw_length(uint8_t family, __u64 *state)
{
	if (lcg_next(state) % NETWORKS_PER_HOSTS)
		return prefix_host_length(family);
	if (family == SG_FAMILY_IPV4)
		return (uint8_t)(24 + lcg_next(state) % 5);
	return (uint8_t)(48 + lcg_next(state) % 17);
}

static struct prefix draw_prefix(uint8_t family, __u64 *state)
{
	struct prefix prefix = {.family = family, .length = draw_length(family, state)};
	struct source source = {};

	if (family == SG_FAMILY_IPV4) {
		source.words[0] = htonl(public_ipv4(lcg_next(state)));
	} else {
		source.words[0] = htonl(global_ipv6(lcg_next(state)));
		for (int i = 1; i < 4; i++)
			source.words[i] = htonl(lcg_next(state));
	}
	memcpy(prefix.address, &source, sizeof(prefix.address));
	prefix_truncate(&prefix);
	return prefix;
}

/* In a sorted list a prefix stands behind the one that covers it. */
static void remove_covered(struct entry_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (kept &&
		    prefix_covers(&list->entries[kept - 1].prefix, &list->entries[i].prefix))
			continue;
		list->entries[kept++] = list->entries[i];
	}
	list->count = kept;
}

int list_generate(struct allowlist *list, uint8_t family, size_t count, struct error *error)
{
	struct entry_list *entries = &list->entries;
	__u64 state = SEED;
	int result;

	list->family = family;
	while (entries->count < count) {
		for (size_t missing = count - entries->count; missing; missing--) {
			struct entry entry = {.prefix = draw_prefix(family, &state)};

			result = entry_list_append(entries, &entry, error);
			if (result)
				return result;
		}
		entry_list_sort(entries);
		remove_covered(entries);
	}
	return 0;
}

double list_covered_share(const struct allowlist *list)
{
	double covered = 0;

	for (size_t i = 0; i < list->entries.count; i++)
		covered += (double)(1ULL << (32 - list->entries.entries[i].prefix.length));
	return covered / PUBLIC_IPV4_COUNT;
}

static struct source source_of(const struct prefix *prefix)
{
	struct source source;

	memcpy(&source, prefix->address, sizeof(source));
	return source;
}

/* Evenly spread over the list. */
static void write_allowed(const struct entry_list *list, struct source *sources, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sources[i] = source_of(&list->entries[i * list->count / count].prefix);
}

/*
 * Without prefixes inside others, only the last one that begins at or before it can cover a host.
 */
static bool is_allowed(const struct entry_list *list, const struct prefix *host)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (prefix_compare(&list->entries[middle].prefix, host) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low && prefix_covers(&list->entries[low - 1].prefix, host);
}

static bool find_neighbour(const struct entry_list *list, const struct prefix *allowed,
			   struct prefix *stranger)
{
	uint8_t length = prefix_host_length(allowed->family);

	for (unsigned int flip = 1; flip < 256; flip++) {
		*stranger = *allowed;
		stranger->length = length;
		stranger->address[length / 8 - 1] ^= (uint8_t)flip;
		if (!is_allowed(list, stranger))
			return true;
	}
	return false;
}

static void write_neighbours(const struct entry_list *list, struct source *sources, size_t count)
{
	size_t found = 0;

	for (size_t i = 0; found < count; i++) {
		struct prefix stranger;

		if (find_neighbour(list, &list->entries[i % list->count].prefix, &stranger))
			sources[found++] = source_of(&stranger);
	}
}

size_t sources_number(enum sources sources, const struct allowlist *list)
{
	size_t entries = list->entries.count;

	switch (sources) {
	case SOURCES_ONE:
		return 1;
	case SOURCES_ACTIVE:
		return entries < SOURCES_ACTIVE_MAX ? entries : SOURCES_ACTIVE_MAX;
	case SOURCES_NEIGHBOURS:
	case SOURCES_ALL:
		return entries;
	default:
		return 0;
	}
}

bool sources_are_worthwhile(enum sources sources, const struct allowlist *list)
{
	if (sources != SOURCES_ACTIVE && sources != SOURCES_ALL)
		return true;
	return sources_number(sources, list) > sources_number(sources - 1, list);
}

void sources_choose(enum sources sources, const struct allowlist *list)
{
	size_t number = sources_number(sources, list);

	if (sources == SOURCES_STRANGERS)
		generator_draw_strangers(list->family);
	else if (sources == SOURCES_NEIGHBOURS)
		write_neighbours(&list->entries, generator_draw_from(list->family, number), number);
	else
		write_allowed(&list->entries, generator_draw_from(list->family, number), number);
}
