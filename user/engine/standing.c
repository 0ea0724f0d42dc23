// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/standing.h"

void standing_find(const struct policy *policy, const struct state *state,
		   const struct prefix *source, struct standing *standing)
{
	struct entry decider;
	const struct entry *kept;

	*standing = (struct standing){.reason = SG_REASON_NOT_ALLOWED};
	if (!policy_decide(policy, source, &decider))
		return;
	kept = state ? state_find(state, &decider.prefix) : NULL;
	*standing = (struct standing){
		.reason = decider.verdict == SG_ENTRY_ALLOW ? SG_REASON_ALLOWED : SG_REASON_DENIED,
		.entry = decider.prefix,
		.until = decider.until,
		.label = kept ? kept->label : NULL,
	};
}
