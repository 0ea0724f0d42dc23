/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text files that are whole or refused: the last line seals what stands before it with a CRC-32
 * (zlib), so a torn, truncated or edited file is noticed. A new version is written beside the old
 * one, flushed to the disk, and takes its place by rename(2): whoever reads, reads one or the
 * other.
 */
#ifndef SIPGUARD_USER_STORE_SEALED_FILE_H
#define SIPGUARD_USER_STORE_SEALED_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "error.h"
#include "store/paths.h"

/*
 * Reads the text before the seal; the caller frees it, it is terminated. -ENOENT: no such file;
 * -EBADMSG: damaged.
 */
int sealed_file_read(const char *path, char **text, size_t *size, struct error *error);

/*
 * A new version that is on the disk but not in its place. A zeroed struct is none.
 *
 * The text is written to `stream`, whose errors need no attention: sealed_file_seal() tells of
 * them, adds the seal, and returns when all is on the disk.
 */
struct sealed_draft {
	char path[STORE_PATH_SIZE];
	char temporary[STORE_PATH_SIZE + 8];
	FILE *stream; /* between begin and seal */
	int file;
	unsigned long sum; /* of what was written so far */
	int failed;	   /* the first negative errno */
};

int sealed_file_begin(struct sealed_draft *draft, const char *path, struct error *error);
int sealed_file_seal(struct sealed_draft *draft, struct error *error);

/* Puts the draft in its place, and is done when the directory is on the disk too. */
int sealed_file_commit(struct sealed_draft *draft, struct error *error);

/* Removes a draft that was not committed. For `__attribute__((cleanup))`. */
void sealed_file_discard(struct sealed_draft *draft);

/* Drafts that a command that was killed has left. */
bool sealed_file_has_draft(const char *path);
void sealed_file_remove_draft(const char *path);
/* As sealed_file_read(), of the draft. */
int sealed_file_read_draft(const char *path, char **text, size_t *size, struct error *error);
/* As sealed_file_commit(); no draft is no error. */
int sealed_file_commit_draft(const char *path, struct error *error);

/* Removes a file, and is done when that is on the disk; no file is no error. */
int sealed_file_remove(const char *path, struct error *error);

#endif
