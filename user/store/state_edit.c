// SPDX-License-Identifier: GPL-2.0-or-later
/* The next state of the policy, made of the present one. */
#include "store/state.h"

void state_inherit_labels(const struct state *state, struct entry_list *entries)
{
	size_t persistent = 0, runtime = 0;

	for (size_t i = 0; i < entries->count; i++) {
		struct entry *entry = &entries->entries[i];
		const struct entry *kept = entry_list_find_next(&state->persistent, &persistent,
								&entry->prefix);
		const struct entry *transient = entry_list_find_next(&state->runtime, &runtime,
								     &entry->prefix);

		if (!entry->label && transient)
			entry->label = transient->label;
		else if (!entry->label && kept)
			entry->label = kept->label;
	}
}

int state_put(const struct state *old, const struct entry_list *entries, bool runtime,
	      struct state *new, struct error *error)
{
	__attribute__((cleanup(state_clear))) struct state made = {.ports = old->ports,
								   .partial = old->partial};
	int result;

	if (runtime) {
		result = entry_list_copy(&old->persistent, &made.persistent, error);
		result = result ?: entry_list_merge(&old->runtime, entries, &made.runtime, error);
	} else {
		result = entry_list_merge(&old->persistent, entries, &made.persistent, error);
		result =
			result ?: entry_list_subtract(&old->runtime, entries, &made.runtime, error);
	}
	if (result)
		return result;
	*new = made;
	made = (struct state){};
	return 0;
}

int state_replace(const struct state *old, const struct entry_list *entries, struct state *new,
		  struct error *error)
{
	__attribute__((cleanup(state_clear))) struct state made = {.ports = old->ports};
	int result = entry_list_copy(entries, &made.persistent, error);

	result = result ?: entry_list_subtract(&old->runtime, entries, &made.runtime, error);
	if (result)
		return result;
	*new = made;
	made = (struct state){};
	return 0;
}
