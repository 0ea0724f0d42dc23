// SPDX-License-Identifier: GPL-2.0-or-later
#include "netfilter/tally.h"

#include <inttypes.h>

/* Rule sets from which on every fragment is to have decided something. */
#define ENOUGH 20000

void tally_add(struct tally *tally, const struct rules_text *rules, const struct trial *trial)
{
	int grammar = tool_is_iptables(rules->tool) ? GRAMMAR_IPTABLES : GRAMMAR_NFT;
	bool decides = trial->reached && trial->reached < trial->sources;

	if (!trial->is_loaded) {
		tally->refused++;
		return;
	}
	tally->loaded[rules->tool]++;
	tally->sources += trial->sources;
	tally->reached += trial->reached;
	tally->allowed += trial->allowed;
	for (size_t i = 0; i < rules->count; i++) {
		const struct line *line = &rules->lines[i];

		for (size_t j = 0; j < line->fragment_count; j++) {
			tally->with[grammar][line->fragments[j]]++;
			tally->decided[grammar][line->fragments[j]] += decides;
		}
	}
}

void tally_sum(struct tally *tally, const struct tally *more)
{
	uint64_t *to = (uint64_t *)tally;
	const uint64_t *from = (const uint64_t *)more;

	_Static_assert(sizeof(struct tally) % sizeof(uint64_t) == 0, "a tally is made of counts");
	for (size_t i = 0; i < sizeof(*tally) / sizeof(*to); i++)
		to[i] += from[i];
}

uint64_t tally_unknown(const struct tally *tally)
{
	uint64_t unknown = 0;

	for (enum fault fault = 0; fault < FAULT_COUNT; fault++)
		unknown += tally->faults[fault] - tally->known[fault];
	return unknown;
}

static uint64_t loaded(const struct tally *tally)
{
	uint64_t sum = 0;

	for (enum tool tool = 0; tool < TOOL_COUNT; tool++)
		sum += tally->loaded[tool];
	return sum;
}

/* Whether all that is covered decided about some packet. */
static bool print_fragments(const struct tally *tally, const struct coverage *coverage)
{
	bool enough = true;

	printf("\n%-64s %8s %8s\n", "FRAGMENT", "RULES", "DECIDED");
	for (int i = 0; i < GRAMMAR_COUNT; i++) {
		enum tool tool = i == GRAMMAR_NFT ? TOOL_NFT : TOOL_IPTABLES;
		const struct grammar *grammar = grammar_of(tool);

		for (size_t j = 0; j < grammar->count; j++) {
			if (!coverage->is_known[tool][j])
				continue;
			printf("%-64.64s %8" PRIu64 " %8" PRIu64 "\n", grammar->fragments[j].text,
			       tally->with[i][j], tally->decided[i][j]);
			enough = enough && tally->decided[i][j];
		}
	}
	return enough || loaded(tally) < ENOUGH;
}

int tally_print(const struct tally *tally, const struct coverage *coverage, double seconds)
{
	bool enough = print_fragments(tally, coverage);

	putchar('\n');
	for (enum tool tool = 0; tool < TOOL_COUNT; tool++)
		printf("%-24s %8" PRIu64 " rule sets\n", tool_name(tool), tally->loaded[tool]);
	printf("%" PRIu64 " rule sets in %.1f s, and %" PRIu64 " that the tools refused\n",
	       loaded(tally), seconds, tally->refused);
	printf("%" PRIu64 " sources: %" PRIu64 " reached a socket, %" PRIu64 " are allowed\n",
	       tally->sources, tally->reached, tally->allowed);
	for (enum fault fault = 0; fault < FAULT_COUNT; fault++)
		printf("%-18s %8" PRIu64 ", known %" PRIu64 "   %s\n", fault_name(fault),
		       tally->faults[fault], tally->known[fault], fault_meaning(fault));
	if (tally_unknown(tally))
		return 1;
	return enough && (loaded(tally) < 100 || (tally->reached && tally->allowed)) ? 0 : 2;
}
