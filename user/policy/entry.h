/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries of the allowlist, and ordered lists of them. Pure.
 *
 * A list is sorted by prefix_compare() and holds each prefix once. It owns its entries and their
 * labels; entry_list_clear() releases them, and `__attribute__((cleanup(entry_list_clear)))` is the
 * usual way. A zeroed struct is an empty list. Copies share their labels, so a copy of a million
 * entries is one block of memory.
 */
#ifndef SIPGUARD_USER_POLICY_ENTRY_H
#define SIPGUARD_USER_POLICY_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "policy/labels.h"
#include "policy/prefix.h"

/* The longest label, in bytes of UTF-8, without the terminating zero. */
#define LABEL_BYTES_MAX 120
#define LABEL_SIZE	(LABEL_BYTES_MAX + 1)

struct entry {
	struct prefix prefix;
	uint8_t verdict;   /* enum sg_entry_verdict */
	uint16_t file;	   /* of one that is declared: the number of the file in which it stands */
	int64_t until;	   /* seconds of Unix time at which it expires; 0: never */
	const char *label; /* passes label_check(); NULL: none. In a list it is the list's */
};

struct entry_list {
	struct entry *entries;
	size_t count;
	size_t allocated;
	struct labels *labels;
};

/*
 * 0, or -EINVAL: a label is UTF-8 without control characters, at most LABEL_BYTES_MAX long, not
 * blank.
 */
int label_check(const char *label, struct error *error);

/* Makes a label of hostile text: escaped, and cut to fit. False when nothing is left. */
bool label_make(const char *text, char label[static LABEL_SIZE]);

bool entry_equal(const struct entry *left, const struct entry *right);

/*
 * The entry of exactly this prefix, or NULL. The list keeps it; it is valid until the list changes.
 */
struct entry *entry_list_find(const struct entry_list *list, const struct prefix *prefix);

/*
 * The same for prefixes that are asked for in their order: `at` starts out as 0 and is where the
 * next search begins. To ask for many takes one walk through the list.
 */
struct entry *entry_list_find_next(const struct entry_list *list, size_t *at,
				   const struct prefix *prefix);

/*
 * Adds a copy of the entry, or overwrites the one of the same prefix. -ENOMEM leaves the list as it
 * was. Moves all entries behind it: for many there is entry_list_merge().
 */
int entry_list_put(struct entry_list *list, const struct entry *entry, struct error *error);

/* Whether there was such an entry. */
bool entry_list_remove(struct entry_list *list, const struct prefix *prefix);

/*
 * Adds a copy at the end, in any order, for reading many; entry_list_sort() must follow before any
 * other call. Of equal prefixes the one added last stays.
 */
int entry_list_append(struct entry_list *list, const struct entry *entry, struct error *error);
void entry_list_sort(struct entry_list *list);

int entry_list_copy(const struct entry_list *from, struct entry_list *to, struct error *error);
void entry_list_clear(struct entry_list *list);

/* Makes `merged` of the entries of both lists; of equal prefixes that of `over`. */
int entry_list_merge(const struct entry_list *list, const struct entry_list *over,
		     struct entry_list *merged, struct error *error);

/* Makes `rest` of the entries whose prefix does not stand in `without`. */
int entry_list_subtract(const struct entry_list *list, const struct entry_list *without,
			struct entry_list *rest, struct error *error);

#endif
