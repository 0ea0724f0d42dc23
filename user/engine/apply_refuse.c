// SPDX-License-Identifier: GPL-2.0-or-later
/* What an apply must not do by mistake. */
#include <errno.h>

#include "engine/apply.h"
#include "engine/callers.h"
#include "engine/safety.h"
#include "engine/unguard.h"
#include "kernel/clock.h"
#include "policy/ports.h"

static bool lets_in(const struct entry *entry, int64_t now)
{
	return entry && entry->verdict == SG_ENTRY_ALLOW && (!entry->until || entry->until > now);
}

/* Of the sources that were let in, those that are not any more. */
static size_t count_lost(const struct entry_list *old, const struct entry_list *new, size_t *all)
{
	int64_t now = clock_now();
	size_t lost = 0, at = 0;

	*all = 0;
	for (size_t i = 0; i < old->count; i++) {
		const struct entry *entry = &old->entries[i];

		if (!lets_in(entry, now))
			continue;
		++*all;
		lost += !lets_in(entry_list_find_next(new, &at, &entry->prefix), now);
	}
	return lost;
}

static int refuse_to_lose(const struct apply *apply, struct error *error)
{
	const struct state *old = &apply->plan.old, *new = &apply->plan.new;
	unsigned int most = apply->declared.config.max_shrink;
	size_t all, lost = count_lost(&old->declared, &new->declared, &all);

	if (lost <= all * most / 100)
		return 0;
	error_set(error, EXIT_UNSAFE, EPERM,
		  "of the entries of the files that allow, %zu of %zu would no longer: more than "
		  "%u%%",
		  lost, all, most);
	error_hint(error, "sipguard diff shows them; --allow-shrink does it all the same");
	return -EPERM;
}

/* When such an entry ends the kernel has nothing for its prefix, until the next apply. */
static int refuse_to_hide(const struct state *new, struct error *error)
{
	int64_t now = clock_now();

	for (size_t i = 0; i < new->declared.count; i++) {
		const struct entry *entry = &new->declared.entries[i];
		const struct entry *before = state_find_in_force(new, &entry->prefix, now);
		char text[PREFIX_TEXT_SIZE];

		if (!before || before == entry || !before->until ||
		    (entry->until && entry->until <= before->until))
			continue;
		prefix_format(&entry->prefix, text);
		error_set(error, EXIT_UNSAFE, EPERM,
			  "%s of %s is hidden by a temporary entry, and would be gone when that "
			  "ends",
			  text, file_names_at(&new->files, entry->file));
		error_hint(error, "sipguard delete %s, which is the temporary one; then apply",
			   text);
		return -EPERM;
	}
	return 0;
}

static int refuse_to_drop(const struct apply *apply, bool enforces, struct error *error)
{
	const struct plan *plan = &apply->plan;
	int64_t seconds = apply->declared.config.protect_recent;

	return enforces ? refuse_to_forget_callers(&apply->policy, &plan->new, &plan->edits,
						   seconds, error)
			: refuse_to_drop_callers(&apply->policy, &plan->new, &plan->edits, seconds,
						 NULL, error);
}

static int refuse_what_is_unsafe(const struct apply_request *request, const struct apply *apply,
				 struct error *error)
{
	const struct plan *plan = &apply->plan;
	bool enforces = (plan->attach_count || plan->switched.count) &&
			plan->mode == SG_MODE_ENFORCE;
	int result = 0;

	if (!request->allow_broad)
		result = refuse_broad_list(&plan->old, &plan->new, &plan->edits, error);
	if (!result && !request->allow_unguarded)
		result = refuse_to_unguard(&plan->old.ports, &plan->new.ports, error);
	result = result ?: refuse_to_hide(&plan->new, error);
	if (!result && !request->allow_shrink)
		result = refuse_to_lose(apply, error);
	if (!result && !request->allow_empty && enforces)
		result = refuse_empty_list(&plan->new, error);
	if (!result && !request->allow_empty)
		result = refuse_to_empty(&plan->old, &plan->new, error);
	if (!result && !request->drop_recent)
		result = refuse_to_drop(apply, enforces, error);
	return result;
}

/* What goes back by itself is entries and modes, and a new guard that monitors instead. */
static int refuse_what_stays(const struct apply_request *request, const struct plan *plan,
			     struct error *error)
{
	if (!request->confirm || !plan->guards.count ||
	    ports_equal(&plan->old.ports, &plan->new.ports))
		return 0;
	error_set(error, EXIT_USAGE, ENOTSUP,
		  "the guarded ports differ, and a change of ports does not go back by itself");
	error_hint(error, "sipguard ports set changes them first; or apply without --confirm");
	return -ENOTSUP;
}

/* One that nobody has confirmed is over: it is cleared up by the change, and keeps none back. */
static int refuse_pending(const struct policy *policy, struct error *error)
{
	struct policy_trial trial;
	int result = policy_trial(policy, &trial, error);

	if (result || trial.state != CONFIRMATION_PENDING)
		return result;
	return policy_refuse_trial(policy, error);
}

int apply_refuse(const struct apply_request *request, const struct apply *apply,
		 struct error *error)
{
	int result = 0;

	if (policy_is_open(&apply->policy))
		result = refuse_pending(&apply->policy, error);
	result = result ?: refuse_what_is_unsafe(request, apply, error);
	return result ?: refuse_what_stays(request, &apply->plan, error);
}
