// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/doctor_facts.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "doctor/array.h"
#include "doctor/translation.h"
#include "engine/guard_changes.h"
#include "engine/safety.h"
#include "engine/standing.h"
#include "kernel/clock.h"
#include "kernel/guard.h"
#include "kernel/inspect.h"
#include "kernel/other_guard.h"
#include "kernel/policy.h"
#include "policy/list_diff.h"
#include "store/declared.h"
#include "store/guards_file.h"
#include "store/state.h"
#include "text/escape.h"

#define DAY (24 * 60 * 60)

/* The most that a dump of rules is read of. */
#define RULES_SIZE_MAX (64U << 20)

static void copy_name(char out[static FACT_NAME_SIZE], const char *name)
{
	text_escape(out, FACT_NAME_SIZE, name, strlen(name));
}

/* What could not be read: for want of a privilege it is not seen, otherwise it is damaged. */
static void note_failure(struct facts *facts, const char *what, struct error *damage,
			 const struct error *error)
{
	if (error->status == EXIT_PRIVILEGE)
		facts_unseen(facts, what, error);
	else
		*damage = *error;
}

/* 0 of maps whose layout is this version's, or not known: those are damaged. */
static uint32_t other_layout(int result, uint32_t layout)
{
	return result == -EPROTO && layout != SG_ABI_VERSION ? layout : 0;
}

/* A damaged file is a finding of its own, and a boot reads around it. */
static bool is_remembered(const struct guard *guard)
{
	__attribute__((cleanup(guard_wishes_clear))) struct guard_wishes wishes = {};
	struct error ignored;

	if (guards_file_read(&wishes, &ignored) == -EBADMSG)
		return true;
	return guard_wishes_find_guarded(&wishes, guard->device) ||
	       guard_wishes_find_guarded(&wishes, guard->present);
}

static void read_guard(struct facts *facts, const struct devices *devices, const char *name)
{
	__attribute__((cleanup(guard_close))) struct guard guard = GUARD_CLOSED;
	struct guard_facts *found;
	struct device_mode mode = {};
	struct error error = {};
	int result;

	result = guard_open(&guard, name, &error);
	result = result ?: device_maps_mode(&guard.maps, &mode, &error);
	/* Detached since the names were read. */
	if (result == -ENOENT)
		return;
	found = error.status == EXIT_PRIVILEGE ? NULL
					       : array_add(facts->guards, facts->guard_count);
	if (!found) {
		facts_unseen(facts, "a guard", &error);
		facts->guards_seen = false;
		return;
	}
	copy_name(found->device, name);
	if (result) {
		found->damage = error;
		found->other_layout = other_layout(result, device_layout(name));
		return;
	}
	copy_name(found->present, guard.present);
	found->gone = guard.state == GUARD_GONE;
	found->severed = guard_was_severed(&guard);
	guard_changes_find(devices, &guard, &found->changes);
	found->elsewhere = guard.state == GUARD_ELSEWHERE;
	found->generic = guard.attach_mode == ATTACH_GENERIC;
	found->monitoring = mode.in_force == SG_MODE_MONITOR;
	found->waits = mode.seconds_left;
	found->remembered = is_remembered(&guard);
	found->starts_at_boot = inspect_boot(guard.present, found->remembered);
}

static void read_guards(struct facts *facts)
{
	__attribute__((cleanup(devices_clear))) struct devices devices = {};
	cleanup_free char(*names)[IF_NAMESIZE] = NULL;
	struct error error = {};
	size_t count;

	if (devices_list(&devices, &error) || guard_names(&names, &count, &error)) {
		facts_unseen(facts, "guards", &error);
		return;
	}
	facts->guards_seen = true;
	for (size_t i = 0; i < count; i++)
		read_guard(facts, &devices, names[i]);
}

static void count_entry(struct policy_facts *policy, const struct policy_entry *entry,
			int64_t *next_end)
{
	int64_t now = clock_now();

	if (entry->expired)
		return;
	policy->allows_any |= entry->verdict == SG_ENTRY_ALLOW;
	policy->unused += !entry->packets;
	policy->temporary += entry->until != 0;
	if (!entry->until || entry->until > now + DAY)
		return;
	policy->ending++;
	if (!*next_end || entry->until < *next_end) {
		*next_end = entry->until;
		policy->next_end = entry->prefix;
	}
}

static int read_loaded(struct facts *facts, struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	struct policy_entries entries = {};
	struct policy_fill fill = {};
	struct policy_trial trial = {};
	int64_t next_end = 0;
	int result;

	result = open_policy(&policy, error);
	result = result ?: policy_trial(&policy, &trial, error);
	result = result ?: policy_fill(&policy, &fill, error);
	result = result ?: policy_ports(&policy, &facts->policy.ports, error);
	result = result ?: policy_list(&policy, &entries, error);
	if (result)
		return result;
	facts->policy.loaded = true;
	facts->policy.waits = trial.seconds_left;
	facts->policy.entries4 = fill.entries4;
	facts->policy.entries6 = fill.entries6;
	facts->policy.memory = fill.memory;
	for (size_t i = 0; i < entries.count; i++)
		count_entry(&facts->policy, &entries.entries[i], &next_end);
	free(entries.entries);
	return 0;
}

/* What the first attach would bring into force. */
static void count_state(struct policy_facts *policy, const struct state *state)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list list = {};
	struct error ignored;
	int64_t next_end = 0;

	if (state_effective(state, clock_now(), &list, &ignored))
		return;
	for (size_t i = 0; i < list.count; i++) {
		const struct entry *entry = &list.entries[i];
		const struct policy_entry like = {
			.prefix = entry->prefix,
			.verdict = entry->verdict,
			.until = entry->until,
		};

		count_entry(policy, &like, &next_end);
		policy->entries4 += entry->prefix.family == SG_FAMILY_IPV4;
		policy->entries6 += entry->prefix.family == SG_FAMILY_IPV6;
	}
}

static void read_policy(struct facts *facts)
{
	__attribute__((cleanup(state_clear))) struct state state = {};
	struct policy_facts *policy = &facts->policy;
	struct error error = {};
	int result;

	policy->capacity_max = POLICY_CAPACITY_MAX;
	ports_default(&policy->ports);
	result = read_loaded(facts, &error);
	if (result && result != -ENOENT)
		note_failure(facts, "the policy in the kernel", &policy->damage, &error);
	policy->other_layout = other_layout(result, policy_layout());
	policy->seen = policy->loaded;
	if (state_load(&state, &error)) {
		note_failure(facts, "the policy's files", &policy->state_damage, &error);
		return;
	}
	policy->state_seen = true;
	if (result != -ENOENT)
		return;
	policy->seen = true;
	policy->ports = state.ports;
	count_state(policy, &state);
}

static size_t count_not_applied(const struct declared_policy *declared)
{
	__attribute__((cleanup(state_clear))) struct state state = {};
	struct list_diff diff = {&state.declared, &declared->entries};
	struct list_change change;
	struct error ignored;
	size_t count = 0;

	/* What keeps it from being read is a finding of its own. */
	if (state_load(&state, &ignored))
		return 0;
	while (list_diff_next(&diff, &change))
		count++;
	return count;
}

static void read_declared(struct facts *facts)
{
	__attribute__((cleanup(declared_clear))) struct declared_policy declared = {};
	struct error error = {};
	int result = declared_load(NULL, &declared, &error);

	if (result == -ENOENT)
		return;
	if (result) {
		note_failure(facts, "the declared policy", &facts->policy.declared_damage, &error);
		return;
	}
	facts->policy.not_applied = count_not_applied(&declared);
	facts->policy.declared = true;
	facts->policy.declared_entries = declared.entries.count;
	facts->policy.declared_lists = declared.list_count;
}

static int read_nft(const char *program, const char *text, size_t size, struct facts *facts,
		    struct error *error)
{
	(void)program;
	return translations_of_nft(text, size, facts, error);
}

static void read_translations(struct facts *facts)
{
	static const struct {
		const char *words[5];
		int (*read)(const char *program, const char *text, size_t size, struct facts *facts,
			    struct error *error);
	} dumps[] = {
		{{"nft", "-j", "list", "ruleset"}, read_nft},
		{{"iptables-save"}, translations_of_iptables},
		{{"ip6tables-save"}, translations_of_iptables},
	};

	for (size_t i = 0; i < sizeof(dumps) / sizeof(dumps[0]); i++) {
		const char *program = dumps[i].words[0];
		cleanup_free char *text = NULL;
		struct error error;
		size_t size;
		int result;

		result = inspect_run(dumps[i].words, RULES_SIZE_MAX, &text, &size, &error);
		/* Who has no such program has no rules of its kind. */
		if (result == -ENOENT)
			continue;
		result = result ?: dumps[i].read(program, text, size, facts, &error);
		if (result)
			facts_unseen(facts, "translated ports", &error);
	}
}

/* The longest that covers it decides. */
static bool allowed_by(const struct entry_list *list, const struct prefix *host)
{
	const struct entry *longest = NULL;

	for (size_t i = 0; i < list->count; i++) {
		const struct entry *entry = &list->entries[i];

		if (prefix_covers(&entry->prefix, host) &&
		    (!longest || entry->prefix.length > longest->prefix.length))
			longest = entry;
	}
	return longest && longest->verdict == SG_ENTRY_ALLOW;
}

/* As the kernel decides, or would after the first attach. */
static int judge_peers(struct facts *facts, struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	__attribute__((cleanup(state_clear))) struct state state = {};
	__attribute__((cleanup(entry_list_clear))) struct entry_list list = {};
	struct standing standing;
	int result = 0;

	if (facts->policy.loaded) {
		result = policy_open(&policy, error);
	} else {
		result = state_load(&state, error);
		result = result ?: state_effective(&state, clock_now(), &list, error);
	}
	for (size_t i = 0; !result && i < facts->peer_count; i++) {
		struct peer_facts *peer = &facts->peers[i];

		if (!facts->policy.loaded) {
			peer->allowed = allowed_by(&list, &peer->address);
			continue;
		}
		standing_find(&policy, NULL, &peer->address, &standing);
		peer->allowed = standing.reason == SG_REASON_ALLOWED;
	}
	return result;
}

static void read_peers(struct facts *facts)
{
	struct error error;
	int result = inspect_flows(facts, &error);

	if (result == -ENOENT)
		return;
	result = result ?: facts->policy.seen ? judge_peers(facts, &error) : 0;
	if (!result && facts->policy.seen) {
		facts->peers_seen = true;
		return;
	}
	/* Nobody is to be allowed who may be allowed. */
	facts->peer_count = 0;
	if (result)
		facts_unseen(facts, "tracked connections", &error);
}

void doctor_gather(struct facts *facts)
{
	struct error error;

	inspect_machine(&facts->machine);
	if (inspect_devices(facts, &error))
		facts_unseen(facts, "devices", &error);
	if (inspect_decapsulation(facts, &error))
		facts_unseen(facts, "associations of IPsec", &error);
	if (inspect_listeners(facts, &error))
		facts_unseen(facts, "listeners", &error);
	read_guards(facts);
	read_policy(facts);
	read_declared(facts);
	read_translations(facts);
	read_peers(facts);
}
