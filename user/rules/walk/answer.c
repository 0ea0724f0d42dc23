// SPDX-License-Identifier: GPL-2.0-or-later
/* Questions that a walk answers when it is done. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/walk/walk.h"

uint64_t walk_accepted_on(const struct walk *walk, uint32_t class, unsigned int device)
{
	size_t cell = (size_t) class * walk->devices.count + device;

	return walk->here[cell] & walk->sure[cell];
}

uint64_t walk_accepted(const struct walk *walk, uint32_t class)
{
	uint64_t accepted = UINT64_MAX;

	for (unsigned int device = 0; device < walk->devices.count; device++)
		accepted &= walk_accepted_on(walk, class, device);
	return accepted;
}

uint64_t walk_maybe_accepted(const struct walk *walk, uint32_t class)
{
	uint64_t accepted = 0;

	for (unsigned int device = 0; device < walk->devices.count; device++)
		accepted |= walk->here[(size_t) class * walk->devices.count + device];
	return accepted;
}

uint32_t walk_decider(const struct walk *walk, uint32_t class, unsigned int device,
		      unsigned int port)
{
	size_t cell = (size_t) class * walk->devices.count + device;

	return walk->deciders[cell * walk->services.count + port];
}

void walk_condition_words(const struct step *step, char words[static WALK_WORDS_SIZE])
{
	const struct rule *rule = step->condition_of;

	*words = '\0';
	if (rule->unknown) {
		snprintf(words, WALK_WORDS_SIZE, "%s", rule->unknown);
		return;
	}
	for (size_t i = 0; i < rule->match_count &&
			   step->conditions & (CONDITION_UNKNOWN_SET | CONDITION_OPEN_SET);
	     i++) {
		if (rule->matches[i].set) {
			snprintf(words, WALK_WORDS_SIZE, "%s", rule->matches[i].set);
			return;
		}
	}
	if (step->conditions & CONDITION_DEVICE && rule->devices) {
		snprintf(words, WALK_WORDS_SIZE, "%s", rule->devices);
	} else if (rule->destinations.count) {
		char prefix[PREFIX_TEXT_SIZE];

		prefix_format(&rule->destinations.sources[0].prefix, prefix);
		snprintf(words, WALK_WORDS_SIZE, "%s-d %s", rule->destinations_negated ? "! " : "",
			 prefix);
	} else if (rule->mark.mask) {
		snprintf(words, WALK_WORDS_SIZE, "mark 0x%x/0x%x", rule->mark.value,
			 rule->mark.mask);
	}
}

static void free_variants(struct variants *variants, size_t count)
{
	for (size_t i = 0; variants && i < count; i++)
		free(variants[i].variants);
	free(variants);
}

void walk_clear(struct walk *walk)
{
	size_t matches = 0;

	for (size_t i = 0; walk->rules && i < walk->rules->rule_count; i++)
		matches += walk->rules->rules[i].match_count;
	free_variants(walk->of_rules, matches);
	if (walk->rules)
		free_variants(walk->of_sets, walk->rules->set_count);
	partition_clear(&walk->partition);
	free(walk->first_match);
	free(walk->steps);
	free(walk->here);
	free(walk->sure);
	free(walk->doubted);
	free(walk->moved);
	free(walk->leaving);
	free(walk->leaves);
	free(walk->gone);
	free(walk->spared);
	free(walk->moves);
	free(walk->deciders);
	free(walk->reached_from);
	*walk = (struct walk){};
}
