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

/* Whoever is dropped already loses nothing. */
static bool is_let_in(const struct policy *policy, const struct prefix *host)
{
	struct entry entry;

	return policy_decide(policy, host, &entry) && entry.verdict == SG_ENTRY_ALLOW;
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
static int refuse_by_host(const struct policy *policy, const struct policy_callers *hosts,
			  const struct state *new, const struct entry_list *prefixes, int64_t now,
			  struct error *error)
{
	for (size_t i = 0; i < hosts->count; i++) {
		const struct policy_caller *host = &hosts->callers[i];

		if (concerns(prefixes, &host->host) && !is_allowed(new, &host->host, now) &&
		    is_let_in(policy, &host->host))
			return caller_error(&host->host, host->last_seen, now, error);
	}
	return 0;
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
static int refuse_by_entry(const struct policy *policy, const struct policy_callers *hosts,
			   const struct state *new, const struct entry_list *prefixes,
			   int64_t since, int64_t now, struct error *error)
{
	__attribute__((cleanup(entries_clear))) struct used_entries used = {.since = since};
	int result = prefixes->count <= LOOKUPS_MAX
			     ? look_up_each(policy, prefixes, &used, error)
			     : look_through_all(policy, prefixes, &used, error);

	for (size_t i = 0; !result && i < used.list.count; i++) {
		const struct policy_entry *entry = &used.list.entries[i];

		if (!any_within(hosts, &entry->prefix) && !is_allowed(new, &entry->prefix, now))
			result = caller_error(&entry->prefix, entry->last_seen, now, error);
	}
	return result;
}

int refuse_to_forget_callers(const struct policy *policy, const struct state *new,
			     const struct entry_list *prefixes, int64_t seconds,
			     struct error *error)
{
	struct policy_callers hosts = {};
	int64_t now = clock_now();
	int result;

	if (!seconds || !policy_is_open(policy))
		return 0;
	result = policy_callers(policy, now - seconds, &hosts, error);
	if (result)
		return result;
	qsort(hosts.callers, hosts.count, sizeof(*hosts.callers), compare_hosts);
	result = refuse_by_host(policy, &hosts, new, prefixes, now, error);
	result =
		result ?: refuse_by_entry(policy, &hosts, new, prefixes, now - seconds, now, error);
	free(hosts.callers);
	return result;
}

int refuse_to_drop_callers(const struct policy *policy, const struct state *new,
			   const struct entry_list *prefixes, int64_t seconds, struct error *error)
{
	bool drops = false;
	int result = find_dropping_guard(&drops, error);

	return !result && drops ? refuse_to_forget_callers(policy, new, prefixes, seconds, error)
				: result;
}

int64_t callers_protected_for(void)
{
	struct config config;
	struct error ignored;

	config_default(&config);
	declared_load_config(NULL, &config, &ignored);
	return config.protect_recent;
}
