// SPDX-License-Identifier: GPL-2.0-or-later
/* The way of packets through chains: jumps, returns and policies. */
#include "rules/walk/walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "rules/walk/flow.h"

/* A class, a device and a port; each takes four bytes twice, and the masks beside them. */
#define CELLS_MAX 40000000
#define STEPS_MAX 1000000

static int memory_error(struct error *error)
{
	return error_system(error, ENOMEM, "cannot hold the rules");
}

static uint64_t *masks(const struct walk *walk)
{
	return calloc(walk->cells + 1, sizeof(uint64_t));
}

static uint8_t family_of(const struct walk *walk, uint32_t class)
{
	return class < walk->partition.class_end[SG_FAMILY_IPV4] ? SG_FAMILY_IPV4 : SG_FAMILY_IPV6;
}

static struct flow *flow_at(struct walker *walker, unsigned int depth)
{
	struct flow *flow = &walker->flows[depth];

	if (flow->asked)
		return flow;
	flow->asked = masks(walker->walk);
	flow->live = masks(walker->walk);
	flow->sure = masks(walker->walk);
	flow->back = masks(walker->walk);
	flow->begun = masks(walker->walk);
	flow->came = masks(walker->walk);
	flow->split = masks(walker->walk);
	if (flow->asked && flow->live && flow->sure && flow->back && flow->begun && flow->came &&
	    flow->split)
		return flow;
	memory_error(walker->error);
	return NULL;
}

static void clear_cell(struct flow *flow, size_t cell)
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

/* Conditions that leave out sources, though not which. */
#define UNTOLD_SOURCES (CONDITION_UNKNOWN_SET | CONDITION_HOST_NAME)

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

	step.any_source = !extent->has_sources && !(step.conditions & UNTOLD_SOURCES) &&
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
				if (!(families & FAMILY_BIT(family_of(walk, class))))
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

static int walk_chain(struct walker *walker, const struct chain *chain, const struct runs *context,
		      unsigned int depth, uint32_t from);

static int clear_inner(struct walker *walker, const struct extent *extent, unsigned int depth)
{
	const struct walk *walk = walker->walk;
	struct flow *inner = depth <= DEPTH_MAX ? flow_at(walker, depth) : NULL;

	if (!inner)
		return depth > DEPTH_MAX ? walker_spend(walker, SIZE_MAX / 2) : -ENOMEM;
	for (size_t i = 0; i < extent->count; i++) {
		const struct term *term = &extent->terms[i];
		const struct runs *runs = term->runs ? term->runs : &term->owned;

		for (size_t j = 0; j < runs->count; j++) {
			for (size_t cell = (size_t)runs->runs[j].first * walk->devices.count;
			     cell < (size_t)runs->runs[j].end * walk->devices.count; cell++)
				clear_cell(inner, cell);
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

static int walk_chain(struct walker *walker, const struct chain *chain, const struct runs *context,
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
static int apply_policy(struct walker *walker, const struct chain *chain)
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

static bool names_sources(const struct walk *walk, uint32_t step)
{
	return step != NO_STEP && !walk->steps[step].any_source;
}

/* What a stage made of the packets that came to it. */
static void end_stage(struct walker *walker)
{
	struct walk *walk = walker->walk;

	for (size_t cell = 0; cell < walk->cells; cell++) {
		uint64_t accepted = walker->accepted[cell] & walk->here[cell];

		for (unsigned int port = 0; port < walk->services.count; port++) {
			size_t at = cell * walk->services.count + port;
			uint32_t step = walker->decided_by[at];

			if (step == NO_STEP || !(walk->here[cell] >> port & 1))
				continue;
			/* Of those that accept, one that names the source says more. */
			if (!(accepted >> port & 1) || names_sources(walk, step) ||
			    !names_sources(walk, walk->deciders[at]))
				walk->deciders[at] = step;
		}
		walk->doubted[cell] |= walker->may_drop[cell] & walk->here[cell];
		walk->here[cell] &= accepted | walker->may_accept[cell];
		walk->sure[cell] &= accepted;
	}
}

static void begin_stage(struct walker *walker, const struct chain *chain)
{
	const struct walk *walk = walker->walk;
	struct flow *flow = &walker->flows[0];

	memset(walker->accepted, 0, walk->cells * sizeof(uint64_t));
	memset(walker->may_accept, 0, walk->cells * sizeof(uint64_t));
	memset(walker->may_drop, 0, walk->cells * sizeof(uint64_t));
	memset(walker->decided_by, 0xff, walk->cells * walk->services.count * sizeof(uint32_t));
	for (size_t cell = 0; cell < walk->cells; cell++) {
		uint32_t class = (uint32_t)(cell / walk->devices.count);

		clear_cell(flow, cell);
		if (!(chain->families & FAMILY_BIT(family_of(walk, class)))) {
			walker->accepted[cell] = services_all(&walk->services);
			continue;
		}
		flow->asked[cell] = services_all(&walk->services);
		flow->live[cell] = flow->sure[cell] = flow->begun[cell] = walk->here[cell];
	}
}

static int walk_stage(struct walker *walker, const struct chain *chain)
{
	struct walk *walk = walker->walk;
	__attribute__((cleanup(runs_clear))) struct runs all = {};
	int result = runs_add(&all, 0, walk->partition.class_count, walker->error);

	if (walk->stage_count == STAGES_MAX)
		return error_set(walker->error, EXIT_USAGE, E2BIG,
				 "there are too many chains with a hook");
	if (result || !flow_at(walker, 0))
		return -ENOMEM;
	walk->stages[walk->stage_count++] = chain;
	walk->families |= chain->families;
	begin_stage(walker, chain);
	result = walk_chain(walker, chain, &all, 0, NO_STEP);
	result = result ? result : apply_policy(walker, chain);
	if (!result)
		end_stage(walker);
	return result;
}

/* A chain that translates: only what it moves counts, and no step of it is kept. */
static int walk_translations(struct walker *walker, const struct chain *chain)
{
	struct walk *walk = walker->walk;
	__attribute__((cleanup(runs_clear))) struct runs all = {};
	size_t steps = walk->step_count;
	int result = runs_add(&all, 0, walk->partition.class_count, walker->error);

	if (result || !flow_at(walker, 0))
		return -ENOMEM;
	if (walk->stage_count == STAGES_MAX)
		return walker_spend(walker, SIZE_MAX / 2);
	walk->stages[walk->stage_count++] = chain;
	begin_stage(walker, chain);
	result = walk_chain(walker, chain, &all, 0, NO_STEP);
	walk->stage_count--;
	walk->step_count = steps;
	return result;
}

static int compare_chains(const void *left, const void *right)
{
	const struct chain *a = *(const struct chain *const *)left;
	const struct chain *b = *(const struct chain *const *)right;

	if (a->hook != b->hook)
		return a->hook < b->hook ? -1 : 1;
	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return a < b ? -1 : a > b;
}

/* What translates behind PREROUTING changes the source alone. */
static bool is_passed(const struct walker *walker, const struct chain *chain)
{
	if (walker->forwards)
		return chain->hook == HOOK_FORWARD && !chain->translates;
	return chain->hook >= HOOK_INGRESS &&
	       chain->hook <= (chain->translates ? HOOK_PREROUTING : HOOK_INPUT);
}

static int walk_stages(struct walker *walker)
{
	const struct ruleset *rules = walker->walk->rules;
	cleanup_free const struct chain **chains = calloc(rules->chain_count + 1, sizeof(*chains));
	size_t count = 0;
	int result = 0;

	if (!chains)
		return memory_error(walker->error);
	for (size_t i = 0; i < rules->chain_count; i++) {
		const struct chain *chain = &rules->chains[i];

		if (is_passed(walker, chain))
			chains[count++] = chain;
	}
	qsort(chains, count, sizeof(*chains), compare_chains);
	for (size_t i = 0; !result && i < count; i++)
		result = chains[i]->translates ? walk_translations(walker, chains[i])
					       : walk_stage(walker, chains[i]);
	move_apply(walker->walk);
	/* Without a chain nothing says that anybody is let in. */
	for (size_t cell = 0; !walker->walk->stage_count && cell < walker->walk->cells; cell++)
		walker->walk->here[cell] = walker->walk->sure[cell] = 0;
	return result;
}

static bool changes_marks(const struct ruleset *rules)
{
	for (size_t i = 0; i < rules->rule_count; i++) {
		if (rules->rules[i].mark_change != MARK_KEPT)
			return true;
	}
	return false;
}

static int make_room(struct walker *walker)
{
	struct walk *walk = walker->walk;
	size_t ports = walk->services.count;

	walk->cells = (size_t)walk->partition.class_count * walk->devices.count;
	if (walk->cells * (ports + 1) > CELLS_MAX)
		return walker_spend(walker, SIZE_MAX / 2);
	walk->here = masks(walk);
	walk->sure = masks(walk);
	walk->doubted = masks(walk);
	walk->moved = masks(walk);
	walk->leaving = masks(walk);
	walk->leaves = masks(walk);
	walk->deciders = malloc((walk->cells * ports + 1) * sizeof(*walk->deciders));
	walker->accepted = masks(walk);
	walker->may_accept = masks(walk);
	walker->may_drop = masks(walk);
	walker->decided_by = malloc((walk->cells * ports + 1) * sizeof(*walker->decided_by));
	walker->walked_dead = calloc(walk->rules->chain_count + 1, sizeof(bool));
	if (!walk->here || !walk->sure || !walk->doubted || !walk->moved || !walk->leaving ||
	    !walk->leaves || !walk->deciders || !walker->accepted || !walker->may_accept ||
	    !walker->may_drop || !walker->decided_by || !walker->walked_dead)
		return memory_error(walker->error);
	memset(walk->deciders, 0xff, walk->cells * ports * sizeof(*walk->deciders));
	for (size_t cell = 0; cell < walk->cells; cell++)
		walk->here[cell] = walk->sure[cell] = services_all(&walk->services);
	/* Where no rule sets marks, something else does. */
	if (!changes_marks(walk->rules))
		return index_make_room(walker);
	walker->marks = malloc((walk->cells * ports + 1) * sizeof(*walker->marks));
	if (!walker->marks)
		return memory_error(walker->error);
	for (size_t i = 0; i < walk->cells * ports; i++)
		walker->marks[i] = (struct mark){0, UINT32_MAX};
	return index_make_room(walker);
}

static void walker_clear(struct walker *walker)
{
	for (unsigned int i = 0; i <= DEPTH_MAX; i++) {
		free(walker->flows[i].asked);
		free(walker->flows[i].live);
		free(walker->flows[i].sure);
		free(walker->flows[i].back);
		free(walker->flows[i].begun);
		free(walker->flows[i].came);
		free(walker->flows[i].split);
	}
	free(walker->accepted);
	free(walker->may_accept);
	free(walker->may_drop);
	free(walker->decided_by);
	free(walker->marks);
	free(walker->walked_dead);
	index_clear(walker);
}

/* Spreads along the jumps which hooks lead to a chain. */
static int find_reached(struct walk *walk, struct error *error)
{
	const struct ruleset *rules = walk->rules;
	bool has_changed = true;

	walk->reached_from = calloc(rules->chain_count + 1, sizeof(*walk->reached_from));
	if (!walk->reached_from)
		return memory_error(error);
	for (size_t i = 0; i < rules->chain_count; i++) {
		if (rules->chains[i].hook != HOOK_NONE)
			walk->reached_from[i] = (uint16_t)(1U << rules->chains[i].hook);
	}
	/* More rounds than the longest way of jumps tell nothing new. */
	for (unsigned int round = 0; has_changed && round <= DEPTH_MAX; round++) {
		has_changed = false;
		for (size_t i = 0; i < rules->rule_count; i++) {
			const struct rule *rule = &rules->rules[i];
			const struct chain *target;
			uint16_t *to, from = walk->reached_from[rule->chain];

			if (!from || (rule->action != ACTION_JUMP && rule->action != ACTION_GOTO))
				continue;
			target = ruleset_find_chain(rules, rules->chains[rule->chain].table,
						    rule->target);
			to = &walk->reached_from[target - rules->chains];
			has_changed = has_changed || (*to | from) != *to;
			*to |= from;
		}
	}
	return 0;
}

int walk_rules(const struct ruleset *rules, const struct walk_question *question, struct walk *walk,
	       struct error *error)
{
	__attribute__((cleanup(walk_clear))) struct walk found = {
		.rules = rules,
		.services = *question->services,
		.locals = question->locals,
		.local_count = question->local_count,
	};
	__attribute__((cleanup(walker_clear))) struct walker walker = {
		.walk = &found, .forwards = question->before, .error = error};
	int result;

	walk_collect_devices(&found);
	result = walk_collect(&found, error);
	result = result ? result : find_reached(&found, error);
	result = result ? result : make_room(&walker);
	if (!result && question->before)
		result = move_follow(&walker, question->before);
	result = result ? result : walk_stages(&walker);
	if (result)
		return result;
	*walk = found;
	found = (struct walk){};
	return 0;
}
