// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic/talkers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sip/method.h"
#include "traffic/heavy_hitters.h"

enum kind { KIND_ALLOWED, KIND_SIP, KIND_OTHER, KIND_COUNT };

struct room {
	struct heavy_hitters *sketch;
	size_t taken;
	/* The most packets that anybody who was forgotten can have had. */
	uint64_t forgotten;
	struct talker talkers[TALKERS_OF_A_KIND];
};

struct talkers {
	struct room rooms[KIND_COUNT];
};

struct talkers *talkers_new(void)
{
	struct talkers *talkers = calloc(1, sizeof(*talkers));

	for (size_t i = 0; talkers && i < KIND_COUNT; i++) {
		talkers->rooms[i].sketch = heavy_hitters_new(TALKERS_OF_A_KIND);
		if (!talkers->rooms[i].sketch)
			talkers_free(&talkers);
	}
	return talkers;
}

void talkers_free(struct talkers **talkers)
{
	if (!*talkers)
		return;
	for (size_t i = 0; i < KIND_COUNT; i++)
		heavy_hitters_free(&(*talkers)->rooms[i].sketch);
	free(*talkers);
	*talkers = NULL;
}

static enum kind kind_of(const struct sighting *sighting)
{
	if (sighting->reason == SG_REASON_ALLOWED)
		return KIND_ALLOWED;
	return sighting->sip.kind == SIP_NONE ? KIND_OTHER : KIND_SIP;
}

/* Its place, which may have been another's. */
static struct talker *find(struct room *room, const struct sighting *sighting)
{
	struct talker *talker;
	size_t place;

	if (heavy_hitters_add(room->sketch, &sighting->source, sizeof(sighting->source), 1, &place))
		return &room->talkers[place];
	talker = &room->talkers[place];
	if (place == room->taken)
		room->taken++;
	else if (room->forgotten < talker->packets + talker->missed)
		room->forgotten = talker->packets + talker->missed;
	*talker = (struct talker){
		.source = sighting->source,
		.missed = room->forgotten,
		.first = sighting->time,
	};
	return talker;
}

void talkers_see(struct talkers *talkers, const struct sighting *sighting)
{
	const struct sip_text *agent = sighting_agent(sighting);
	enum sip_method answered;
	struct talker *talker;

	if (sighting->source.family == SG_FAMILY_NONE)
		return;
	talker = find(&talkers->rooms[kind_of(sighting)], sighting);
	talker->packets += sighting->packets ? sighting->packets : 1;
	talker->sightings++;
	talker->last = sighting->time;
	snprintf(talker->device, sizeof(talker->device), "%s", sighting->device);
	talker->verdict = sighting->verdict;
	talker->protocol = sighting->protocol;
	talker->port = sighting->port;
	talker->standing.reason = sighting->reason;
	if (sighting->sip.kind == SIP_REQUEST)
		talker->methods |= SIP_METHOD_BIT(sip_method_read(&sighting->sip.method));
	talker->responds |= sighting->sip.kind == SIP_RESPONSE;
	if (sighting_is_reply(sighting, &answered))
		talker->replies |= SIP_METHOD_BIT(answered);
	if (agent->length)
		sighting_show(agent, talker->agent, sizeof(talker->agent));
}

static int compare_sources(const void *left, const void *right)
{
	const struct talker *a = left, *b = right;

	return prefix_compare(&a->source, &b->source);
}

/* Makes one of two that are of the same source. */
static void join(struct talker *talker, const struct talker *other)
{
	const struct talker *earlier = talker->last <= other->last ? talker : other;
	struct talker joined = talker->last <= other->last ? *other : *talker;

	joined.packets += earlier->packets;
	joined.missed += earlier->missed;
	joined.sightings += earlier->sightings;
	if (joined.first > earlier->first)
		joined.first = earlier->first;
	joined.methods |= earlier->methods;
	joined.responds |= earlier->responds;
	joined.replies |= earlier->replies;
	if (!joined.agent[0])
		memcpy(joined.agent, earlier->agent, sizeof(joined.agent));
	*talker = joined;
}

int talkers_list(const struct talkers *talkers, struct talker **list, size_t *count)
{
	struct talker *all;
	size_t total = 0, kept = 0;

	for (size_t i = 0; i < KIND_COUNT; i++)
		total += talkers->rooms[i].taken;
	all = calloc(total + 1, sizeof(*all));
	if (!all)
		return -ENOMEM;
	for (size_t i = 0, at = 0; i < KIND_COUNT; at += talkers->rooms[i++].taken)
		memcpy(&all[at], talkers->rooms[i].talkers, talkers->rooms[i].taken * sizeof(*all));
	qsort(all, total, sizeof(*all), compare_sources);
	for (size_t i = 0; i < total; i++) {
		if (kept && !compare_sources(&all[kept - 1], &all[i]))
			join(&all[kept - 1], &all[i]);
		else
			all[kept++] = all[i];
	}
	*list = all;
	*count = kept;
	return 0;
}

bool talker_speaks_sip(const struct talker *talker)
{
	return talker->methods || talker->responds;
}

bool talker_converses(const struct talker *talker)
{
	const uint32_t methods = SIP_METHOD_BIT(SIP_METHOD_ACK) | SIP_METHOD_BIT(SIP_METHOD_PRACK) |
				 SIP_METHOD_BIT(SIP_METHOD_BYE);

	return talker->responds || talker->methods & methods;
}

static int rank(const struct talker *talker)
{
	if (talker->standing.reason == SG_REASON_ALLOWED)
		return 5;
	if (talker->standing.reason == SG_REASON_DENIED)
		return 4;
	if (!talker_speaks_sip(talker))
		return 3;
	if (talker->replies)
		return 0;
	return talker_converses(talker) ? 1 : 2;
}

static int compare_talkers(const void *left, const void *right)
{
	const struct talker *a = left, *b = right;
	int order = rank(a) - rank(b);

	if (order)
		return order;
	if (a->packets != b->packets)
		return a->packets < b->packets ? 1 : -1;
	return compare_sources(a, b);
}

void talkers_sort(struct talker *list, size_t count)
{
	qsort(list, count, sizeof(*list), compare_talkers);
}
