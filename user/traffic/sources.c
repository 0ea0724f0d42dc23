// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic/sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traffic/heavy_hitters.h"

#define PLACES 512

struct sources {
	struct heavy_hitters *sketch;
	struct source_summary summaries[PLACES];
};

struct sources *sources_new(void)
{
	struct sources *sources = calloc(1, sizeof(*sources));

	if (!sources)
		return NULL;
	sources->sketch = heavy_hitters_new(PLACES);
	if (!sources->sketch)
		sources_free(&sources);
	return sources;
}

void sources_free(struct sources **sources)
{
	if (!*sources)
		return;
	heavy_hitters_free(&(*sources)->sketch);
	free(*sources);
	*sources = NULL;
}

static void describe(struct source_summary *summary, const struct sighting *sighting)
{
	char method[SIGHTING_METHOD_MAX];
	size_t length = sighting_method(sighting, method);

	summary->source = sighting->source;
	snprintf(summary->device, sizeof(summary->device), "%s", sighting->device);
	summary->time = sighting->time;
	summary->verdict = sighting->verdict;
	summary->reason = sighting->reason;
	summary->protocol = sighting->protocol;
	summary->port = sighting->port;
	summary->is_reply = sighting_is_reply(sighting, &summary->replies_to);
	summary->allowable = sighting_is_allowable(sighting);
	if (length)
		snprintf(summary->method, sizeof(summary->method), "%.*s", (int)length, method);
	if (sighting_agent(sighting)->length)
		sighting_show(sighting_agent(sighting), summary->agent, sizeof(summary->agent));
}

bool sources_see(struct sources *sources, const struct sighting *sighting)
{
	size_t place;
	bool known = heavy_hitters_add(sources->sketch, &sighting->source, sizeof(sighting->source),
				       sighting->packets ? sighting->packets : 1, &place);

	if (!known)
		sources->summaries[place] = (struct source_summary){};
	describe(&sources->summaries[place], sighting);
	return !known;
}

size_t sources_top(const struct sources *sources, struct source_summary *top, size_t most)
{
	double total = heavy_hitters_total(sources->sketch);
	struct heavy_hitter hitters[SOURCES_MAX];
	size_t found;

	most = most < SOURCES_MAX ? most : SOURCES_MAX;
	found = heavy_hitters_top(sources->sketch, hitters, most);
	for (size_t i = 0; i < found; i++) {
		top[i] = sources->summaries[hitters[i].place];
		top[i].share = hitters[i].count / total;
		top[i].error = hitters[i].error / total;
	}
	return found;
}
