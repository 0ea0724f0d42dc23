// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/outcome.h"

#include "kernel/clock.h"
#include "policy/names.h"

static const char *const names[] = {
	[OUTCOME_ADDED] = "added",
	[OUTCOME_CHANGED] = "changed",
	[OUTCOME_DELETED] = "deleted",
	[OUTCOME_UNCHANGED] = "unchanged",
};

/* Where the search for the next prefix begins in each list. */
struct cursor {
	const struct state *state;
	int64_t now;
	size_t persistent, runtime, declared;
};

static bool is_over(const struct cursor *cursor, const struct entry *entry)
{
	return entry && entry->until && entry->until <= cursor->now;
}

/* `kind` is the list that the entry stands in. One that has expired gives way to the next. */
static const struct entry *find_next(struct cursor *cursor, const struct prefix *prefix,
				     const struct entry_list **kind)
{
	const struct state *state = cursor->state;
	const struct entry *kept = entry_list_find_next(&state->persistent, &cursor->persistent,
							prefix);
	const struct entry *transient = entry_list_find_next(&state->runtime, &cursor->runtime,
							     prefix);
	const struct entry *written = entry_list_find_next(&state->declared, &cursor->declared,
							   prefix);

	if (is_over(cursor, transient) && (kept || written))
		transient = NULL;
	if (is_over(cursor, kept) && written)
		kept = NULL;
	*kind = transient ? &state->runtime : kept ? &state->persistent : &state->declared;
	return transient ?: kept ?: written;
}

static bool is_of_same_kind(const struct cursor *before, const struct entry_list *was,
			    const struct cursor *after, const struct entry_list *is)
{
	return (was == &before->state->runtime) == (is == &after->state->runtime) &&
	       (was == &before->state->declared) == (is == &after->state->declared);
}

/* Prefixes are asked for in the order of their list. `entry` is what the prefix has then. */
static enum outcome next_outcome(struct cursor *before, struct cursor *after,
				 const struct prefix *prefix, const struct entry **entry)
{
	const struct entry_list *was, *is;
	const struct entry *old = find_next(before, prefix, &was);
	const struct entry *new = find_next(after, prefix, &is);

	*entry = new;
	if (!new)
		return OUTCOME_DELETED;
	if (!old)
		return OUTCOME_ADDED;
	return entry_equal(old, new) && is_of_same_kind(before, was, after, is) ? OUTCOME_UNCHANGED
										: OUTCOME_CHANGED;
}

int outcomes_count(const struct state *old, const struct state *new,
		   const struct entry_list *prefixes, struct outcomes *outcomes,
		   struct entry_list *changed, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list found = {};
	struct cursor before = {old, clock_now()}, after = {new, before.now};
	struct outcomes counted = {};

	for (size_t i = 0; i < prefixes->count; i++) {
		struct entry entry = {.prefix = prefixes->entries[i].prefix};
		const struct entry *is;
		enum outcome outcome = next_outcome(&before, &after, &entry.prefix, &is);
		int result = 0;

		counted.counts[outcome]++;
		if (changed && outcome != OUTCOME_UNCHANGED)
			result = entry_list_append(&found, &entry, error);
		if (result)
			return result;
	}
	*outcomes = counted;
	if (changed)
		*changed = found;
	if (changed)
		found = (struct entry_list){};
	return 0;
}

void outcomes_print(const struct state *old, const struct state *new,
		    const struct entry_list *prefixes, json_t *entries)
{
	struct cursor before = {old, clock_now()}, after = {new, before.now};

	for (size_t i = 0; i < prefixes->count; i++) {
		const struct prefix *prefix = &prefixes->entries[i].prefix;
		const struct entry *is;
		const char *done = names[next_outcome(&before, &after, prefix, &is)];
		char text[PREFIX_TEXT_SIZE];

		prefix_format(prefix, text);
		if (entries)
			json_array_append_new(
				entries, json_pack("{s:s, s:s}", "prefix", text, "outcome", done));
		else if (is)
			printf("%s: %s %s\n", done, entry_verdict_name(is->verdict), text);
		else
			printf("%s: %s\n", done, text);
	}
}

void outcomes_summarise(const struct outcomes *outcomes)
{
	const char *separator = "";

	for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
		if (!outcomes->counts[outcome])
			continue;
		printf("%s%s %zu", separator, names[outcome], outcomes->counts[outcome]);
		separator = ", ";
	}
	puts(*separator ? "" : "nothing to do");
}

void outcomes_pack(const struct outcomes *outcomes, json_t *object)
{
	for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
		json_object_set_new(object, names[outcome],
				    json_integer((json_int_t)outcomes->counts[outcome]));
}
