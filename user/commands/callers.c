// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/callers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands/safety.h"
#include "kernel/clock.h"
#include "policy/when.h"
#include "store/declared.h"

/* To read so many single entries takes as long as to list a small policy. */
#define LOOKUPS_MAX 64

/* Entries that let somebody in since a moment, and stand for one of the prefixes to be changed. */
struct callers {
	int64_t since;
	struct policy_entries entries;
};

static void callers_clear(struct callers *callers)
{
	free(callers->entries.entries);
}

static bool has_called(const struct callers *callers, const struct policy_entry *entry)
{
	return entry->verdict == SG_ENTRY_ALLOW && !entry->expired &&
	       entry->last_seen >= callers->since;
}

static int look_up(const struct policy *policy, const struct prefix *prefix,
		   struct callers *callers, struct error *error)
{
	struct prefix first = *prefix;
	struct policy_entries found = {};
	int result;

	first.length = prefix_host_length(first.family);
	result = policy_matches(policy, &first, &found, error);
	for (size_t i = 0; !result && i < found.count; i++) {
		if (found.entries[i].prefix.length == prefix->length &&
		    has_called(callers, &found.entries[i]))
			callers->entries.entries[callers->entries.count++] = found.entries[i];
	}
	free(found.entries);
	return result;
}

static int look_up_each(const struct policy *policy, const struct entry_list *prefixes,
			struct callers *callers, struct error *error)
{
	int result = 0;

	callers->entries.entries = calloc(prefixes->count + 1, sizeof(*callers->entries.entries));
	if (!callers->entries.entries)
		return error_system(error, ENOMEM, "cannot look for callers");
	for (size_t i = 0; !result && i < prefixes->count; i++)
		result = look_up(policy, &prefixes->entries[i].prefix, callers, error);
	return result;
}

static int look_through_all(const struct policy *policy, const struct entry_list *prefixes,
			    struct callers *callers, struct error *error)
{
	struct policy_entries *list = &callers->entries;
	size_t kept = 0, at = 0;
	int result = policy_list(policy, list, error);

	for (size_t i = 0; !result && i < list->count; i++) {
		if (has_called(callers, &list->entries[i]) &&
		    entry_list_find_next(prefixes, &at, &list->entries[i].prefix))
			list->entries[kept++] = list->entries[i];
	}
	list->count = kept;
	return result;
}

/* The longest entry that covers all of it decides, where no longer one stands inside. */
static bool is_allowed(const struct state *state, const struct prefix *prefix, int64_t now)
{
	struct prefix cover = *prefix;

	for (int length = prefix->length; length >= 0; length--) {
		const struct entry *entry;

		cover.length = (uint8_t)length;
		prefix_truncate(&cover);
		entry = state_find_in_force(state, &cover, now);
		if (entry)
			return entry->verdict == SG_ENTRY_ALLOW;
	}
	return false;
}

static int caller_error(const struct policy_entry *caller, size_t others, int64_t now,
			struct error *error)
{
	char prefix[PREFIX_TEXT_SIZE], ago[WHEN_TEXT_SIZE], more[48] = "";

	prefix_format(&caller->prefix, prefix);
	duration_format(now > caller->last_seen ? now - caller->last_seen : 0, ago);
	if (others)
		snprintf(more, sizeof(more), ", and %zu others like it", others);
	error_set(error, EXIT_UNSAFE, EPERM, "%s called %s ago and would be dropped%s", prefix, ago,
		  more);
	error_hint(error, "--drop-recent does it all the same");
	return -EPERM;
}

static int find_dropped(const struct policy *policy, const struct state *new,
			const struct entry_list *prefixes, int64_t seconds, struct error *error)
{
	int64_t now = clock_now();
	__attribute__((cleanup(callers_clear))) struct callers callers = {.since = now - seconds};
	const struct policy_entry *first = NULL;
	size_t dropped = 0;
	int result = prefixes->count <= LOOKUPS_MAX
			     ? look_up_each(policy, prefixes, &callers, error)
			     : look_through_all(policy, prefixes, &callers, error);

	for (size_t i = 0; !result && i < callers.entries.count; i++) {
		const struct policy_entry *caller = &callers.entries.entries[i];

		if (is_allowed(new, &caller->prefix, now))
			continue;
		first = first ?: caller;
		dropped++;
	}
	return first ? caller_error(first, dropped - 1, now, error) : result;
}

int refuse_to_drop_callers(const struct policy *policy, const struct state *new,
			   const struct entry_list *prefixes, int64_t seconds, struct error *error)
{
	bool drops = false;
	int result = 0;

	if (seconds && policy_is_open(policy))
		result = find_dropping_guard(&drops, error);
	return !result && drops ? find_dropped(policy, new, prefixes, seconds, error) : result;
}

int64_t callers_protected_for(void)
{
	struct config config;
	struct error ignored;

	config_default(&config);
	declared_load_config(NULL, &config, &ignored);
	return config.protect_recent;
}
