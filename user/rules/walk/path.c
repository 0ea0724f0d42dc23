// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/walk/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The kernel's own limit of jumps is 16 for nft. */
#define DEPTH_MAX 16
/* Rules visited, pairs of sources compared and records made, each. */
#define WORK_MAX 4000000

/* Conditions that leave out sources, though not which. */
#define UNTOLD_SOURCES (CONDITION_NEGATED_SOURCE | CONDITION_UNKNOWN_SET | CONDITION_HOST_NAME)

/* What is known of a packet that has come so far. */
struct situation {
	uint64_t ports;
	uint8_t families;
	uint16_t conditions;
	bool sip_alone;
	const struct rule *condition_of;
	const struct source_list *sources; /* NULL: any */
	unsigned int depth;
};

struct walker {
	struct path *path;
	size_t work;
	struct error *error;
};

static int spend(struct walker *walker, size_t work)
{
	walker->work += work;
	if (walker->work <= WORK_MAX)
		return 0;
	error_set(walker->error, EXIT_USAGE, E2BIG,
		  "the rules are too many to follow: jumps and sets multiply");
	error_hint(walker->error, "give the chains and sets that are about SIP alone");
	return -E2BIG;
}

static int add_record(struct walker *walker, const struct record *record)
{
	struct path *path = walker->path;
	int result = spend(walker, 1);

	result = result ? result
			: array_reserve(&path->records, sizeof(*record), path->record_count,
					&path->records_allocated, walker->error);
	if (!result)
		path->records[path->record_count++] = *record;
	return result;
}

static int add_everybody(struct walker *walker, const struct step *step, uint32_t number)
{
	for (unsigned int family = SG_FAMILY_IPV4; family < SG_FAMILY_COUNT; family++) {
		struct record record = {
			.prefix = {.family = (uint8_t)family},
			.step = number,
			.ports = step->ports,
		};
		int result;

		if (!(step->families & FAMILY_BIT(family)))
			continue;
		result = add_record(walker, &record);
		if (result)
			return result;
	}
	return 0;
}

static uint64_t ports_of_source(const struct services *services, const struct source *source)
{
	struct port_range range = source->ports;
	struct service service = {
		.protocols = source->protocols,
		.ranges = &range,
		.range_count = 1,
	};

	return source->protocols ? services_matching(services, &service) : UINT64_MAX;
}

static int add_sources(struct walker *walker, const struct step *step, uint32_t number,
		       const struct source_list *sources)
{
	for (size_t i = 0; i < sources->count; i++) {
		const struct source *source = &sources->sources[i];
		struct record record = {
			.prefix = source->prefix,
			.except = source->except,
			.step = number,
			.ports = step->ports & ports_of_source(&walker->path->services, source),
			.lifetime = source->lifetime,
			.comment = source->comment,
		};
		int result;

		/* What is left out of a denial stays denied. */
		if (!record.ports || !(step->families & FAMILY_BIT(source->prefix.family)) ||
		    (source->except && step->action != ACTION_ACCEPT))
			continue;
		result = add_record(walker, &record);
		if (result)
			return result;
	}
	return 0;
}

/* A step, and its records when it decides without conditions. */
static int add_step(struct walker *walker, const struct step *step,
		    const struct source_list *sources)
{
	struct path *path = walker->path;
	uint32_t number = (uint32_t)path->step_count;
	bool decides = step->action == ACTION_ACCEPT || step->action == ACTION_DROP;
	int result = array_reserve(&path->steps, sizeof(*step), path->step_count,
				   &path->steps_allocated, walker->error);

	if (result)
		return result;
	path->steps[path->step_count++] = *step;
	if (!decides || step->conditions)
		return 0;
	return sources ? add_sources(walker, step, number, sources)
		       : add_everybody(walker, step, number);
}

/* The parts that two lists have in common. The comments stay those of the lists. */
static int intersect(struct walker *walker, const struct source_list *left,
		     const struct source_list *right, struct source_list *common)
{
	int result = spend(walker, left->count * right->count);

	for (size_t i = 0; !result && i < left->count; i++) {
		for (size_t j = 0; !result && j < right->count; j++) {
			const struct source *a = &left->sources[i], *b = &right->sources[j];

			if (prefix_covers(&a->prefix, &b->prefix))
				result = source_list_add(common, b, walker->error);
			else if (prefix_covers(&b->prefix, &a->prefix))
				result = source_list_add(common, a, walker->error);
		}
	}
	return result;
}

static void free_borrowed(struct source_list *list)
{
	free(list->sources);
}

static const struct source_list *sources_of(const struct ruleset *rules, const struct rule *rule,
					    uint16_t *conditions)
{
	const struct source_set *set;

	for (size_t i = 0; i < rule->sources.count; i++) {
		/* 0.0.0.0/0 and ::/0 say no more than the rule's families. */
		if (!rule->sources.sources[i].prefix.length)
			return NULL;
	}
	if (!rule->set)
		return rule->sources.count ? &rule->sources : NULL;
	set = ruleset_find_set(rules, rule->set);
	if (set && !set->opaque)
		return &set->list;
	*conditions |= CONDITION_UNKNOWN_SET;
	return NULL;
}

static int walk(struct walker *walker, const struct chain *chain, struct situation situation);

static int follow(struct walker *walker, const struct step *step, const struct source_list *sources,
		  unsigned int depth)
{
	const struct ruleset *rules = walker->path->rules;
	const struct chain *from = &rules->chains[step->rule->chain];
	struct situation inner = {
		.ports = step->ports,
		.families = step->families,
		.conditions = step->conditions,
		.sip_alone = step->sip_alone,
		.condition_of = step->condition_of,
		.sources = sources,
		.depth = depth + 1,
	};

	if (depth >= DEPTH_MAX)
		return spend(walker, WORK_MAX + 1);
	return walk(walker, ruleset_find_chain(rules, from->table, step->rule->target), inner);
}

/* What a rule does to the packets that reach it. Ports of which none goes on leave `situation`. */
static int take(struct walker *walker, const struct chain *chain, struct step *step,
		const struct source_list *sources, struct situation *situation)
{
	if (step->action == ACTION_JUMP)
		return follow(walker, step, sources, situation->depth);
	if (step->action != ACTION_RETURN)
		return add_step(walker, step, sources);
	if (!situation->depth)
		step->action = chain->policy;
	else if (!sources && !step->conditions && step->families == situation->families)
		situation->ports &= ~step->ports;
	return !situation->depth || sources || step->conditions ? add_step(walker, step, sources)
								: 0;
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

static int visit(struct walker *walker, const struct chain *chain, const struct rule *rule,
		 struct situation *situation)
{
	__attribute__((cleanup(free_borrowed))) struct source_list common = {};
	struct path *path = walker->path;
	struct step step = {
		.rule = rule,
		.stage = (uint32_t)path->stage_count - 1,
		.action = rule->action,
		.families = situation->families & rule->families,
		.conditions = situation->conditions | rule->conditions,
		.condition_of = situation->conditions ? situation->condition_of : rule,
		.ports = situation->ports & services_matching(&path->services, &rule->service),
	};
	const struct source_list *sources = situation->sources, *own;
	int result = spend(walker, 1);

	step.sip_alone = situation->sip_alone ||
			 is_about_sip_alone(&rule->service,
					    services_matching(&path->services, &rule->service));
	path->visited[rule - path->rules->rules] = true;
	if (result || !step.ports || !step.families || step.action == ACTION_NONE)
		return result;
	own = sources_of(path->rules, rule, &step.conditions);
	if (own && sources) {
		result = intersect(walker, own, sources, &common);
		own = &common;
	}
	sources = own ? own : sources;
	step.any_source = !sources && !(step.conditions & UNTOLD_SOURCES);
	return result ? result : take(walker, chain, &step, sources, situation);
}

static int walk(struct walker *walker, const struct chain *chain, struct situation situation)
{
	for (size_t i = 0; i < chain->rule_count && situation.ports; i++) {
		int result = visit(walker, chain, &walker->path->rules->rules[chain->rules[i]],
				   &situation);

		if (result)
			return result;
	}
	return 0;
}

static int add_stage(struct walker *walker, const struct chain *chain)
{
	struct path *path = walker->path;
	uint64_t all = path->services.count == SERVICES_MAX ? UINT64_MAX
							    : (1ULL << path->services.count) - 1;
	struct situation situation = {.ports = all, .families = chain->families};
	struct step policy = {
		.action = chain->policy,
		.families = chain->families,
		.any_source = true,
		.ports = all,
	};
	int result;

	if (path->stage_count == sizeof(path->stages) / sizeof(path->stages[0]))
		return error_set(walker->error, EXIT_USAGE, E2BIG,
				 "there are too many chains with a hook");
	policy.stage = (uint32_t)path->stage_count;
	path->stages[path->stage_count++] = chain;
	path->families |= chain->families;
	result = walk(walker, chain, situation);
	return result ? result : add_step(walker, &policy, NULL);
}

int path_follow(const struct ruleset *rules, const struct services *services, struct path *path,
		struct error *error)
{
	__attribute__((cleanup(path_clear))) struct path found = {
		.rules = rules,
		.services = *services,
		.visited = calloc(rules->rule_count + 1, sizeof(*found.visited)),
	};
	struct walker walker = {&found, 0, error};
	int result = found.visited ? 0 : error_system(error, ENOMEM, "cannot hold the rules");

	for (size_t i = 0; !result && i < rules->chain_count; i++) {
		const struct chain *chain = &rules->chains[i];

		if (chain->hook >= HOOK_INGRESS && chain->hook <= HOOK_INPUT && !chain->translates)
			result = add_stage(&walker, chain);
	}
	result = result ? result : path_judge(&found, error);
	if (result)
		return result;
	*path = found;
	found = (struct path){};
	return 0;
}

void path_clear(struct path *path)
{
	free(path->steps);
	free(path->records);
	free(path->visited);
	*path = (struct path){};
}
