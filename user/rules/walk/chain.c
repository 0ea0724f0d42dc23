// SPDX-License-Identifier: GPL-2.0-or-later
/* The way of packets through one chain: its rules, jumps and returns, and its policy. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "rules/walk/flow.h"

#define STEPS_MAX 1000000

int walk_memory_error(struct error *error)
{
	return error_system(error, ENOMEM, "cannot hold the rules");
}

uint64_t *walk_masks(const struct walk *walk)
{
	return calloc(walk->cells + 1, sizeof(uint64_t));
}

uint8_t walk_family(const struct walk *walk, uint32_t class)
{
	return class < walk->partition.class_end[SG_FAMILY_IPV4] ? SG_FAMILY_IPV4 : SG_FAMILY_IPV6;
}

struct flow *walker_flow(struct walker *walker, unsigned int depth)
{
	struct flow *flow = &walker->flows[depth];

	if (flow->asked)
		return flow;
	flow->asked = walk_masks(walker->walk);
	flow->live = walk_masks(walker->walk);
	flow->sure = walk_masks(walker->walk);
	flow->back = walk_masks(walker->walk);
	flow->begun = walk_masks(walker->walk);
	flow->came = walk_masks(walker->walk);
	flow->split = walk_masks(walker->walk);
	if (flow->asked && flow->live && flow->sure && flow->back && flow->begun && flow->came &&
	    flow->split)
		return flow;
	walk_memory_error(walker->error);
	return NULL;
}

void flow_clear(struct flow *flow, size_t cell)
{
	flow->asked[cell] = flow->live[cell] = flow->sure[cell] = 0;
	flow->back[cell] = flow->begun[cell] = flow->came[cell] = flow->split[cell] = 0;
}

/* Whether a service has no other ports than these guarded ones. */
static bool is_about_sip_alone(const struct service *service, uint64_t guarded)
{
	unsigned int protocols = (unsigned int)__builtin_popcount(service->protocols);
	uint64_t ports = 0;

	for (size_t i = 0; i < service->range_count; i++)
		ports += service->ranges[i].last - service->ranges[i].first + 1U;
	return ports && !service->ports_negated &&
	       ports * protocols <= (unsigned int)__builtin_popcountll(guarded);
}

static int add_step(struct walker *walker, const struct rule *rule, const struct extent *extent,
		    uint32_t from)
{
	struct walk *walk = walker->walk;
	const struct step *above = from == NO_STEP ? NULL : &walk->steps[from];
	uint64_t guarded = walk_rule_ports(walk, rule);
	struct step step = {
		.rule = rule,
		.stage = (uint32_t)walk->stage_count - 1,
		.from = from,
		.action = rule->action,
		.families = extent->families & (above ? above->families : FAMILIES_BOTH),
		.conditions = extent->unknown | (above ? above->conditions : 0),
		.condition_of = above && above->conditions ? above->condition_of : rule,
		.hidden_by = NO_STEP,
	};

	step.any_source = !extent->has_sources && !(step.conditions & CONDITIONS_UNTOLD) &&
			  (!above || above->any_source);
	step.sip_alone = (above && above->sip_alone) || is_about_sip_alone(&rule->service, guarded);
	if (walk->step_count == STEPS_MAX)
		return walker_spend(walker, SIZE_MAX / 2);
	/* The steps may move now. */
	if (array_reserve(&walk->steps, sizeof(step), walk->step_count, &walk->steps_allocated,
			  walker->error))
		return -ENOMEM;
	walk->steps[walk->step_count++] = step;
	return 0;
}

static uint32_t decider_of(const struct walker *walker, size_t cell, uint64_t ports)
{
	unsigned int count = walker->walk->services.count;

	for (; ports; ports &= ports - 1) {
		uint32_t step =
			walker->decided_by[cell * count + (unsigned int)__builtin_ctzll(ports)];

		if (step != NO_STEP)
			return step;
	}
	return NO_STEP;
}

/* Sends packets into the chain of a jump. */
static void enter(struct flow *flow, size_t cell, uint64_t asked, uint64_t yes, uint64_t maybe)
{
	struct flow *inner = flow + 1;

	inner->asked[cell] |= asked;
	inner->live[cell] |= yes | maybe;
	inner->sure[cell] |= yes & flow->sure[cell];
	inner->begun[cell] |= yes & flow->sure[cell];
	inner->came[cell] |= yes & ~flow->sure[cell];
}

static bool is_jump(const struct step *step)
{
	return step->action == ACTION_JUMP || step->action == ACTION_GOTO;
}

static void meet_cell(struct walker *walker, const struct meeting *meeting, const struct term *term,
		      size_t cell)
{
	struct flow *flow = &walker->flows[meeting->depth];
	const struct rule *rule = meeting->step->rule;
	uint64_t asked = flow->asked[cell] & term->ports;
	uint64_t yes = flow->live[cell] & term->ports, maybe = 0;

	if (!asked)
		return;
	meeting->step->ports |= asked;
	meeting->step->devices |= term->devices & 1U << cell % walker->walk->devices.count;
	if (!yes && meeting->step->hidden_by == NO_STEP)
		meeting->step->hidden_by = decider_of(walker, cell, asked);
	meeting->step->is_reached = meeting->step->is_reached || yes;
	if (yes && rule->mark.mask && walker->marks)
		flow_match_mark(walker, rule, cell, yes, &yes, &maybe);
	if (!meeting->is_known) {
		maybe |= yes;
		yes = 0;
	}
	if (rule->mark_change != MARK_KEPT && walker->marks) {
		flow_change_mark(walker, rule, cell, yes & flow->sure[cell], true);
		flow_change_mark(walker, rule, cell, maybe | (yes & ~flow->sure[cell]), false);
	}
	if (rule->translation_count)
		move_note(walker, cell, yes | maybe, yes & flow->sure[cell]);
	if (is_jump(meeting->step)) {
		enter(flow, cell, asked, yes, maybe);
		return;
	}
	if (yes)
		flow_act(walker, meeting, cell, yes, true);
	if (maybe)
		flow_act(walker, meeting, cell, maybe, false);
}

/* Calls meet_cell() for each cell of the extent; `met` becomes its classes. */
static int meet(struct walker *walker, const struct meeting *meeting, const struct extent *extent,
		struct runs *met)
{
	const struct walk *walk = walker->walk;
	uint8_t families = meeting->step->families;
	int result = 0;

	for (size_t i = 0; !result && i < extent->count; i++) {
		const struct term *term = &extent->terms[i];
		const struct runs *runs = term->runs ? term->runs : &term->owned;

		for (size_t j = 0; !result && j < runs->count; j++) {
			const struct run *run = &runs->runs[j];

			result = walker_spend(walker,
					      (run->end - run->first) * walk->devices.count);
			for (uint32_t class = run->first; !result && class < run->end; class ++) {
				if (!(families & FAMILY_BIT(walk_family(walk, class))))
					continue;
				for (uint32_t on = term->devices; on; on &= on - 1)
					meet_cell(walker, meeting, term,
						  class * walk->devices.count +
							  (unsigned int)__builtin_ctz(on));
			}
		}
		if (!result && met) {
			struct runs all = {};

			result = runs_unite(met, runs, &all, walker->error);
			runs_clear(met);
			*met = all;
		}
	}
	return result;
}

/* Packets that come back from a chain go on behind the jump, or with a goto behind an earlier one.
 */
static void come_back(struct walker *walker, unsigned int depth, bool is_goto, size_t cell)
{
	struct flow *outer = &walker->flows[depth], *inner = outer + 1;
	uint64_t out = inner->live[cell] | inner->back[cell];
	uint64_t entered = inner->begun[cell] | inner->came[cell];
	uint64_t sure = inner->begun[cell] & out & ~inner->split[cell];

	/* Some of what was to happen to them has happened. */
	outer->split[cell] |= inner->split[cell] & entered;
	outer->live[cell] &= ~(entered & ~out);
	outer->sure[cell] &= ~inner->begun[cell] | sure;
	if (!is_goto)
		return;
	outer->back[cell] |= out;
	outer->live[cell] &= ~entered;
	outer->sure[cell] &= outer->live[cell] & ~out;
}

static int clear_inner(struct walker *walker, const struct extent *extent, unsigned int depth)
{
	const struct walk *walk = walker->walk;
	struct flow *inner = depth <= DEPTH_MAX ? walker_flow(walker, depth) : NULL;

	if (!inner)
		return depth > DEPTH_MAX ? walker_spend(walker, SIZE_MAX / 2) : -ENOMEM;
	for (size_t i = 0; i < extent->count; i++) {
		const struct term *term = &extent->terms[i];
		const struct runs *runs = term->runs ? term->runs : &term->owned;

		for (size_t j = 0; j < runs->count; j++) {
			for (size_t cell = (size_t)runs->runs[j].first * walk->devices.count;
			     cell < (size_t)runs->runs[j].end * walk->devices.count; cell++)
				flow_clear(inner, cell);
		}
	}
	return 0;
}

/* The classes for which anything is asked, and whether there is a packet for any of them. */
static int narrow(struct walker *walker, unsigned int depth, const struct runs *met,
		  struct runs *asked, bool *has_packets)
{
	const struct walk *walk = walker->walk;
	const struct flow *flow = &walker->flows[depth];
	int result = 0;

	for (size_t i = 0; !result && i < met->count; i++) {
		for (uint32_t class = met->runs[i].first; !result && class < met->runs[i].end;
		     class ++) {
			uint64_t ports = 0;

			for (unsigned int device = 0; device < walk->devices.count; device++) {
				size_t cell = (size_t) class * walk->devices.count + device;

				ports |= flow->asked[cell];
				*has_packets = *has_packets || flow->live[cell];
			}
			if (ports)
				result = runs_add(asked, class, class + 1, walker->error);
		}
	}
	return result;
}

static int jump(struct walker *walker, const struct runs *met, unsigned int depth, uint32_t number)
{
	const struct walk *walk = walker->walk;
	const struct rule *rule = walk->steps[number].rule;
	bool is_goto = rule->action == ACTION_GOTO, has_packets = false;
	const struct chain *target = ruleset_find_chain(
		walk->rules, walk->rules->chains[rule->chain].table, rule->target);
	__attribute__((cleanup(runs_clear))) struct runs asked = {};
	bool *walked_dead = &walker->walked_dead[target - walk->rules->chains];
	int result = narrow(walker, depth + 1, met, &asked, &has_packets);

	if (result || !asked.count || (!has_packets && *walked_dead))
		return result;
	/* Once is enough to find rules that nobody reaches. */
	*walked_dead = *walked_dead || !has_packets;
	result = walk_chain(walker, target, &asked, depth + 1, number);
	for (size_t i = 0; !result && i < asked.count; i++) {
		for (size_t cell = (size_t)asked.runs[i].first * walk->devices.count;
		     cell < (size_t)asked.runs[i].end * walk->devices.count; cell++)
			come_back(walker, depth, is_goto, cell);
	}
	return result;
}

static int visit(struct walker *walker, const struct rule *rule, const struct runs *context,
		 unsigned int depth, uint32_t from)
{
	__attribute__((cleanup(extent_clear))) struct extent extent = {};
	__attribute__((cleanup(runs_clear))) struct runs met = {};
	struct walk *walk = walker->walk;
	bool jumps = rule->action == ACTION_JUMP || rule->action == ACTION_GOTO;
	struct meeting meeting = {.depth = depth};
	uint32_t number = (uint32_t)walk->step_count;
	/* A look at a rule costs as much as a hundred cells. */
	int result = walker_spend(walker, 100);

	if (result || !walk_rule_ports(walk, rule) ||
	    (rule->action == ACTION_NONE && rule->mark_change == MARK_KEPT &&
	     !rule->translation_count))
		return result;
	result = extent_of(walk, rule, context, &extent, walker->error);
	if (result || !extent.count)
		return result;
	if (rule->mark.mask && !walker->marks)
		extent.unknown |= CONDITION_MARK;
	result = jumps ? clear_inner(walker, &extent, depth + 1) : 0;
	result = result ? result : add_step(walker, rule, &extent, from);
	if (!result && rule->translation_count)
		result = move_begin(walker, rule);
	if (result)
		return result;
	meeting.step = &walk->steps[number];
	meeting.is_known = !extent.unknown;
	/* A return from the chain of the hook is the policy. */
	if (!depth && rule->action == ACTION_RETURN && meeting.is_known)
		meeting.step->action = walk->stages[walk->stage_count - 1]->policy;
	result = meet(walker, &meeting, &extent, jumps ? &met : NULL);
	if (rule->translation_count)
		move_end(walker);
	if (!meeting.step->ports)
		walk->step_count = number;
	else if (!result && jumps)
		result = jump(walker, &met, depth, number);
	return result;
}

int walk_chain(struct walker *walker, const struct chain *chain, const struct runs *context,
	       unsigned int depth, uint32_t from)
{
	const struct ruleset *rules = walker->walk->rules;
	struct position_list positions = {};
	bool all;
	int result = index_query(walker, chain, context, &positions, &all);
	size_t count = all ? chain->rule_count : positions.count;

	for (size_t i = 0; !result && i < count; i++)
		result = visit(walker,
			       &rules->rules[chain->rules[all ? i : positions.positions[i]]],
			       context, depth, from);
	free(positions.positions);
	return result;
}

/* The policy decides what no rule did. */
int walk_policy(struct walker *walker, const struct chain *chain)
{
	struct walk *walk = walker->walk;
	struct flow *flow = &walker->flows[0];
	struct meeting meeting = {.is_known = true};
	struct rule any = rule_any(chain->families);
	struct extent extent = {.families = chain->families};
	uint32_t number = (uint32_t)walk->step_count;
	int result = add_step(walker, &any, &extent, NO_STEP);

	if (result)
		return result;
	meeting.step = &walk->steps[number];
	meeting.step->rule = meeting.step->condition_of = NULL;
	meeting.step->action = chain->policy;
	meeting.step->devices = walk_all_devices(walk);
	for (size_t cell = 0; cell < walk->cells; cell++) {
		uint64_t left = flow->live[cell] | flow->back[cell];

		if (!left)
			continue;
		meeting.step->ports |= left;
		flow->sure[cell] = flow->begun[cell] & left & ~flow->split[cell];
		flow_act(walker, &meeting, cell, left, true);
	}
	return 0;
}
