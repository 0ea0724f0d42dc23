// SPDX-License-Identifier: GPL-2.0-or-later
/* What the lists of a state mean together. */
#include "store/state.h"

#include <stdlib.h>

int state_copy(const struct state *from, struct state *to, struct error *error)
{
	__attribute__((cleanup(state_clear))) struct state copy = {.ports = from->ports};
	int result;

	result = entry_list_copy(&from->persistent, &copy.persistent, error);
	if (!result)
		result = entry_list_copy(&from->runtime, &copy.runtime, error);
	result = result ?: entry_list_copy(&from->declared, &copy.declared, error);
	result = result ?: file_names_copy(&from->files, &copy.files, error);
	if (result)
		return result;
	*to = copy;
	copy = (struct state){};
	return 0;
}

void state_clear(struct state *state)
{
	entry_list_clear(&state->persistent);
	entry_list_clear(&state->runtime);
	entry_list_clear(&state->declared);
	file_names_clear(&state->files);
	free(state->text);
	state->text = NULL;
}

static bool in_force(const struct entry *entry, int64_t now)
{
	return !entry->until || entry->until > now;
}

const struct entry *state_find(const struct state *state, const struct prefix *prefix)
{
	const struct entry *entry = entry_list_find(&state->runtime, prefix);

	entry = entry ?: entry_list_find(&state->persistent, prefix);
	return entry ?: entry_list_find(&state->declared, prefix);
}

const struct entry *state_find_in_force(const struct state *state, const struct prefix *prefix,
					int64_t now)
{
	const struct entry_list *const lists[] = {&state->runtime, &state->persistent,
						  &state->declared};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const struct entry *entry = entry_list_find(lists[i], prefix);

		if (entry && in_force(entry, now))
			return entry;
	}
	return NULL;
}

/* Where a walk through all lists at once has come to. */
struct walk {
	const struct entry_list *lists[3]; /* the one that counts most first */
	size_t at[3];
};

static struct walk walk_begin(const struct state *state)
{
	return (struct walk){{&state->runtime, &state->persistent, &state->declared}, {}};
}

static const struct entry *peek(const struct walk *walk, size_t list)
{
	const struct entry_list *entries = walk->lists[list];

	return walk->at[list] < entries->count ? &entries->entries[walk->at[list]] : NULL;
}

/*
 * Each prefix once. NULL at the end. An entry that has expired gives way to that of the next list;
 * when all have, the last is the answer.
 */
static const struct entry *walk_next(struct walk *walk, int64_t now)
{
	const struct entry *first = NULL, *found = NULL;

	for (size_t list = 0; list < 3; list++) {
		const struct entry *entry = peek(walk, list);

		if (entry && (!first || prefix_compare(&entry->prefix, &first->prefix) < 0))
			first = entry;
	}
	for (size_t list = 0; first && list < 3; list++) {
		const struct entry *entry = peek(walk, list);

		if (!entry || prefix_compare(&entry->prefix, &first->prefix) != 0)
			continue;
		if (!found || !in_force(found, now))
			found = entry;
		walk->at[list]++;
	}
	return found;
}

static int list_in_force(const struct state *state, int64_t now, bool labels,
			 struct entry_list *list, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list found = {};
	struct walk walk = walk_begin(state);
	const struct entry *entry;

	while ((entry = walk_next(&walk, now))) {
		struct entry copy = *entry;
		int result;

		if (!in_force(entry, now))
			continue;
		if (!labels)
			copy.label = NULL;
		result = entry_list_append(&found, &copy, error);
		if (result)
			return result;
	}
	*list = found;
	found = (struct entry_list){};
	return 0;
}

int state_effective(const struct state *state, int64_t now, struct entry_list *list,
		    struct error *error)
{
	__attribute__((cleanup(state_clear))) struct state whole = {}, merged = {};
	int result;

	if (!state->partial)
		return list_in_force(state, now, false, list, error);
	result = state_load(&whole, error);
	result = result
			 ?: entry_list_merge(&whole.persistent, &state->persistent,
					     &merged.persistent, error);
	result = result ?: entry_list_copy(&state->runtime, &merged.runtime, error);
	result = result ?: entry_list_copy(&whole.declared, &merged.declared, error);
	return result ?: list_in_force(&merged, now, false, list, error);
}

int state_in_force(const struct state *state, int64_t now, struct entry_list *list,
		   struct error *error)
{
	return list_in_force(state, now, true, list, error);
}

bool state_allows_any(const struct state *state, int64_t now)
{
	struct walk walk = walk_begin(state);
	const struct entry *entry;

	while ((entry = walk_next(&walk, now))) {
		if (entry->verdict == SG_ENTRY_ALLOW && in_force(entry, now))
			return true;
	}
	return false;
}
