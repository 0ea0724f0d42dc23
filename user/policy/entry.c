// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text/utf8.h"

int label_check(const char *label, struct error *error)
{
	size_t left = strlen(label);

	if (left > LABEL_BYTES_MAX)
		return error_set(error, EXIT_USAGE, EINVAL, "a label has at most %d bytes",
				 LABEL_BYTES_MAX);
	if (!label[strspn(label, " ")])
		return error_set(error, EXIT_USAGE, EINVAL, "the label is empty");
	/* A list file would not give them back. */
	if (label[0] == ' ' || label[left - 1] == ' ')
		return error_set(error, EXIT_USAGE, EINVAL,
				 "a label neither begins nor ends with a blank");
	while (left) {
		uint32_t character;
		size_t size = utf8_decode(label, left, &character);

		if (!size || !utf8_is_printable(character))
			return error_set(error, EXIT_USAGE, EINVAL,
					 "a label is printable UTF-8, without control characters");
		label += size;
		left -= size;
	}
	return 0;
}

bool entry_equal(const struct entry *left, const struct entry *right)
{
	const char *left_label = left->label ? left->label : "";
	const char *right_label = right->label ? right->label : "";

	return !prefix_compare(&left->prefix, &right->prefix) && left->verdict == right->verdict &&
	       left->until == right->until && !strcmp(left_label, right_label);
}

static int memory_error(struct error *error)
{
	return error_system(error, ENOMEM, "cannot hold the list");
}

/* Where the prefix is, or would be inserted. */
static size_t position(const struct entry_list *list, const struct prefix *prefix, bool *found)
{
	size_t low = 0, high = list->count;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = prefix_compare(&list->entries[middle].prefix, prefix);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct entry *entry_list_find(const struct entry_list *list, const struct prefix *prefix)
{
	bool found;
	size_t at = position(list, prefix, &found);

	return found ? &list->entries[at] : NULL;
}

static int reserve(struct entry_list *list, struct error *error)
{
	size_t room = list->allocated ? list->allocated * 2 : 16;
	struct entry *entries;

	if (list->count < list->allocated)
		return 0;
	entries = realloc(list->entries, room * sizeof(*entries));
	if (!entries)
		return memory_error(error);
	list->entries = entries;
	list->allocated = room;
	return 0;
}

/* A copy with a label of its own. */
static int duplicate(const struct entry *entry, struct entry *copy, struct error *error)
{
	char *label = entry->label ? strdup(entry->label) : NULL;

	if (entry->label && !label)
		return memory_error(error);
	*copy = *entry;
	copy->label = label;
	return 0;
}

int entry_list_put(struct entry_list *list, const struct entry *entry, struct error *error)
{
	struct entry copy;
	size_t at;
	bool found;
	int result;

	result = reserve(list, error);
	result = result ? result : duplicate(entry, &copy, error);
	if (result)
		return result;
	at = position(list, &entry->prefix, &found);
	if (found) {
		free(list->entries[at].label);
	} else {
		memmove(&list->entries[at + 1], &list->entries[at],
			(list->count - at) * sizeof(*list->entries));
		list->count++;
	}
	list->entries[at] = copy;
	return 0;
}

bool entry_list_remove(struct entry_list *list, const struct prefix *prefix)
{
	bool found;
	size_t at = position(list, prefix, &found);

	if (!found)
		return false;
	free(list->entries[at].label);
	list->count--;
	memmove(&list->entries[at], &list->entries[at + 1],
		(list->count - at) * sizeof(*list->entries));
	return true;
}

int entry_list_append(struct entry_list *list, const struct entry *entry, struct error *error)
{
	int result = reserve(list, error);

	result = result ? result : duplicate(entry, &list->entries[list->count], error);
	if (!result)
		list->count++;
	return result;
}

static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	return prefix_compare(&a->prefix, &b->prefix);
}

void entry_list_sort(struct entry_list *list)
{
	size_t kept = 0;

	/* The C library's qsort() merges, and so keeps equal prefixes in their order. */
	if (list->count)
		qsort(list->entries, list->count, sizeof(*list->entries), compare_entries);
	for (size_t i = 0; i < list->count; i++) {
		bool last = i + 1 == list->count ||
			    compare_entries(&list->entries[i], &list->entries[i + 1]) != 0;

		if (last)
			list->entries[kept++] = list->entries[i];
		else
			free(list->entries[i].label);
	}
	list->count = kept;
}

int entry_list_copy(const struct entry_list *from, struct entry_list *to, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list copy = {};

	for (size_t i = 0; i < from->count; i++) {
		int result = entry_list_append(&copy, &from->entries[i], error);

		if (result)
			return result;
	}
	*to = copy;
	copy = (struct entry_list){};
	return 0;
}

void entry_list_clear(struct entry_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->entries[i].label);
	free(list->entries);
	*list = (struct entry_list){};
}
