/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The declared policy: the administrator's configuration file, and the lists of entries beside it.
 *
 * Of the directory of lists, the regular files whose names end in .list are read, in the order of
 * their names; hidden files and what editors and package managers leave (x.list~, x.list.dpkg-old)
 * are not. A prefix may stand once in all of them together.
 */
#ifndef SIPGUARD_USER_STORE_DECLARED_H
#define SIPGUARD_USER_STORE_DECLARED_H

#include <stddef.h>

#include "error.h"
#include "policy/config.h"
#include "policy/entry.h"
#include "store/paths.h"

#define DECLARED_LIST_SIZE_MAX (64U << 20)
#define DECLARED_LISTS_MAX     1000

/* One list, as it was read. */
struct declared_list {
	char *path;
	char *text;
	size_t size;
	struct entry_list entries;
};

struct declared_policy {
	char path[STORE_PATH_SIZE]; /* of the configuration file */
	struct config config;
	struct declared_list *lists; /* in the order of their names */
	size_t list_count;
	struct entry_list entries; /* of all lists, expired ones included */
};

/*
 * Reads everything, or fails with the first thing that is wrong and leaves `declared` empty as it
 * was. `path` is the configuration file, or a directory in which it is sipguard.conf; NULL the
 * usual one. -ENOENT (EXIT_ABSENT) when there is none. A directory of lists that is not there holds
 * none, unless the file names it.
 */
int declared_load(const char *path, struct declared_policy *declared, struct error *error);
void declared_clear(struct declared_policy *declared);

/*
 * The paths of the files that declared_load() would read, for a caller that judges them one by one:
 * the configuration file, and its lists unless that cannot be read. The caller frees each of them
 * and the array.
 */
int declared_paths(const char *path, char ***paths, size_t *count, struct error *error);

/* What stands in the configuration file alone. */
int declared_load_config(const char *path, struct config *config, struct error *error);

/*
 * A policy that declares the entries of one list, and leaves everything else as it is. Takes over
 * the text, which is NULL then; `name` is the list's, for errors and as the origin of its entries.
 */
int declared_of_list(const char *name, char **text, size_t size, struct declared_policy *declared,
		     struct error *error);

/*
 * The list in which exactly this prefix stands, and the number of its line when `line` is not NULL;
 * NULL when it stands in none.
 */
const struct declared_list *declared_origin(const struct declared_policy *declared,
					    const struct prefix *prefix, size_t *line);

#endif
