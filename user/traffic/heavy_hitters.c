// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic/heavy_hitters.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NONE SIZE_MAX

struct place {
	struct heavy_hitter hitter;
	size_t chain; /* where its hash puts it */
	size_t next;  /* in the chain */
	size_t rank;  /* in the heap */
};

/* The places are found by key through chains, and the one with the smallest count on a heap. */
struct heavy_hitters {
	size_t capacity;
	size_t count;
	double total;
	struct place *places;
	size_t *chains; /* the first place of each */
	size_t *heap;	/* places; none counts less than the one above it */
};

struct heavy_hitters *heavy_hitters_new(size_t capacity)
{
	struct heavy_hitters *sketch = calloc(1, sizeof(*sketch));

	if (!sketch)
		return NULL;
	sketch->capacity = capacity;
	sketch->places = calloc(capacity, sizeof(*sketch->places));
	sketch->chains = calloc(capacity, sizeof(*sketch->chains));
	sketch->heap = calloc(capacity, sizeof(*sketch->heap));
	if (!sketch->places || !sketch->chains || !sketch->heap) {
		heavy_hitters_free(&sketch);
		return NULL;
	}
	for (size_t i = 0; i < capacity; i++)
		sketch->chains[i] = NONE;
	return sketch;
}

void heavy_hitters_free(struct heavy_hitters **sketch)
{
	if (!*sketch)
		return;
	free((*sketch)->places);
	free((*sketch)->chains);
	free((*sketch)->heap);
	free(*sketch);
	*sketch = NULL;
}

/* FNV-1a. Any other would do: the bounds do not depend on it. */
static size_t chain_of(const struct heavy_hitters *sketch, const void *key, size_t length)
{
	const unsigned char *bytes = key;
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3;
	return (size_t)((hash ^ hash >> 32) % sketch->capacity);
}

static size_t find(const struct heavy_hitters *sketch, size_t chain, const void *key, size_t length)
{
	size_t at = sketch->chains[chain];

	while (at != NONE && (sketch->places[at].hitter.length != length ||
			      memcmp(sketch->places[at].hitter.key, key, length) != 0))
		at = sketch->places[at].next;
	return at;
}

static void unchain(struct heavy_hitters *sketch, size_t place)
{
	size_t *link = &sketch->chains[sketch->places[place].chain];

	while (*link != place)
		link = &sketch->places[*link].next;
	*link = sketch->places[place].next;
}

static void set_key(struct heavy_hitters *sketch, size_t place, size_t chain, const void *key,
		    size_t length)
{
	struct place *taken = &sketch->places[place];

	memcpy(taken->hitter.key, key, length);
	taken->hitter.length = length;
	taken->hitter.place = place;
	taken->chain = chain;
	taken->next = sketch->chains[chain];
	sketch->chains[chain] = place;
}

static double count_at(const struct heavy_hitters *sketch, size_t rank)
{
	return sketch->places[sketch->heap[rank]].hitter.count;
}

static void put_at(struct heavy_hitters *sketch, size_t rank, size_t place)
{
	sketch->heap[rank] = place;
	sketch->places[place].rank = rank;
}

/* Moves a place that counts more than before away from the top. */
static void sink(struct heavy_hitters *sketch, size_t place)
{
	size_t rank = sketch->places[place].rank, child;

	while ((child = 2 * rank + 1) < sketch->count) {
		if (child + 1 < sketch->count &&
		    count_at(sketch, child + 1) < count_at(sketch, child))
			child++;
		if (sketch->places[place].hitter.count <= count_at(sketch, child))
			break;
		put_at(sketch, rank, sketch->heap[child]);
		rank = child;
	}
	put_at(sketch, rank, place);
}

/* Moves a place that is new at the end of the heap towards the top. */
static void rise(struct heavy_hitters *sketch, size_t place)
{
	size_t rank = sketch->places[place].rank;

	while (rank && sketch->places[place].hitter.count < count_at(sketch, (rank - 1) / 2)) {
		put_at(sketch, rank, sketch->heap[(rank - 1) / 2]);
		rank = (rank - 1) / 2;
	}
	put_at(sketch, rank, place);
}

/* A free place, or that of the key that counts least: what it counted may be the new key's. */
static size_t make_room(struct heavy_hitters *sketch)
{
	struct heavy_hitter *least;

	if (sketch->count < sketch->capacity) {
		size_t place = sketch->count++;

		put_at(sketch, place, place);
		rise(sketch, place);
		return place;
	}
	unchain(sketch, sketch->heap[0]);
	least = &sketch->places[sketch->heap[0]].hitter;
	least->error = least->count;
	return sketch->heap[0];
}

bool heavy_hitters_add(struct heavy_hitters *sketch, const void *key, size_t length, double weight,
		       size_t *taken)
{
	size_t chain, place;
	bool known;

	length = length < HEAVY_HITTER_KEY_MAX ? length : HEAVY_HITTER_KEY_MAX;
	chain = chain_of(sketch, key, length);
	place = find(sketch, chain, key, length);
	known = place != NONE;
	if (!known) {
		place = make_room(sketch);
		set_key(sketch, place, chain, key, length);
	}
	sketch->total += weight;
	sketch->places[place].hitter.count += weight;
	sink(sketch, place);
	if (taken)
		*taken = place;
	return known;
}

double heavy_hitters_total(const struct heavy_hitters *sketch)
{
	return sketch->total;
}

double heavy_hitters_error(const struct heavy_hitters *sketch)
{
	return sketch->count < sketch->capacity ? 0 : count_at(sketch, 0);
}

static int compare(const struct heavy_hitter *left, const struct heavy_hitter *right)
{
	size_t shorter = left->length < right->length ? left->length : right->length;
	int order;

	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	order = memcmp(left->key, right->key, shorter);
	if (order)
		return order;
	return left->length < right->length ? -1 : left->length > right->length;
}

/* An insertion for each place, because `most` is a screen's height. */
size_t heavy_hitters_top(const struct heavy_hitters *sketch, struct heavy_hitter *top, size_t most)
{
	size_t found = 0;

	for (size_t i = 0; i < sketch->count; i++) {
		const struct heavy_hitter *hitter = &sketch->places[i].hitter;
		size_t at = found;

		while (at && compare(hitter, &top[at - 1]) < 0)
			at--;
		if (at == most)
			continue;
		found += found < most;
		memmove(&top[at + 1], &top[at], (found - 1 - at) * sizeof(*top));
		top[at] = *hitter;
	}
	return found;
}

void heavy_hitters_age(struct heavy_hitters *sketch, double factor)
{
	sketch->total *= factor;
	for (size_t i = 0; i < sketch->count; i++) {
		sketch->places[i].hitter.count *= factor;
		sketch->places[i].hitter.error *= factor;
	}
}
