// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic/heavy_hitters.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

#define PLACES	  64
#define UNIVERSE  5000
#define SIGHTINGS 60000

/* What really was seen, key by key. */
struct truth {
	double counts[UNIVERSE];
	double total;
};

static void weigh(struct heavy_hitters *sketch, struct truth *truth, uint32_t key, double weight)
{
	heavy_hitters_add(sketch, &key, sizeof(key), weight, NULL);
	truth->counts[key] += weight;
	truth->total += weight;
}

static void see(struct heavy_hitters *sketch, struct truth *truth, uint32_t key)
{
	weigh(sketch, truth, key, 1);
}

static void everything_holds(const struct heavy_hitters *sketch, const struct truth *truth)
{
	struct heavy_hitter top[PLACES];
	size_t found = heavy_hitters_top(sketch, top, PLACES);
	bool listed[UNIVERSE] = {};
	double sum = 0;

	cr_assert_float_eq(heavy_hitters_total(sketch), truth->total, 1e-6);
	cr_assert_leq(heavy_hitters_error(sketch), truth->total / PLACES + 1e-6);
	for (size_t i = 0; i < found; i++) {
		uint32_t key;

		cr_assert_eq(top[i].length, sizeof(key));
		memcpy(&key, top[i].key, sizeof(key));
		cr_assert_not(listed[key]);
		listed[key] = true;
		sum += top[i].count;
		cr_assert(!i || top[i - 1].count >= top[i].count);
		cr_assert_geq(top[i].count, truth->counts[key] - 1e-6);
		cr_assert_leq(top[i].count - top[i].error, truth->counts[key] + 1e-6);
		cr_assert_leq(top[i].error, heavy_hitters_error(sketch) + 1e-6);
	}
	cr_assert_float_eq(sum, truth->total, 1e-6);
	for (size_t key = 0; key < UNIVERSE; key++)
		cr_assert(listed[key] || truth->counts[key] <= truth->total / PLACES + 1e-6);
}

/* Zipf's law, as of the scanners of a day: the n-th is seen 1 / n as often as the first. */
static uint32_t skewed_key(struct random *random)
{
	double uniform = (double)(random_next(random) >> 11) / (double)(1ULL << 53);

	return (uint32_t)(pow(UNIVERSE, uniform)) % UNIVERSE;
}

Test(heavy_hitters, a_skewed_stream)
{
	struct heavy_hitters *sketch = heavy_hitters_new(PLACES);
	static struct truth truth;
	struct random random = {11};
	struct heavy_hitter top[3];

	for (int i = 0; i < SIGHTINGS; i++)
		see(sketch, &truth, skewed_key(&random));
	everything_holds(sketch, &truth);
	/* The first three are so far ahead that the sketch must have them in their order. */
	heavy_hitters_top(sketch, top, 3);
	for (uint32_t key = 1; key <= 3; key++)
		cr_assert_eq(memcmp(top[key - 1].key, &key, sizeof(key)), 0);
	heavy_hitters_free(&sketch);
}

Test(heavy_hitters, a_random_flood_with_somebody_in_it)
{
	struct heavy_hitters *sketch = heavy_hitters_new(PLACES);
	static struct truth truth;
	struct random random = {12};
	struct heavy_hitter top;

	for (int i = 0; i < SIGHTINGS; i++)
		see(sketch, &truth, i % 20 ? random_below(&random, UNIVERSE) : 7);
	everything_holds(sketch, &truth);
	cr_assert_eq(heavy_hitters_top(sketch, &top, 1), 1);
	cr_assert_eq(top.key[0], 7);
	cr_assert_geq(top.count, SIGHTINGS / 20.0);
	heavy_hitters_free(&sketch);
}

/* Each newcomer is the one that was thrown out longest ago: the most that the error can be. */
Test(heavy_hitters, a_stream_that_wants_to_break_it)
{
	struct heavy_hitters *sketch = heavy_hitters_new(PLACES);
	static struct truth truth;

	for (uint32_t i = 0; i < SIGHTINGS; i++)
		see(sketch, &truth, i % (PLACES + 1));
	everything_holds(sketch, &truth);
	cr_assert_gt(heavy_hitters_error(sketch), truth.total / PLACES - 1);
	heavy_hitters_free(&sketch);
}

Test(heavy_hitters, what_is_aged_keeps_the_bounds)
{
	struct heavy_hitters *sketch = heavy_hitters_new(PLACES);
	static struct truth truth;
	struct random random = {13};

	for (int i = 0; i < SIGHTINGS; i++) {
		see(sketch, &truth, skewed_key(&random));
		if (i % 1000)
			continue;
		heavy_hitters_age(sketch, 0.9);
		truth.total *= 0.9;
		for (size_t key = 0; key < UNIVERSE; key++)
			truth.counts[key] *= 0.9;
	}
	everything_holds(sketch, &truth);
	heavy_hitters_free(&sketch);
}

Test(heavy_hitters, weights_keep_the_bounds)
{
	struct heavy_hitters *sketch = heavy_hitters_new(PLACES);
	static struct truth truth;
	struct random random = {14};

	for (int i = 0; i < SIGHTINGS; i++)
		weigh(sketch, &truth, skewed_key(&random), 1U << random_below(&random, 12));
	everything_holds(sketch, &truth);
	heavy_hitters_free(&sketch);
}

Test(heavy_hitters, few_keys_are_counted_exactly)
{
	struct heavy_hitters *sketch = heavy_hitters_new(4);
	struct heavy_hitter top[4];

	cr_assert_eq(heavy_hitters_top(sketch, top, 4), 0);
	cr_assert_not(heavy_hitters_add(sketch, "b", 1, 1, NULL));
	cr_assert_not(heavy_hitters_add(sketch, "", 0, 1, NULL));
	cr_assert_not(heavy_hitters_add(sketch, "a", 1, 1, NULL));
	cr_assert(heavy_hitters_add(sketch, "", 0, 1, NULL));
	cr_assert_eq(heavy_hitters_top(sketch, top, 2), 2);
	cr_assert_eq(top[0].length, 0);
	cr_assert_eq(top[0].count, 2);
	cr_assert_eq(top[1].key[0], 'a');
	cr_assert_eq(top[1].error, 0);
	cr_assert_eq(heavy_hitters_error(sketch), 0);
	heavy_hitters_free(&sketch);
}

Test(heavy_hitters, long_keys_are_cut)
{
	struct heavy_hitters *sketch = heavy_hitters_new(4);
	struct heavy_hitter top;
	char key[HEAVY_HITTER_KEY_MAX + 10];

	memset(key, 'x', sizeof(key));
	heavy_hitters_add(sketch, key, sizeof(key), 1, NULL);
	cr_assert(heavy_hitters_add(sketch, key, HEAVY_HITTER_KEY_MAX + 1, 1, NULL));
	cr_assert_not(heavy_hitters_add(sketch, key, HEAVY_HITTER_KEY_MAX - 1, 1, NULL));
	cr_assert_eq(heavy_hitters_top(sketch, &top, 1), 1);
	cr_assert_eq(top.length, HEAVY_HITTER_KEY_MAX);
	heavy_hitters_free(&sketch);
}
