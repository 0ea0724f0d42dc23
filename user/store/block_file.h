/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file or a pipe to which whole blocks of pcapng are written. A file that cannot take more ends
 * with the last block that fitted, so that it can still be read.
 */
#ifndef SIPGUARD_USER_STORE_BLOCK_FILE_H
#define SIPGUARD_USER_STORE_BLOCK_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

struct block_file {
	int descriptor; /* -1: none is open */
	const char *name;
	uint8_t *buffer;
	size_t used;
};

#define BLOCK_FILE_CLOSED ((struct block_file){.descriptor = -1})

/*
 * Creates the file, readable by its owner alone, or empties it; "-" is standard output. The name
 * stays the caller's. block_file_close() releases it, without what was not flushed.
 */
int block_file_open(struct block_file *file, const char *name, struct error *error);
void block_file_close(struct block_file *file);

/*
 * Room for a block of at most `size` bytes, less than 64 KiB. block_file_add() says how long the
 * block became. Errors are those of block_file_flush(), which may be needed to make room.
 */
int block_file_room(struct block_file *file, size_t size, uint8_t **room, struct error *error);
void block_file_add(struct block_file *file, size_t size);

/* False for a pipe whose reader is gone. */
bool block_file_is_read(const struct block_file *file);

/* -EPIPE when nobody reads any more. */
int block_file_flush(struct block_file *file, struct error *error);

#endif
