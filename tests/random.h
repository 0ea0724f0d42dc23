/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A generator with a fixed seed (splitmix64), so that a failure can be repeated. */
#ifndef SIPGUARD_TESTS_RANDOM_H
#define SIPGUARD_TESTS_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state;
};

static inline uint64_t random_next(struct random *random)
{
	uint64_t mixed = random->state += 0x9e3779b97f4a7c15;

	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
	return mixed ^ mixed >> 31;
}

/* 0 to `count` - 1 */
static inline unsigned int random_below(struct random *random, unsigned int count)
{
	return (unsigned int)(random_next(random) % count);
}

#endif
