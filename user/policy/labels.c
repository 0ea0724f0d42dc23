// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/labels.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES 65536

struct chunk {
	struct chunk *next;
	char bytes[];
};

struct labels {
	size_t references;
	struct chunk *chunks; /* the newest first */
	char *free;	      /* in the newest */
	size_t room;
};

struct labels *labels_share(struct labels *labels)
{
	if (labels)
		labels->references++;
	return labels;
}

void labels_release(struct labels *labels)
{
	if (!labels || --labels->references)
		return;
	while (labels->chunks) {
		struct chunk *next = labels->chunks->next;

		free(labels->chunks);
		labels->chunks = next;
	}
	free(labels);
}

static int add_chunk(struct labels *labels, size_t bytes)
{
	struct chunk *chunk = malloc(sizeof(*chunk) + bytes);

	if (!chunk)
		return -1;
	chunk->next = labels->chunks;
	labels->chunks = chunk;
	labels->free = chunk->bytes;
	labels->room = bytes;
	return 0;
}

const char *labels_add(struct labels **labels, const char *label)
{
	size_t size = strlen(label) + 1;
	struct labels *store = *labels;
	char *copy;

	if (!store) {
		store = calloc(1, sizeof(*store));
		if (!store)
			return NULL;
		store->references = 1;
		*labels = store;
	}
	if (store->room < size && add_chunk(store, size > CHUNK_BYTES ? size : CHUNK_BYTES))
		return NULL;
	copy = memcpy(store->free, label, size);
	store->free += size;
	store->room -= size;
	return copy;
}
