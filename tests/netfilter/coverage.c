// SPDX-License-Identifier: GPL-2.0-or-later
/* Which fragments this machine knows: many at once, and fewer where some are not known. */
#include "netfilter/draw.h"
#include "netfilter/tools.h"

#define BATCH 16

struct search {
	enum tool tool;
	uint8_t family;
	struct coverage *coverage;
};

static bool load(const struct search *search, const size_t *numbers, size_t count)
{
	static struct rules_text rules;
	struct drawing drawing;

	samples_begin(search->tool, search->family, &drawing, &rules);
	for (size_t i = 0; i < count; i++) {
		if (!samples_add(&drawing, numbers[i]))
			return false;
	}
	return tools_load(&rules);
}

static void find(const struct search *search, const size_t *numbers, size_t count)
{
	if (!count)
		return;
	if (load(search, numbers, count)) {
		for (size_t i = 0; i < count; i++)
			search->coverage->is_known[search->tool][numbers[i]] = true;
	} else if (count > 1) {
		find(search, numbers, count / 2);
		find(search, numbers + count / 2, count - count / 2);
	}
}

static void find_family(const struct search *search)
{
	size_t numbers[BATCH], count = 0, all = grammar_of(search->tool)->count;

	for (size_t i = 0; i < all; i++) {
		if (!search->coverage->is_known[search->tool][i])
			numbers[count++] = i;
		if (count == BATCH || i + 1 == all) {
			find(search, numbers, count);
			count = 0;
		}
	}
}

static void print(const struct coverage *coverage, enum tool tool)
{
	const struct grammar *grammar = grammar_of(tool);
	size_t covered = 0;

	if (!coverage->has_tool[tool]) {
		printf("%s: not on this machine\n", tool_name(tool));
		return;
	}
	for (size_t i = 0; i < grammar->count; i++)
		covered += coverage->is_known[tool][i];
	printf("%s: %zu of %zu fragments are covered", tool_name(tool), covered, grammar->count);
	for (size_t i = 0; i < grammar->count; i++) {
		if (!coverage->is_known[tool][i])
			printf("%s [%s]", "; not", grammar->fragments[i].text);
	}
	putchar('\n');
}

void coverage_find(struct coverage *coverage)
{
	for (enum tool tool = 0; tool < TOOL_COUNT; tool++) {
		struct search search = {tool, SG_FAMILY_IPV4, coverage};

		coverage->has_tool[tool] = load(&search, NULL, 0);
		if (!coverage->has_tool[tool])
			continue;
		find_family(&search);
		search.family = SG_FAMILY_IPV6;
		find_family(&search);
	}
	for (enum tool tool = 0; tool < TOOL_COUNT; tool++)
		print(coverage, tool);
}
