// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists of sources out of rules and sets, one for each port and device that elements name. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "rules/walk/walk_internal.h"

uint64_t walk_rule_ports(const struct walk *walk, const struct rule *rule)
{
	return services_matching(&walk->services, &rule->service) &
	       services_matching(&walk->services, &rule->original);
}

static uint64_t ports_of(const struct walk *walk, const struct source *source)
{
	struct port_range range = source->ports;
	struct service service = {
		.protocols = source->protocols,
		.ranges = &range,
		.range_count = 1,
	};

	return source->protocols ? services_matching(&walk->services, &service)
				 : services_all(&walk->services);
}

static struct variant *find_variant(struct variants *variants, uint64_t ports, const char *device)
{
	for (size_t i = variants->count; i > 0; i--) {
		struct variant *variant = &variants->variants[i - 1];

		if (variant->ports == ports && !variant->device == !device &&
		    (!device || !strcmp(variant->device, device)))
			return variant;
	}
	return NULL;
}

/* So many kinds of ports and devices of one set are told apart. */
#define VARIANTS_MAX 4096

static int add_variant(struct walk *walk, struct variants *variants, uint64_t ports,
		       const char *device, struct variant **variant, struct error *error)
{
	struct variant *grown;

	if (variants->count == VARIANTS_MAX)
		return error_set(error, EXIT_USAGE, E2BIG,
				 "a set names more than %d different ports and devices",
				 VARIANTS_MAX);
	grown = reallocarray(variants->variants, variants->count + 1, sizeof(*grown));
	if (!grown)
		return error_system(error, ENOMEM, "cannot hold the rules");
	variants->variants = grown;
	*variant = &grown[variants->count++];
	**variant = (struct variant){ports, device, partition_list(&walk->partition)};
	return 0;
}

static int collect_list(struct walk *walk, const struct source_list *list,
			struct variants *variants, struct error *error)
{
	int result = 0;

	for (size_t i = 0; !result && i < list->count; i++) {
		const struct source *source = &list->sources[i];
		uint64_t ports = ports_of(walk, source);
		struct variant *variant = find_variant(variants, ports, source->device);

		if (!ports)
			continue;
		if (!variant)
			result = add_variant(walk, variants, ports, source->device, &variant,
					     error);
		if (!result)
			result = partition_name(&walk->partition, variant->list, source, error);
	}
	return result;
}

/* Marks the set, and those in it, as asked. */
static void use_set(const struct walk *walk, const char *key, bool *used, unsigned int depth)
{
	const struct source_set *set = ruleset_find_set(walk->rules, key);

	if (!set || used[set - walk->rules->sets] || depth > 8)
		return;
	used[set - walk->rules->sets] = true;
	for (size_t i = 0; i < set->member_count; i++)
		use_set(walk, set->members[i], used, depth + 1);
}

static int collect_rules(struct walk *walk, bool *used, struct error *error)
{
	const struct ruleset *rules = walk->rules;
	size_t next = 0;
	int result = 0;

	for (size_t i = 0; !result && i < rules->rule_count; i++) {
		const struct rule *rule = &rules->rules[i];
		bool matters = walk_rule_ports(walk, rule) != 0;

		walk->first_match[i] = next;
		for (size_t j = 0; !result && j < rule->match_count; j++, next++) {
			if (matters && rule->matches[j].set)
				use_set(walk, rule->matches[j].set, used, 0);
			else if (matters)
				result = collect_list(walk, &rule->matches[j].list,
						      &walk->of_rules[next], error);
		}
	}
	return result;
}

int walk_collect(struct walk *walk, struct error *error)
{
	const struct ruleset *rules = walk->rules;
	cleanup_free bool *used = calloc(rules->set_count + 1, sizeof(*used));
	size_t matches = 0;
	int result;

	for (size_t i = 0; i < rules->rule_count; i++)
		matches += rules->rules[i].match_count;
	walk->first_match = calloc(rules->rule_count + 1, sizeof(*walk->first_match));
	walk->of_rules = calloc(matches + 1, sizeof(*walk->of_rules));
	walk->of_sets = calloc(rules->set_count + 1, sizeof(*walk->of_sets));
	if (!used || !walk->first_match || !walk->of_rules || !walk->of_sets)
		return error_system(error, ENOMEM, "cannot hold the rules");
	result = collect_rules(walk, used, error);
	for (size_t i = 0; !result && i < rules->set_count; i++) {
		if (used[i])
			result = collect_list(walk, &rules->sets[i].list, &walk->of_sets[i], error);
	}
	return result ? result : partition_cut(&walk->partition, error);
}
