// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/batch.h"

#include <errno.h>
#include <time.h>

#include <bpf/bpf.h>

/* Each failure without progress waits longer than the one before: 2, 4, 8 ms and up to 128. */
#define TRIES_MAX    14
#define WAIT_MAX     128
#define MILLISECONDS 1000000L

static void wait_for_memory(unsigned int tries)
{
	long wait = tries < 7 ? 1L << tries : WAIT_MAX;

	nanosleep(&(struct timespec){.tv_nsec = wait * MILLISECONDS}, NULL);
}

int batch_update(int map, const struct batch_elements *elements)
{
	const char *keys = elements->keys, *values = elements->values;
	unsigned int tries = 0;

	for (uint32_t at = 0; at < elements->count;) {
		uint32_t left = elements->count - at, done = left;

		if (!bpf_map_update_batch(map, keys + at * elements->key_size,
					  values + at * elements->value_size, &done, NULL))
			return 0;
		if (errno != ENOMEM)
			return -errno;
		/* Kernels before 6.8 leave the count as it is when they fail before the first. */
		done = done < left ? done : 0;
		at += done;
		tries = done ? 0 : tries + 1;
		if (tries == TRIES_MAX)
			return -ENOMEM;
		wait_for_memory(tries);
	}
	return 0;
}
