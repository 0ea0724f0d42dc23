/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is seen most often, in memory that does not grow with how many there are: Space-Saving
 * (Metwally, Agrawal, El Abbadi: "Efficient Computation of Frequent and Top-k Elements in Data
 * Streams", 2005). Pure.
 *
 * Of N sightings, k keys are counted. A count is never too low, and too high by at most its
 * `error`, which is never more than N / k. Whatever was seen more often than N / k is among the k.
 * This holds for any stream, one that somebody chose in order to break it included.
 *
 * An update costs O(log k). Keys that were chosen to meet in one chain of the table cost O(k).
 */
#ifndef SIPGUARD_USER_TRAFFIC_HEAVY_HITTERS_H
#define SIPGUARD_USER_TRAFFIC_HEAVY_HITTERS_H

#include <stdbool.h>
#include <stddef.h>

/* Longer keys are cut, and so count as one when they begin alike. */
#define HEAVY_HITTER_KEY_MAX 64

struct heavy_hitter {
	double count;
	double error;
	size_t place; /* a number below the capacity, for what else the caller keeps of the key */
	size_t length;
	char key[HEAVY_HITTER_KEY_MAX]; /* any bytes */
};

struct heavy_hitters;

/* Room for `capacity` > 0 keys; NULL when memory ran out. heavy_hitters_free() releases it. */
struct heavy_hitters *heavy_hitters_new(size_t capacity);
void heavy_hitters_free(struct heavy_hitters **sketch);

/*
 * Counts one sighting that weighs as much as `weight` > 0 of them. Returns whether the key was
 * among those that are counted before; if not, its place may have been another key's. `place` may
 * be NULL.
 */
bool heavy_hitters_add(struct heavy_hitters *sketch, const void *key, size_t length, double weight,
		       size_t *place);

/* N */
double heavy_hitters_total(const struct heavy_hitters *sketch);

/* The most that a count can be too high: the smallest when all places are taken, or else 0. */
double heavy_hitters_error(const struct heavy_hitters *sketch);

/*
 * Writes up to `most` of them, the highest count first and equal ones in the order of their keys.
 * Returns how many.
 */
size_t heavy_hitters_top(const struct heavy_hitters *sketch, struct heavy_hitter *top, size_t most);

/*
 * Multiplies all counts, errors and N by a factor below 1, so that what is seen from now on weighs
 * more than what was before. What is said above goes on to hold, of the weighted numbers.
 */
void heavy_hitters_age(struct heavy_hitters *sketch, double factor);

#endif
