// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/change.h"

#include <errno.h>

#include "policy/ports.h"

int change_open(struct state *state, struct policy *policy, struct error *error)
{
	int result = state_load(state, error);

	result = result ? result : policy_open(policy, error);
	return result == -ENOENT ? 0 : result;
}

/* Makes the kernel's entry of this prefix what the state says. */
static int sync_prefix(const struct policy *policy, const struct state *state,
		       const struct prefix *prefix, struct error *error)
{
	const struct entry *entry = state_find(state, prefix);

	if (entry)
		return policy_put(policy, entry, error);
	return policy_delete(policy, prefix, error);
}

/* Counts the prefixes that are done, so that a failure can be undone. */
static int sync(const struct policy *policy, const struct state *from, const struct state *to,
		const struct entry_list *prefixes, size_t *done, struct error *error)
{
	int result = 0;

	if (!ports_equal(&from->ports, &to->ports))
		result = policy_set_ports(policy, &to->ports, error);
	for (; !result && *done < prefixes->count; ++*done)
		result = sync_prefix(policy, to, &prefixes->entries[*done].prefix, error);
	return result;
}

static void restore(const struct policy *policy, const struct state *old, const struct state *new,
		    const struct entry_list *prefixes, size_t count)
{
	struct error ignored;

	while (count-- > 0)
		sync_prefix(policy, old, &prefixes->entries[count].prefix, &ignored);
	if (!ports_equal(&old->ports, &new->ports))
		policy_set_ports(policy, &old->ports, &ignored);
}

int change_apply(const struct policy *policy, const struct state *old, const struct state *new,
		 const struct entry_list *prefixes, struct error *error)
{
	__attribute__((cleanup(state_discard))) struct state_drafts drafts = {};
	bool in_kernel = policy->settings >= 0;
	size_t changed = 0;
	int result;

	result = state_draft(&drafts, old, new, error);
	if (result)
		return result;
	if (in_kernel)
		result = sync(policy, old, new, prefixes, &changed, error);
	result = result ? result : state_commit(&drafts, error);
	if (result && in_kernel)
		restore(policy, old, new, prefixes, changed);
	return result;
}
