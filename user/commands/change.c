// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/change.h"

/* Makes the kernel's entry of this prefix what the state says. */
static int sync_prefix(const struct policy *policy, const struct state *state,
		       const struct prefix *prefix, struct error *error)
{
	const struct entry *entry = state_find(state, prefix);

	if (entry)
		return policy_put(policy, entry, error);
	return policy_delete(policy, prefix, error);
}

static void restore(const struct policy *policy, const struct state *old,
		    const struct entry_list *prefixes, size_t count)
{
	struct error ignored;

	while (count-- > 0)
		sync_prefix(policy, old, &prefixes->entries[count].prefix, &ignored);
}

int change_apply(const struct policy *policy, const struct state *old, const struct state *new,
		 const struct entry_list *prefixes, struct error *error)
{
	__attribute__((cleanup(state_discard))) struct state_drafts drafts = {};
	bool attached = policy->settings >= 0;
	size_t changed = 0;
	int result;

	result = state_draft(&drafts, old, new, error);
	for (; !result && attached && changed < prefixes->count; changed++)
		result = sync_prefix(policy, new, &prefixes->entries[changed].prefix, error);
	result = result ? result : state_commit(&drafts, error);
	if (result)
		restore(policy, old, prefixes, changed);
	return result;
}
