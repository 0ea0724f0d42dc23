// SPDX-License-Identifier: GPL-2.0-or-later
/* The next state of the policy, made of the present one. */
#include "store/state.h"

void state_inherit_labels(const struct state *state, struct entry_list *entries)
{
	size_t persistent = 0, runtime = 0, declared = 0;

	for (size_t i = 0; i < entries->count; i++) {
		struct entry *entry = &entries->entries[i];
		const struct entry *kept = entry_list_find_next(&state->persistent, &persistent,
								&entry->prefix);
		const struct entry *transient = entry_list_find_next(&state->runtime, &runtime,
								     &entry->prefix);
		const struct entry *written = entry_list_find_next(&state->declared, &declared,
								   &entry->prefix);
		const struct entry *now = transient ?: kept ?: written;

		if (!entry->label && now)
			entry->label = now->label;
	}
}

static int copy_declared(const struct state *from, struct state *to, struct error *error)
{
	int result = entry_list_copy(&from->declared, &to->declared, error);

	return result ?: file_names_copy(&from->files, &to->files, error);
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
	result = result ?: copy_declared(old, &made, error);
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
	result = result ?: copy_declared(old, &made, error);
	if (result)
		return result;
	*new = made;
	made = (struct state){};
	return 0;
}

static bool ends_before(const struct entry *entry, const struct entry *other)
{
	return entry->until && (!other->until || other->until > entry->until);
}

/*
 * Those of `list` that have something else to say than the ones behind them. When an entry ends,
 * the kernel has nothing for its prefix, so one that says the same for a shorter time must not
 * stand before another.
 */
static int subtract_needless(const struct entry_list *list, const struct entry_list *behind,
			     struct entry_list *rest, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list needless = {};
	size_t at = 0;
	int result = 0;

	for (size_t i = 0; !result && i < list->count; i++) {
		const struct entry *entry = &list->entries[i];
		const struct entry *found = entry_list_find_next(behind, &at, &entry->prefix);

		if (found && (entry_equal(found, entry) ||
			      (found->verdict == entry->verdict && ends_before(entry, found))))
			result = entry_list_append(&needless, entry, error);
	}
	return result ?: entry_list_subtract(list, &needless, rest, error);
}

int state_declare(const struct state *old, const struct entry_list *entries,
		  const struct file_names *files, struct state *new, struct error *error)
{
	__attribute__((cleanup(state_clear))) struct state made = {.ports = old->ports};
	int result = entry_list_copy(entries, &made.declared, error);

	result = result ?: file_names_copy(files, &made.files, error);
	result = result ?: subtract_needless(&old->persistent, entries, &made.persistent, error);
	result = result ?: subtract_needless(&old->runtime, entries, &made.runtime, error);
	if (result)
		return result;
	*new = made;
	made = (struct state){};
	return 0;
}

int state_keep_runtime(const struct state *old, struct state *new, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list rest = {};
	int result = subtract_needless(&old->runtime, &new->persistent, &rest, error);

	return result ?: subtract_needless(&rest, &new->declared, &new->runtime, error);
}
