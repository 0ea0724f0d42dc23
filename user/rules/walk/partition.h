/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The address space, cut by all prefixes that a text names into classes: addresses of one class are
 * in the same lists of sources, and so no rule can tell them apart. Pure.
 *
 * A set of a million elements makes one class, and so what is known of a source is kept once.
 */
#ifndef SIPGUARD_USER_RULES_WALK_PARTITION_H
#define SIPGUARD_USER_RULES_WALK_PARTITION_H

#include "rules/model/ruleset.h"

#define NO_LIST UINT32_MAX

/* Classes from `first` on, up to one before `end`. */
struct run {
	uint32_t first;
	uint32_t end;
};

/* In order, and apart from each other. A zeroed struct is empty. */
struct runs {
	struct run *runs;
	size_t count;
	size_t allocated;
};

/* A prefix in a list. */
struct name {
	struct prefix prefix;
	uint32_t list;
	const struct source *source; /* its element; NULL of a family's root */
};

/* The part of a prefix that no longer one covers. */
struct node {
	struct prefix prefix;
	uint32_t class;
	uint32_t first_name;
	uint32_t name_count;
	bool is_empty; /* longer ones cover all of it */
};

struct partition {
	struct name *names; /* by prefix, then by list */
	size_t name_count;
	size_t names_allocated;
	struct node *nodes; /* in the order of prefixes, the root of each family among them */
	size_t node_count;
	size_t nodes_allocated;
	uint32_t class_count;
	uint32_t class_end[SG_FAMILY_COUNT]; /* of each family; they follow each other */
	/* The class of those whom no list names, or of the most addresses. */
	uint32_t strangers[SG_FAMILY_COUNT];
	struct runs *lists; /* the classes in each */
	uint32_t *same_as;  /* of each list an earlier one with the same prefix, or itself */
	size_t list_count;
};

/* A new list, to which partition_name() adds. */
uint32_t partition_list(struct partition *partition);
/* The source must outlive the partition. */
int partition_name(struct partition *partition, uint32_t list, const struct source *source,
		   struct error *error);

/* Cuts, when all is named. -E2BIG: lists overlap so much that it would take too long. */
int partition_cut(struct partition *partition, struct error *error);
void partition_clear(struct partition *partition);

int runs_add(struct runs *runs, uint32_t first, uint32_t end, struct error *error);
int runs_copy(const struct runs *from, struct runs *to, struct error *error);
/* `common` is empty before. */
int runs_intersect(const struct runs *left, const struct runs *right, struct runs *common,
		   struct error *error);
/* Those of 0 to `end` that are not in `runs`. */
int runs_complement(const struct runs *runs, uint32_t end, struct runs *rest, struct error *error);
int runs_unite(const struct runs *left, const struct runs *right, struct runs *all,
	       struct error *error);
void runs_clear(struct runs *runs);

#endif
