// SPDX-License-Identifier: GPL-2.0-or-later
/* What one rule does to the packets of one cell: the one place that knows what *may* means. */
#include "rules/walk/flow.h"

#include <errno.h>

int walker_spend(struct walker *walker, size_t work)
{
	static const size_t most = 400000000;

	walker->work += work;
	if (walker->work <= most)
		return 0;
	error_set(walker->error, EXIT_USAGE, E2BIG,
		  "the rules are too many to follow: jumps and sets multiply");
	error_hint(walker->error, "give the chains and sets that are about SIP alone");
	return -E2BIG;
}

static unsigned int device_of(const struct walk *walk, size_t cell)
{
	return (unsigned int)(cell % walk->devices.count);
}

static void note_strangers(struct walker *walker, const struct meeting *meeting, size_t cell,
			   uint64_t sure, uint64_t maybe)
{
	const struct walk *walk = walker->walk;
	uint32_t class = (uint32_t)(cell / walk->devices.count);

	for (unsigned int family = SG_FAMILY_IPV4; family < SG_FAMILY_COUNT; family++) {
		if (walk->partition.strangers[family] != class || !(sure | maybe))
			continue;
		meeting->step->decides[family] |= sure;
		meeting->step->may_decide[family] |= maybe;
		meeting->step->on[family] |= 1U << device_of(walk, cell);
	}
}

static void note_decision(struct walker *walker, const struct meeting *meeting, size_t cell,
			  uint64_t ports)
{
	uint32_t step = (uint32_t)(meeting->step - walker->walk->steps);

	for (; ports; ports &= ports - 1)
		walker->decided_by[cell * walker->walk->services.count +
				   (unsigned int)__builtin_ctzll(ports)] = step;
}

/* Packets that are surely here are decided; others may be, and what else they may do is split. */
static void decide(struct walker *walker, const struct meeting *meeting, size_t cell,
		   uint64_t ports)
{
	struct flow *flow = &walker->flows[meeting->depth];
	uint64_t sure = ports & flow->sure[cell], maybe = ports & ~sure;

	if (meeting->step->action == ACTION_ACCEPT) {
		walker->accepted[cell] |= sure;
		walker->may_accept[cell] |= maybe;
	} else {
		walker->may_drop[cell] |= maybe;
	}
	note_strangers(walker, meeting, cell, sure, maybe);
	note_decision(walker, meeting, cell, sure);
	flow->split[cell] |= maybe;
	flow->live[cell] &= ~ports;
	flow->sure[cell] &= ~ports;
}

static void may_decide(struct walker *walker, const struct meeting *meeting, size_t cell,
		       uint64_t ports)
{
	uint8_t action = meeting->step->action;

	if (action != ACTION_DROP)
		walker->may_accept[cell] |= ports;
	if (action != ACTION_ACCEPT)
		walker->may_drop[cell] |= ports;
	note_strangers(walker, meeting, cell, 0, ports);
}

void flow_act(struct walker *walker, const struct meeting *meeting, size_t cell, uint64_t ports,
	      bool is_sure)
{
	struct flow *flow = &walker->flows[meeting->depth];

	switch (meeting->step->action) {
	case ACTION_ACCEPT:
	case ACTION_DROP:
		if (is_sure)
			decide(walker, meeting, cell, ports);
		else
			may_decide(walker, meeting, cell, ports);
		break;
	case ACTION_RETURN:
		flow->back[cell] |= ports;
		flow->sure[cell] &= ~ports;
		flow->live[cell] &= is_sure ? ~ports : UINT64_MAX;
		break;
	case ACTION_OTHER:
		may_decide(walker, meeting, cell, ports);
		flow->sure[cell] &= ~ports;
		flow->split[cell] |= ports;
		break;
	default:
		break;
	}
}

void flow_match_mark(const struct walker *walker, const struct rule *rule, size_t cell,
		     uint64_t ports, uint64_t *yes, uint64_t *maybe)
{
	unsigned int count = walker->walk->services.count;

	*yes = *maybe = 0;
	for (uint64_t left = ports; left; left &= left - 1) {
		unsigned int port = (unsigned int)__builtin_ctzll(left);
		const struct mark *mark = &walker->marks[cell * count + port];
		uint32_t differs = (mark->value ^ rule->mark.value) & rule->mark.mask;

		if (differs & mark->known || rule->mark.value & ~rule->mark.mask)
			*yes |= rule->mark.negated ? 1ULL << port : 0;
		else if (rule->mark.mask & ~mark->known)
			*maybe |= 1ULL << port;
		else
			*yes |= rule->mark.negated ? 0 : 1ULL << port;
	}
}

void flow_change_mark(struct walker *walker, const struct rule *rule, size_t cell, uint64_t ports,
		      bool is_sure)
{
	unsigned int count = walker->walk->services.count;

	for (uint64_t left = ports; left; left &= left - 1) {
		struct mark *mark =
			&walker->marks[cell * count + (unsigned int)__builtin_ctzll(left)];
		struct mark changed = {(mark->value & ~rule->mark_mask) ^ rule->mark_value,
				       mark->known | rule->mark_mask};

		if (rule->mark_change == MARK_LOST)
			changed.known = 0;
		if (!is_sure)
			changed.known &= mark->known & ~(changed.value ^ mark->value);
		*mark = changed;
	}
}
