// SPDX-License-Identifier: GPL-2.0-or-later
/* The stages that packets pass: the chains with a hook, in the kernel's order. */
#include "rules/walk/walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "rules/walk/flow.h"

/* A class, a device and a port; each takes four bytes twice, and the masks beside them. */
#define CELLS_MAX 40000000

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

		flow_clear(flow, cell);
		if (!(chain->families & FAMILY_BIT(walk_family(walk, class)))) {
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
	if (result || !walker_flow(walker, 0))
		return -ENOMEM;
	walk->stages[walk->stage_count++] = chain;
	walk->families |= chain->families;
	begin_stage(walker, chain);
	result = walk_chain(walker, chain, &all, 0, NO_STEP);
	result = result ? result : walk_policy(walker, chain);
	if (!result)
		end_stage(walker);
	return result;
}

/*
 * What a chain that translates made of packets: it lets nobody in, and a drop there is never sure.
 * It meets the first packets of connections, and those alone that no chain before it translated;
 * the kernel tracks connections when any rule asks for them, in this text or not.
 */
static void end_translations(struct walker *walker)
{
	struct walk *walk = walker->walk;

	for (size_t cell = 0; cell < walk->cells; cell++) {
		uint64_t accepted = walker->accepted[cell];
		uint64_t unsure = (~walker->may_accept[cell] | walker->may_drop[cell]) & ~accepted;

		unsure &= walk->here[cell];
		walk->doubted[cell] |= (walker->may_drop[cell] & walk->here[cell]) | unsure;
		walk->sure[cell] &= ~unsure;
		walk->spared[cell] |= unsure;
	}
}

/* A chain that translates: only what it moves and drops counts, and no step of it is kept. */
static int walk_translations(struct walker *walker, const struct chain *chain)
{
	struct walk *walk = walker->walk;
	__attribute__((cleanup(runs_clear))) struct runs all = {};
	size_t steps = walk->step_count;
	int result = runs_add(&all, 0, walk->partition.class_count, walker->error);

	if (result || !walker_flow(walker, 0))
		return -ENOMEM;
	if (walk->stage_count == STAGES_MAX)
		return walker_spend(walker, SIZE_MAX / 2);
	walk->stages[walk->stage_count++] = chain;
	begin_stage(walker, chain);
	result = walk_chain(walker, chain, &all, 0, NO_STEP);
	result = result ? result : walk_policy(walker, chain);
	if (!result)
		end_translations(walker);
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

static bool is_passed(const struct walker *walker, const struct chain *chain)
{
	if (walker->forwards)
		return chain->hook == HOOK_FORWARD && !chain->translates;
	return chain->hook >= HOOK_INGRESS && chain->hook <= HOOK_INPUT;
}

static int walk_stages(struct walker *walker)
{
	const struct ruleset *rules = walker->walk->rules;
	cleanup_free const struct chain **chains = calloc(rules->chain_count + 1, sizeof(void *));
	size_t count = 0;
	int result = 0;

	if (!chains)
		return walk_memory_error(walker->error);
	for (size_t i = 0; i < rules->chain_count; i++) {
		const struct chain *chain = &rules->chains[i];

		if (is_passed(walker, chain))
			chains[count++] = chain;
	}
	qsort(chains, count, sizeof(void *), compare_chains);
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
	walk->here = walk_masks(walk);
	walk->sure = walk_masks(walk);
	walk->doubted = walk_masks(walk);
	walk->moved = walk_masks(walk);
	walk->leaving = walk_masks(walk);
	walk->leaves = walk_masks(walk);
	walk->gone = walk_masks(walk);
	walk->spared = walk_masks(walk);
	walk->deciders = malloc((walk->cells * ports + 1) * sizeof(*walk->deciders));
	walker->accepted = walk_masks(walk);
	walker->may_accept = walk_masks(walk);
	walker->may_drop = walk_masks(walk);
	walker->decided_by = malloc((walk->cells * ports + 1) * sizeof(*walker->decided_by));
	walker->walked_dead = calloc(walk->rules->chain_count + 1, sizeof(bool));
	if (!walk->here || !walk->sure || !walk->doubted || !walk->moved || !walk->leaving ||
	    !walk->leaves || !walk->gone || !walk->spared || !walk->deciders || !walker->accepted ||
	    !walker->may_accept || !walker->may_drop || !walker->decided_by || !walker->walked_dead)
		return walk_memory_error(walker->error);
	memset(walk->deciders, 0xff, walk->cells * ports * sizeof(*walk->deciders));
	for (size_t cell = 0; cell < walk->cells; cell++)
		walk->here[cell] = walk->sure[cell] = services_all(&walk->services);
	/* Where no rule sets marks, something else does. */
	if (!changes_marks(walk->rules))
		return index_make_room(walker);
	walker->marks = malloc((walk->cells * ports + 1) * sizeof(*walker->marks));
	if (!walker->marks)
		return walk_memory_error(walker->error);
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
		return walk_memory_error(error);
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
