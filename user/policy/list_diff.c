// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/list_diff.h"

/* The next prefix of the two lists, whether or not it differs. */
static bool next_prefix(struct list_diff *diff, struct list_change *change)
{
	const struct entry *before = NULL, *after = NULL;
	int order;

	if (diff->old_at < diff->old->count)
		before = &diff->old->entries[diff->old_at];
	if (diff->new_at < diff->new->count)
		after = &diff->new->entries[diff->new_at];
	if (!before && !after)
		return false;
	order = !before ? 1 : !after ? -1 : prefix_compare(&before->prefix, &after->prefix);
	diff->old_at += order <= 0;
	diff->new_at += order >= 0;
	*change = (struct list_change){order <= 0 ? before : NULL, order >= 0 ? after : NULL};
	return true;
}

bool list_diff_next(struct list_diff *diff, struct list_change *change)
{
	struct list_change next;

	while (next_prefix(diff, &next)) {
		if (next.before && next.after && entry_equal(next.before, next.after))
			continue;
		*change = next;
		return true;
	}
	return false;
}
