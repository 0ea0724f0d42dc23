// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/callers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/safety.h"
#include "engine/standing.h"
#include "kernel/clock.h"
#include "policy/when.h"
#include "store/declared.h"

/* To read so many single entries takes as long as to list a small policy. */
#define LOOKUPS_MAX 64

/* Entries that let somebody in since a moment, and stand for one of the prefixes to be changed. */
struct used_entries {
	int64_t since;
	struct policy_entries list;
};

static void entries_clear(struct used_entries *used)
{
	free(used->list.entries);
}

static bool is_used(const struct used_entries *used, const struct policy_entry *entry)
{
	return entry->verdict == SG_ENTRY_ALLOW && !entry->expired &&
	       entry->last_seen >= used->since;
}

static int look_up(const struct policy *policy, const struct prefix *prefix,
		   struct used_entries *used, struct error *error)
{
	struct prefix first = *prefix;
	struct policy_entries found = {};
	int result;

	first.length = prefix_host_length(first.family);
	result = policy_matches(policy, &first, &found, error);
	for (size_t i = 0; !result && i < found.count; i++) {
		if (found.entries[i].prefix.length == prefix->length &&
		    is_used(used, &found.entries[i]))
			used->list.entries[used->list.count++] = found.entries[i];
	}
	free(found.entries);
	return result;
}

static int look_up_each(const struct policy *policy, const struct entry_list *prefixes,
			struct used_entries *used, struct error *error)
{
	int result = 0;

	used->list.entries = calloc(prefixes->count + 1, sizeof(*used->list.entries));
	if (!used->list.entries)
		return error_system(error, ENOMEM, "cannot look for callers");
	for (size_t i = 0; !result && i < prefixes->count; i++)
		result = look_up(policy, &prefixes->entries[i].prefix, used, error);
	return result;
}

static int look_through_all(const struct policy *policy, const struct entry_list *prefixes,
			    struct used_entries *used, struct error *error)
{
	struct policy_entries *list = &used->list;
	size_t kept = 0, at = 0;
	int result = policy_list(policy, list, error);

	for (size_t i = 0; !result && i < list->count; i++) {
		if (is_used(used, &list->entries[i]) &&
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

static int caller_error(const struct prefix *caller, int64_t last_seen, int64_t now,
			struct error *error)
{
	char prefix[PREFIX_TEXT_SIZE], ago[WHEN_TEXT_SIZE];

	prefix_format(caller, prefix);
	duration_format(now > last_seen ? now - last_seen : 0, ago);
	error_set(error, EXIT_UNSAFE, EPERM, "%s called %s ago and would be dropped", prefix, ago);
	error_hint(error, "--drop-recent does it all the same");
	return -EPERM;
}

/*
 * A change, and what becomes of those who called a moment ago. Hosts that stand in `prefixes`
 * themselves are added to `named`, where that is not NULL, and all others refused.
 */
struct dropping {
	const struct policy *policy;
	const struct state *new;
	const struct entry_list *prefixes;
	struct entry_list *named;
	int64_t since;
	int64_t now;
};

static int drop(const struct dropping *dropping, const struct prefix *caller, int64_t last_seen,
		struct error *error)
{
	const struct entry active = {.prefix = *caller, .until = last_seen};
	const struct entry *known;

	if (!dropping->named || caller->length != prefix_host_length(caller->family) ||
	    !entry_list_find(dropping->prefixes, caller))
		return caller_error(caller, last_seen, dropping->now, error);
	known = entry_list_find(dropping->named, caller);
	return known && known->until >= last_seen ? 0
						  : entry_list_put(dropping->named, &active, error);
}

/* Whoever is dropped already loses nothing. */
static bool is_let_in(const struct policy *policy, const struct prefix *host)
{
	struct standing standing;

	standing_find(policy, NULL, host, &standing);
	return standing.reason == SG_REASON_ALLOWED;
}

/* Whether the change is about this host at all. */
static bool concerns(const struct entry_list *prefixes, const struct prefix *host)
{
	struct prefix cover = *host;

	for (int length = host->length; length >= 0; length--) {
		cover.length = (uint8_t)length;
		prefix_truncate(&cover);
		if (entry_list_find(prefixes, &cover))
			return true;
	}
	return false;
}

/* Those that the program remembers are known one by one. */
static int look_at_hosts(const struct dropping *dropping, const struct policy_callers *hosts,
			 struct error *error)
{
	int result = 0;

	for (size_t i = 0; !result && i < hosts->count; i++) {
		const struct policy_caller *host = &hosts->callers[i];

		if (concerns(dropping->prefixes, &host->host) &&
		    !is_allowed(dropping->new, &host->host, dropping->now) &&
		    is_let_in(dropping->policy, &host->host))
			result = drop(dropping, &host->host, host->last_seen, error);
	}
	return result;
}

static int compare_hosts(const void *left, const void *right)
{
	const struct policy_caller *a = left, *b = right;

	return prefix_compare(&a->host, &b->host);
}

/* Whether one of them, which are sorted, lies in the prefix. */
static bool any_within(const struct policy_callers *hosts, const struct prefix *prefix)
{
	size_t low = 0, high = hosts->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (prefix_compare(&hosts->callers[middle].host, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < hosts->count && prefix_covers(prefix, &hosts->callers[low].host);
}

/* Of those that were forgotten, the entry is known that let them in. */
static int look_at_entries(const struct dropping *dropping, const struct policy_callers *hosts,
			   struct error *error)
{
	__attribute__((cleanup(entries_clear))) struct used_entries used = {
		.since = dropping->since};
	int result = dropping->prefixes->count <= LOOKUPS_MAX
			     ? look_up_each(dropping->policy, dropping->prefixes, &used, error)
			     : look_through_all(dropping->policy, dropping->prefixes, &used, error);

	for (size_t i = 0; !result && i < used.list.count; i++) {
		const struct policy_entry *entry = &used.list.entries[i];

		if (!any_within(hosts, &entry->prefix) &&
		    !is_allowed(dropping->new, &entry->prefix, dropping->now))
			result = drop(dropping, &entry->prefix, entry->last_seen, error);
	}
	return result;
}

static int look_at_callers(struct dropping *dropping, int64_t seconds, struct error *error)
{
	struct policy_callers hosts = {};
	int result;

	if (!seconds || !policy_is_open(dropping->policy))
		return 0;
	dropping->now = clock_now();
	dropping->since = dropping->now - seconds;
	result = policy_callers(dropping->policy, dropping->since, &hosts, error);
	if (result)
		return result;
	qsort(hosts.callers, hosts.count, sizeof(*hosts.callers), compare_hosts);
	result = look_at_hosts(dropping, &hosts, error);
	result = result ?: look_at_entries(dropping, &hosts, error);
	free(hosts.callers);
	return result;
}

int refuse_to_forget_callers(const struct policy *policy, const struct state *new,
			     const struct entry_list *prefixes, int64_t seconds,
			     struct error *error)
{
	struct dropping dropping = {policy, new, prefixes};

	return look_at_callers(&dropping, seconds, error);
}

int refuse_to_drop_callers(const struct policy *policy, const struct state *new,
			   const struct entry_list *prefixes, int64_t seconds,
			   struct entry_list *named, struct error *error)
{
	struct dropping dropping = {policy, new, prefixes, named};
	bool drops = false;
	int result = find_dropping_guard(&drops, error);

	return !result && drops ? look_at_callers(&dropping, seconds, error) : result;
}

int64_t callers_protected_for(void)
{
	struct config config;
	struct error ignored;

	config_default(&config);
	declared_load_config(NULL, &config, &ignored);
	return config.protect_recent;
}
