/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loading many elements into a map at once. */
#ifndef SIPGUARD_USER_KERNEL_BATCH_H
#define SIPGUARD_USER_KERNEL_BATCH_H

#include <stddef.h>
#include <stdint.h>

struct batch_elements {
	const void *keys;
	size_t key_size;
	const void *values;
	size_t value_size;
	uint32_t count;
};

/*
 * Writes them all, in their order. Where the kernel is short of memory for a moment, which a trie
 * without preallocation is seen to be while memory is free, it goes on behind the last element that
 * was written, and gives up when none is for a second. Returns 0 or a negative errno.
 */
int batch_update(int map, const struct batch_elements *elements);

#endif
