// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prefixes are visited in their order, each after all that cover it, with a stack of these. A class
 * is what its parent's class becomes when the lists that name a prefix come or go: two prefixes
 * with the same parent class and the same changes share one.
 */
#include "rules/walk/partition.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

#define LEVELS_MAX 130
/* Pairs of a class and a list that it is in. */
#define MEMBERSHIPS_MAX 50000000

/* How a class came about. */
struct origin {
	uint32_t parent;
	uint32_t first_change; /* in the pool */
	uint32_t change_count;
	uint32_t next; /* with the same hash */
};

struct level {
	size_t number; /* of the node */
	size_t first_undo;
	uint64_t covered; /* by the nodes directly below, in parts of 2^-63 */
};

struct cutter {
	struct partition *partition;
	struct level levels[LEVELS_MAX];
	size_t depth;
	bool *is_member;   /* of each list */
	uint32_t *where;   /* of each list that is one, its place among the members */
	uint32_t *members; /* lists that contain what is visited */
	size_t member_count;
	uint32_t *undo; /* lists whose membership the levels changed */
	size_t undo_count;
	uint32_t *pool; /* changes of all classes */
	size_t pool_count;
	size_t pool_allocated;
	struct origin *origins; /* of each class */
	size_t origins_allocated;
	uint32_t *buckets;
	size_t bucket_mask;
	size_t memberships;
	struct error *error;
};

uint32_t partition_list(struct partition *partition)
{
	return (uint32_t)partition->list_count++;
}

int partition_name(struct partition *partition, uint32_t list, const struct source *source,
		   struct error *error)
{
	int result = array_reserve(&partition->names, sizeof(*partition->names),
				   partition->name_count, &partition->names_allocated, error);

	if (!result)
		partition->names[partition->name_count++] = (struct name){source->prefix, list,
									  source};
	return result;
}

static int compare_names(const void *left, const void *right)
{
	const struct name *a = left, *b = right;
	int order = prefix_compare(&a->prefix, &b->prefix);

	if (order)
		return order;
	return a->list < b->list ? -1 : a->list > b->list;
}

/* Rules that name one prefix each name the same list when the prefix is the same. */
static int join_same(struct partition *partition, struct error *error)
{
	cleanup_free uint32_t *sizes = calloc(partition->list_count + 1, sizeof(*sizes));
	const struct name *first = NULL;

	partition->same_as = calloc(partition->list_count + 1, sizeof(*partition->same_as));
	if (!sizes || !partition->same_as)
		return error_system(error, ENOMEM, "cannot hold the rules");
	for (uint32_t i = 0; i < partition->list_count; i++)
		partition->same_as[i] = i;
	for (size_t i = 0; i < partition->name_count; i++) {
		if (partition->names[i].source)
			sizes[partition->names[i].list]++;
	}
	for (size_t i = 0; i < partition->name_count; i++) {
		struct name *name = &partition->names[i];

		if (!name->source || sizes[name->list] > 1 || name->source->except)
			continue;
		if (first && !prefix_compare(&first->prefix, &name->prefix))
			partition->same_as[name->list] = first->list;
		else
			first = name;
	}
	return 0;
}

static void set_member(struct cutter *cutter, uint32_t list, bool is_member)
{
	if (is_member) {
		cutter->where[list] = (uint32_t)cutter->member_count;
		cutter->members[cutter->member_count++] = list;
	} else {
		uint32_t last = cutter->members[--cutter->member_count];

		cutter->members[cutter->where[list]] = last;
		cutter->where[last] = cutter->where[list];
	}
	cutter->is_member[list] = is_member;
}

static void leave(struct cutter *cutter)
{
	struct level *level = &cutter->levels[--cutter->depth];

	while (cutter->undo_count > level->first_undo) {
		uint32_t list = cutter->undo[--cutter->undo_count];

		set_member(cutter, list, !cutter->is_member[list]);
	}
	cutter->partition->nodes[level->number].is_empty = level->covered >= 1ULL << 63;
	if (cutter->depth) {
		struct level *above = &cutter->levels[cutter->depth - 1];
		const struct partition *partition = cutter->partition;
		unsigned int longer = partition->nodes[level->number].prefix.length -
				      partition->nodes[above->number].prefix.length;

		above->covered += longer < 64 ? (1ULL << 63) >> longer : 0;
	}
}

static size_t hash_of(uint32_t parent, const uint32_t *changes, size_t count)
{
	uint64_t hash = parent + 0x9e3779b97f4a7c15ULL;

	for (size_t i = 0; i < count; i++) {
		hash ^= changes[i] + (hash << 6) + (hash >> 2);
		hash *= 0xbf58476d1ce4e5b9ULL;
	}
	return (size_t)(hash ^ hash >> 31);
}

static int add_class(struct cutter *cutter, uint32_t parent, size_t first_change, size_t bucket)
{
	struct partition *partition = cutter->partition;
	uint32_t class = partition->class_count;
	int result = array_reserve(&cutter->origins, sizeof(*cutter->origins), class,
				   &cutter->origins_allocated, cutter->error);

	if (result)
		return result;
	cutter->memberships += cutter->member_count;
	if (cutter->memberships > MEMBERSHIPS_MAX) {
		error_set(cutter->error, EXIT_USAGE, E2BIG,
			  "the rules are too many to follow: their sources overlap too much");
		error_hint(cutter->error, "give the chains and sets that are about SIP alone");
		return -E2BIG;
	}
	for (size_t i = 0; !result && i < cutter->member_count; i++)
		result = runs_add(&partition->lists[cutter->members[i]], class, class + 1,
				  cutter->error);
	cutter->origins[class] = (struct origin){
		.parent = parent,
		.first_change = (uint32_t)first_change,
		.change_count = (uint32_t)(cutter->pool_count - first_change),
		.next = cutter->buckets[bucket],
	};
	cutter->buckets[bucket] = class;
	partition->class_count++;
	return result;
}

/* The class with this origin, which is made when there is none. The changes end the pool. */
static int class_of(struct cutter *cutter, uint32_t parent, size_t first_change, uint32_t *class)
{
	const uint32_t *changes = cutter->pool + first_change;
	size_t count = cutter->pool_count - first_change;
	size_t bucket = hash_of(parent, changes, count) & cutter->bucket_mask;

	if (!count) {
		*class = parent;
		return 0;
	}
	for (uint32_t at = cutter->buckets[bucket]; at != NO_LIST; at = cutter->origins[at].next) {
		const struct origin *origin = &cutter->origins[at];

		if (origin->parent == parent && origin->change_count == count &&
		    !memcmp(cutter->pool + origin->first_change, changes,
			    count * sizeof(*changes))) {
			cutter->pool_count = first_change;
			*class = at;
			return 0;
		}
	}
	*class = cutter->partition->class_count;
	return add_class(cutter, parent, first_change, bucket);
}

/* Which lists come and go at a node. */
static int change_members(struct cutter *cutter, const struct node *node)
{
	const struct partition *partition = cutter->partition;

	for (uint32_t i = 0; i < node->name_count; i++) {
		const struct name *name = &partition->names[node->first_name + i];
		bool is_in = name->source && !name->source->except;
		uint32_t list;

		if (!name->source)
			continue;
		list = partition->same_as[name->list];
		if (cutter->is_member[list] == is_in)
			continue;
		if (array_reserve(&cutter->pool, sizeof(*cutter->pool), cutter->pool_count,
				  &cutter->pool_allocated, cutter->error))
			return -ENOMEM;
		cutter->pool[cutter->pool_count++] = list;
		cutter->undo[cutter->undo_count++] = list;
		set_member(cutter, list, is_in);
	}
	return 0;
}

/* The roots have no parent: their class is their own. */
#define NO_PARENT UINT32_MAX

static int visit(struct cutter *cutter, size_t first, size_t count)
{
	struct partition *partition = cutter->partition;
	struct node node = {
		.prefix = partition->names[first].prefix,
		.first_name = (uint32_t)first,
		.name_count = (uint32_t)count,
	};
	size_t first_change = cutter->pool_count;
	uint32_t parent = NO_PARENT;
	int result;

	while (cutter->depth &&
	       !prefix_covers(&partition->nodes[cutter->levels[cutter->depth - 1].number].prefix,
			      &node.prefix))
		leave(cutter);
	if (cutter->depth)
		parent = partition->nodes[cutter->levels[cutter->depth - 1].number].class;
	cutter->levels[cutter->depth++] = (struct level){
		.number = partition->node_count,
		.first_undo = cutter->undo_count,
	};
	result = change_members(cutter, &node);
	if (!result && parent == NO_PARENT) {
		node.class = partition->class_count;
		result = add_class(cutter, parent, first_change, 0);
	} else if (!result) {
		result = class_of(cutter, parent, first_change, &node.class);
	}
	result = result ? result
			: array_reserve(&partition->nodes, sizeof(node), partition->node_count,
					&partition->nodes_allocated, cutter->error);
	if (!result)
		partition->nodes[partition->node_count++] = node;
	partition->class_end[node.prefix.family] = partition->class_count;
	return result;
}

/* The widest of a family that is more than what longer prefixes cover. */
static void find_strangers(struct partition *partition)
{
	uint8_t lengths[SG_FAMILY_COUNT];

	memset(lengths, 0xff, sizeof(lengths));
	for (size_t i = 0; i < partition->node_count; i++) {
		const struct node *node = &partition->nodes[i];

		if (node->is_empty || node->prefix.length >= lengths[node->prefix.family])
			continue;
		lengths[node->prefix.family] = node->prefix.length;
		partition->strangers[node->prefix.family] = node->class;
	}
}

static int add_roots(struct partition *partition, struct error *error)
{
	for (unsigned int family = SG_FAMILY_IPV4; family < SG_FAMILY_COUNT; family++) {
		struct source root = {.prefix = {.family = (uint8_t)family}};
		int result = partition_name(partition, NO_LIST, &root, error);

		if (result)
			return result;
		partition->names[partition->name_count - 1].source = NULL;
	}
	return 0;
}

static int make_room(struct cutter *cutter)
{
	struct partition *partition = cutter->partition;
	size_t lists = partition->list_count + 1, buckets = 1024;

	while (buckets < partition->name_count)
		buckets *= 2;
	partition->lists = calloc(lists, sizeof(*partition->lists));
	cutter->is_member = calloc(lists, sizeof(*cutter->is_member));
	cutter->where = calloc(lists, sizeof(*cutter->where));
	cutter->members = calloc(lists, sizeof(*cutter->members));
	cutter->undo = calloc(partition->name_count + 1, sizeof(*cutter->undo));
	cutter->buckets = malloc(buckets * sizeof(*cutter->buckets));
	if (!partition->lists || !cutter->is_member || !cutter->where || !cutter->members ||
	    !cutter->undo || !cutter->buckets)
		return error_system(cutter->error, ENOMEM, "cannot hold the rules");
	memset(cutter->buckets, 0xff, buckets * sizeof(*cutter->buckets));
	cutter->bucket_mask = buckets - 1;
	return 0;
}

static void cutter_clear(struct cutter *cutter)
{
	free(cutter->is_member);
	free(cutter->where);
	free(cutter->members);
	free(cutter->undo);
	free(cutter->buckets);
	free(cutter->pool);
	free(cutter->origins);
}

int partition_cut(struct partition *partition, struct error *error)
{
	__attribute__((cleanup(cutter_clear))) struct cutter cutter = {.partition = partition,
								       .error = error};
	int result = add_roots(partition, error);
	size_t next;

	if (result)
		return result;
	qsort(partition->names, partition->name_count, sizeof(*partition->names), compare_names);
	result = join_same(partition, error);
	result = result ? result : make_room(&cutter);
	for (size_t at = 0; !result && at < partition->name_count; at = next) {
		for (next = at + 1;
		     next < partition->name_count &&
		     !prefix_compare(&partition->names[at].prefix, &partition->names[next].prefix);
		     next++)
			;
		result = visit(&cutter, at, next - at);
	}
	while (cutter.depth)
		leave(&cutter);
	if (!result)
		find_strangers(partition);
	return result;
}

void partition_clear(struct partition *partition)
{
	for (size_t i = 0; partition->lists && i < partition->list_count; i++)
		runs_clear(&partition->lists[i]);
	free(partition->lists);
	free(partition->same_as);
	free(partition->names);
	free(partition->nodes);
	*partition = (struct partition){};
}
