/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arrays that grow by one element at a time and keep no record of their room. Pure. */
#ifndef SIPGUARD_USER_DOCTOR_ARRAY_H
#define SIPGUARD_USER_DOCTOR_ARRAY_H

#include <stdlib.h>
#include <string.h>

/*
 * The array with room for one more than `count` elements, or NULL without memory, and then it is as
 * it was. The room doubles whenever the count is a power of two.
 */
static inline void *array_grow(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	return realloc(array, (count ? 2 * count : 1) * size);
}

/* A zeroed element at the end of the array, which is counted, or NULL without memory. */
#define array_add(array, count) \
	({ \
		typeof(array) grown_ = array_grow((array), (count), sizeof(*(array))); \
		if (grown_) { \
			(array) = grown_; \
			grown_ += (count)++; \
			memset(grown_, 0, sizeof(*grown_)); \
		} \
		grown_; \
	})

#endif
