// SPDX-License-Identifier: GPL-2.0-or-later
/* Findings about SIP that is sent to another port or host before it is filtered. */
#include <errno.h>
#include <stdlib.h>

#include "cleanup.h"
#include "rules/lint/lint_walk.h"

static size_t count_addresses(const struct walk *walk)
{
	size_t count = 0;

	for (size_t i = 0; i < walk->move_count; i++)
		count += walk->moves[i].rule->translation_count;
	return count;
}

/* The addresses to which packets leave: in FORWARD these are what destinations are compared with.
 */
static size_t addresses_of(const struct walk *walk, struct prefix *addresses)
{
	size_t count = 0;

	for (size_t i = 0; i < walk->move_count; i++) {
		const struct rule *rule = walk->moves[i].rule;

		for (size_t j = 0; j < rule->translation_count; j++) {
			if (rule->translations[j].kind == TRANSLATION_AWAY &&
			    rule->translations[j].address.family)
				addresses[count++] = rule->translations[j].address;
		}
	}
	return count;
}

static bool leaves_anything(const struct walk *walk)
{
	for (size_t cell = 0; cell < walk->cells; cell++) {
		if (walk->leaving[cell])
			return true;
	}
	return false;
}

/* What leaves this host, through FORWARD. */
static int judge_forwarded(struct linter *linter, struct walk *forwarded)
{
	const struct walk *walk = linter->walk;
	cleanup_free struct prefix *addresses = calloc(count_addresses(walk) + 1,
						       sizeof(*addresses));
	cleanup_free struct tally *tallies = calloc(walk->rules->rule_count + 1, sizeof(*tallies));
	struct linter there = {linter->question, forwarded, tallies, linter->findings,
			       linter->error};
	struct walk_question asked = {&linter->question->services, addresses, 0, walk};
	int result;

	if (!addresses || !tallies)
		return error_system(linter->error, ENOMEM, "cannot hold the findings");
	asked.local_count = addresses_of(walk, addresses);
	result = walk_rules(walk->rules, &asked, forwarded, linter->error);
	/* They are the caller's no longer. */
	forwarded->locals = NULL;
	forwarded->local_count = 0;
	result = result ? result : lint_steps(&there);
	for (unsigned int family = SG_FAMILY_IPV4; !result && family < SG_FAMILY_COUNT; family++)
		result = lint_policy(&there, (uint8_t)family, HOOK_FORWARD);
	return result;
}

/* Ports that FORWARD surely closes to strangers whose packets leave this host. */
static uint64_t closed_there(const struct walk *walk, const struct walk *forwarded, uint8_t family)
{
	uint32_t class = walk->partition.strangers[family];
	uint64_t leaves = UINT64_MAX;

	if (!(forwarded->families & FAMILY_BIT(family)))
		return 0;
	for (unsigned int device = 0; device < walk->devices.count; device++) {
		size_t cell = (size_t) class * walk->devices.count + device;

		/* What may go elsewhere as well is not closed. */
		leaves &= walk->leaves[cell] | ~walk->moved[cell];
	}
	return leaves & ~walk_maybe_accepted(forwarded, class);
}

static int tell_move(struct linter *linter, const struct move *move, const struct walk *forwarded)
{
	char ports[128], words[MOVE_WORDS_SIZE];
	uint64_t moved = 0;

	for (unsigned int family = SG_FAMILY_IPV4; family < SG_FAMILY_COUNT; family++)
		moved |= move->strangers[family] & linter->question->expected &
			 ~closed_there(linter->walk, forwarded, (uint8_t)family);
	if (!moved)
		return 0;
	services_format(&linter->walk->services, moved, ports, sizeof(ports));
	move_words(move, words);
	return lint_report(linter->findings, LINT_TRANSLATED, &move->rule->place, linter->error,
			   "SIP is sent to %s, whoever sends it%s: %s", words,
			   forwarded->stage_count ? ", and FORWARD does not surely drop it"
						  : ", and what decides there was not judged",
			   ports);
}

int lint_moves(struct linter *linter)
{
	__attribute__((cleanup(walk_clear))) struct walk forwarded = {};
	const struct walk *walk = linter->walk;
	int result = leaves_anything(walk) ? judge_forwarded(linter, &forwarded) : 0;

	for (size_t i = 0; !result && i < walk->move_count; i++)
		result = tell_move(linter, &walk->moves[i], &forwarded);
	return result;
}
