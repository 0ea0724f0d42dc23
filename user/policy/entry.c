// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text/escape.h"
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
		uint32_t character = (unsigned char)*label;
		size_t size = 1;

		if (character >= 0x80)
			size = utf8_decode(label, left, &character);
		if (!size || !utf8_is_printable(character))
			return error_set(
				error, EXIT_USAGE, EINVAL,
				"a label is printable UTF-8, without characters that control, "
				"reorder or hide text");
		label += size;
		left -= size;
	}
	return 0;
}

bool label_make(const char *text, char label[static LABEL_SIZE])
{
	struct error error;
	size_t length;

	text += strspn(text, " ");
	text_escape(label, LABEL_SIZE, text, strlen(text));
	for (length = strlen(label); length && label[length - 1] == ' '; length--)
		label[length - 1] = '\0';
	return !label_check(label, &error);
}

bool entry_equal(const struct entry *left, const struct entry *right)
{
	if (prefix_compare(&left->prefix, &right->prefix) != 0 || left->verdict != right->verdict ||
	    left->until != right->until)
		return false;
	return left->label == right->label ||
	       (left->label && right->label && !strcmp(left->label, right->label));
}

static int memory_error(struct error *error)
{
	return error_system(error, ENOMEM, "cannot hold the list");
}

/* Where the prefix is between two places, or would be inserted. */
static size_t search(const struct entry_list *list, size_t low, size_t high,
		     const struct prefix *prefix, bool *found)
{
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

/* The same from a place on, in steps that double: as fast for the next entry as for a far one. */
static size_t search_from(const struct entry_list *list, size_t from, const struct prefix *prefix,
			  bool *found)
{
	size_t high = from, step = 1;

	while (high < list->count && prefix_compare(&list->entries[high].prefix, prefix) < 0) {
		from = high + 1;
		high += step;
		step *= 2;
	}
	return search(list, from, high < list->count ? high + 1 : list->count, prefix, found);
}

struct entry *entry_list_find(const struct entry_list *list, const struct prefix *prefix)
{
	bool found;
	size_t at = search(list, 0, list->count, prefix, &found);

	return found ? &list->entries[at] : NULL;
}

struct entry *entry_list_find_next(const struct entry_list *list, size_t *at,
				   const struct prefix *prefix)
{
	bool found;

	*at = search_from(list, *at, prefix, &found);
	return found ? &list->entries[*at] : NULL;
}

static int reserve(struct entry_list *list, size_t room, struct error *error)
{
	struct entry *entries;

	if (room <= list->allocated)
		return 0;
	entries = realloc(list->entries, room * sizeof(*entries));
	if (!entries)
		return memory_error(error);
	list->entries = entries;
	list->allocated = room;
	return 0;
}

static int reserve_one(struct entry_list *list, struct error *error)
{
	if (list->count < list->allocated)
		return 0;
	return reserve(list, list->allocated ? list->allocated * 2 : 16, error);
}

/* A copy whose label is the list's. */
static int adopt(struct entry_list *list, const struct entry *entry, struct entry *copy,
		 struct error *error)
{
	const char *label = entry->label ? labels_add(&list->labels, entry->label) : NULL;

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

	result = reserve_one(list, error);
	result = result ?: adopt(list, entry, &copy, error);
	if (result)
		return result;
	at = search(list, 0, list->count, &entry->prefix, &found);
	if (!found) {
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
	size_t at = search(list, 0, list->count, prefix, &found);

	if (!found)
		return false;
	list->count--;
	memmove(&list->entries[at], &list->entries[at + 1],
		(list->count - at) * sizeof(*list->entries));
	return true;
}

int entry_list_append(struct entry_list *list, const struct entry *entry, struct error *error)
{
	int result = reserve_one(list, error);

	result = result ?: adopt(list, entry, &list->entries[list->count], error);
	if (!result)
		list->count++;
	return result;
}

/* An empty list with room, that shares the labels of another. */
static int begin_like(const struct entry_list *other, size_t room, struct entry_list *list,
		      struct error *error)
{
	int result = reserve(list, room ? room : 1, error);

	if (!result)
		list->labels = labels_share(other->labels);
	return result;
}

static void append_run(struct entry_list *list, const struct entry_list *from, size_t first,
		       size_t end)
{
	if (end > first)
		memcpy(&list->entries[list->count], &from->entries[first],
		       (end - first) * sizeof(*list->entries));
	list->count += end - first;
}

int entry_list_copy(const struct entry_list *from, struct entry_list *to, struct error *error)
{
	struct entry_list copy = {};
	int result = begin_like(from, from->count, &copy, error);

	if (result)
		return result;
	append_run(&copy, from, 0, from->count);
	*to = copy;
	return 0;
}

int entry_list_merge(const struct entry_list *list, const struct entry_list *over,
		     struct entry_list *merged, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list made = {};
	size_t at = 0;
	int result = begin_like(list, list->count + over->count, &made, error);

	for (size_t i = 0; !result && i < over->count; i++) {
		bool found;
		size_t place = search_from(list, at, &over->entries[i].prefix, &found);

		append_run(&made, list, at, place);
		at = place + found;
		result = entry_list_append(&made, &over->entries[i], error);
	}
	if (result)
		return result;
	append_run(&made, list, at, list->count);
	*merged = made;
	made = (struct entry_list){};
	return 0;
}

int entry_list_subtract(const struct entry_list *list, const struct entry_list *without,
			struct entry_list *rest, struct error *error)
{
	struct entry_list made = {};
	size_t at = 0;
	int result = begin_like(list, list->count, &made, error);

	if (result)
		return result;
	for (size_t i = 0; i < without->count; i++) {
		bool found;
		size_t place = search_from(list, at, &without->entries[i].prefix, &found);

		append_run(&made, list, at, place);
		at = place + found;
	}
	append_run(&made, list, at, list->count);
	*rest = made;
	return 0;
}

void entry_list_clear(struct entry_list *list)
{
	labels_release(list->labels);
	free(list->entries);
	*list = (struct entry_list){};
}
