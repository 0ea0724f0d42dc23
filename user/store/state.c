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

	return entry ? entry : entry_list_find(&state->persistent, prefix);
}

/*
 * Steps through both lists at once, each prefix once. NULL at the end. A runtime entry that has
 * expired gives way to the persistent one.
 */
static const struct entry *next_effective(const struct state *state, int64_t now,
					  size_t *persistent, size_t *runtime)
{
	const struct entry *kept = NULL, *transient = NULL;
	int order;

	if (*persistent < state->persistent.count)
		kept = &state->persistent.entries[*persistent];
	if (*runtime < state->runtime.count)
		transient = &state->runtime.entries[*runtime];
	if (!kept && !transient)
		return NULL;
	order = !kept ? 1 : !transient ? -1 : prefix_compare(&kept->prefix, &transient->prefix);
	*persistent += order <= 0;
	*runtime += order >= 0;
	if (order == 0)
		return in_force(transient, now) ? transient : kept;
	return order < 0 ? kept : transient;
}

static int effective_of_whole(const struct state *state, int64_t now, struct entry_list *list,
			      struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list found = {};
	size_t persistent = 0, runtime = 0;
	const struct entry *entry;

	while ((entry = next_effective(state, now, &persistent, &runtime))) {
		struct entry unlabelled = *entry;
		int result;

		if (!in_force(entry, now))
			continue;
		unlabelled.label = NULL;
		result = entry_list_append(&found, &unlabelled, error);
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
		return effective_of_whole(state, now, list, error);
	result = state_load(&whole, error);
	result = result
			 ?: entry_list_merge(&whole.persistent, &state->persistent,
					     &merged.persistent, error);
	result = result ?: entry_list_copy(&state->runtime, &merged.runtime, error);
	return result ?: effective_of_whole(&merged, now, list, error);
}

bool state_allows_any(const struct state *state, int64_t now)
{
	size_t persistent = 0, runtime = 0;
	const struct entry *entry;

	while ((entry = next_effective(state, now, &persistent, &runtime))) {
		if (entry->verdict == SG_ENTRY_ALLOW && in_force(entry, now))
			return true;
	}
	return false;
}
