// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/safety.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kernel/bpf_mount.h"
#include "kernel/clock.h"
#include "kernel/guard.h"
#include "kernel/pins.h"
#include "policy/breadth.h"
#include "text/escape.h"

int refuse_empty_list(const struct state *state, struct error *error)
{
	if (state_allows_any(state, clock_now()))
		return 0;
	error_set(error, EXIT_UNSAFE, EPERM,
		  "this would leave nobody allowed: enforcing an empty list cuts off every call");
	error_hint(error, "allow a source first, or monitor; --allow-empty does it all the same");
	return -EPERM;
}

int find_dropping_guard(bool *found, struct error *error)
{
	__attribute__((cleanup(guards_close))) struct guards guards = {};
	int result = guards_open(&guards, error);

	*found = false;
	for (size_t i = 0; !result && !*found && i < guards.count; i++) {
		struct device_mode mode;

		result = device_maps_mode(&guards.guards[i].maps, &mode, error);
		*found = !result && device_mode_may_drop(&mode);
	}
	return result;
}

int refuse_to_empty(const struct state *old, const struct state *new, struct error *error)
{
	int64_t now = clock_now();
	bool drops;
	int result;

	if (state_allows_any(new, now) || !state_allows_any(old, now))
		return 0;
	result = find_dropping_guard(&drops, error);
	return !result && drops ? refuse_empty_list(new, error) : result;
}

/* An entry that does it alone, or NULL. */
static const struct entry *find_broad(const struct state *new, const struct entry_list *prefixes)
{
	for (size_t i = 0; i < prefixes->count; i++) {
		const struct prefix *prefix = &prefixes->entries[i].prefix;
		const struct entry *entry = state_find(new, prefix);

		if (entry && entry->verdict == SG_ENTRY_ALLOW &&
		    prefix_is_half_the_internet(prefix))
			return entry;
	}
	return NULL;
}

static int broad_error(const struct entry *broad, double share, uint8_t family, struct error *error)
{
	char text[PREFIX_TEXT_SIZE];

	if (broad)
		prefix_format(&broad->prefix, text);
	if (broad)
		error_set(error, EXIT_UNSAFE, EPERM,
			  "%s is half the internet or more: no guard at all", text);
	else
		error_set(
			error, EXIT_UNSAFE, EPERM,
			"the entries would allow %.0f%% of all %s addresses, half the internet or "
			"more: no guard at all",
			100 * share, family == SG_FAMILY_IPV4 ? "IPv4" : "IPv6");
	error_hint(error,
		   "to pass everybody for a while: sipguard mode monitor; --allow-broad does "
		   "it all the same");
	return -EPERM;
}

/* Whether so much can come to be allowed that all of it has to be summed up. */
static bool may_be_broad(const struct state *new, const struct entry_list *prefixes)
{
	if (!new->partial)
		return prefixes->count > 0;
	for (size_t i = 0; i < prefixes->count; i++) {
		const struct prefix *prefix = &prefixes->entries[i].prefix;

		if (prefix->length <= (prefix->family == SG_FAMILY_IPV4 ? 16 : 32))
			return true;
	}
	return false;
}

int refuse_broad_list(const struct state *old, const struct state *new,
		      const struct entry_list *prefixes, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list before = {}, after = {};
	static const uint8_t families[] = {SG_FAMILY_IPV4, SG_FAMILY_IPV6};
	int64_t now = clock_now();
	int result;

	if (!may_be_broad(new, prefixes))
		return 0;
	result = state_effective(new, now, &after, error);
	for (size_t i = 0; !result && i < sizeof(families); i++) {
		double share = breadth_of(&after, families[i]);

		if (share < breadth_half(families[i]))
			continue;
		if (!before.count)
			result = state_effective(old, now, &before, error);
		if (!result && share > breadth_of(&before, families[i]))
			result = broad_error(find_broad(new, prefixes), share, families[i], error);
	}
	return result;
}

int refuse_to_shrink(size_t old, size_t new, struct error *error)
{
	if (new >= old / 2 + old % 2)
		return 0;
	error_set(error, EXIT_UNSAFE, EPERM,
		  "this list has %zu entries and takes the place of one with %zu", new, old);
	error_hint(error, "--allow-shrink does it all the same");
	return -EPERM;
}

static bool is_among(const struct device *devices, int count, const char *name)
{
	for (int i = 0; i < count; i++) {
		if (!strcmp(devices[i].name, name))
			return true;
	}
	return false;
}

/*
 * The devices whose guards are in force, each behind a blank, as far as there is room. `away` says
 * that one is in another network namespace.
 */
static void name_guards(const struct guards *guards, char *names, size_t size, bool *away)
{
	size_t length = 0;

	*away = false;
	for (size_t i = 0; i < guards->count; i++) {
		const struct guard *guard = &guards->guards[i];
		const char *name = *guard->present ? guard->present : guard->device;
		char escaped[4 * IF_NAMESIZE];

		if (guard->state == GUARD_GONE)
			continue;
		*away |= guard->state == GUARD_ELSEWHERE;
		text_escape(escaped, sizeof(escaped), name, strlen(name));
		if (length + strlen(escaped) + 2 < size)
			length += (size_t)sprintf(names + length, " %s", escaped);
	}
}

static bool any_is_left_out(const struct guards *guards, const struct device *devices, int count)
{
	for (size_t i = 0; i < guards->count; i++) {
		const struct guard *guard = &guards->guards[i];

		if (guard->state != GUARD_GONE && !is_among(devices, count, guard->present))
			return true;
	}
	return false;
}

int refuse_lost_policy(const struct policy *policy, const struct device *devices, int count,
		       struct error *error)
{
	__attribute__((cleanup(guards_close))) struct guards guards = {};
	char names[256] = "";
	bool away;
	int result = 0;

	if (!policy_is_open(policy))
		result = guards_open(&guards, error);
	if (result || !any_is_left_out(&guards, devices, count))
		return result;
	name_guards(&guards, names, sizeof(names), &away);
	error_set(error, EXIT_SYSTEM, EPROTO,
		  "the pins of the policy are gone, and the guard goes on with what it has:%s",
		  names);
	if (away)
		error_hint(error, "sipguard detach --all, then attach");
	else
		error_hint(error,
			   "sipguard attach%s makes the policy anew from the files, without a gap",
			   names);
	return -EPROTO;
}

int open_policy(struct policy *policy, struct error *error)
{
	int result = policy_open(policy, error);

	struct error ignored;

	if (result != -ENOENT)
		return result;
	result = refuse_lost_policy(policy, NULL, 0, error);
	/* A reader takes no lock: a guard that came between the questions has its policy now. */
	if (result == -EPROTO && !policy_open(policy, &ignored))
		return 0;
	return result ?: -ENOENT;
}

void notice_on_file_only(const struct context *context)
{
	char advice[BPF_MOUNT_ADVICE_SIZE];

	bpf_mount_advice(advice);
	if (pin_file_system_found())
		context_notice(context,
			       "no device is guarded here: this is on file, and comes into "
			       "force with sipguard attach");
	else
		context_notice(
			context,
			"this is on file only: there is no BPF file system at %s, so no guard can "
			"be seen. %s",
			pin_root(), advice);
}

int not_attached_error(struct error *error)
{
	char advice[BPF_MOUNT_ADVICE_SIZE];

	error_set(error, EXIT_ABSENT, ENOENT, "no device is guarded");
	if (pin_file_system_found()) {
		error_hint(error, "sipguard attach DEV");
		return -ENOENT;
	}
	bpf_mount_advice(advice);
	error_hint(error, "there is no BPF file system at %s. %s", pin_root(), advice);
	return -ENOENT;
}
