// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic/traffic.h"

#include <stdlib.h>
#include <string.h>

#include "policy/names.h"
#include "text/escape.h"
#include "traffic/heavy_hitters.h"

/* The error of a share is at most 1 / PLACES. */
#define PLACES 512

/* Half is gone after seven tenths of it. */
#define MEAN_LIFE_SECONDS 43.0

/* Less than a packet's worth is what was long ago. */
#define FADED 0.5

struct traffic {
	/* None for TRAFFIC_REASONS. */
	struct heavy_hitters *sketches[TRAFFIC_TABLE_COUNT];
	struct history history[SG_VERDICT_COUNT];
	struct traffic_counters last;
	bool begun;
	double dropped[SG_REASON_COUNT]; /* a second */
};

struct traffic *traffic_new(void)
{
	struct traffic *traffic = calloc(1, sizeof(*traffic));

	if (!traffic)
		return NULL;
	for (unsigned int table = 0; table < TRAFFIC_REASONS; table++) {
		traffic->sketches[table] = heavy_hitters_new(PLACES);
		if (!traffic->sketches[table]) {
			traffic_free(&traffic);
			return NULL;
		}
	}
	return traffic;
}

void traffic_free(struct traffic **traffic)
{
	if (!*traffic)
		return;
	for (unsigned int table = 0; table < TRAFFIC_TABLE_COUNT; table++)
		heavy_hitters_free(&(*traffic)->sketches[table]);
	free(*traffic);
	*traffic = NULL;
}

void traffic_counters_add(struct traffic_counters *counters,
			  const struct sg_counter cells[static SG_COUNTER_COUNT])
{
	for (unsigned int index = 0; index < SG_COUNTER_COUNT; index++) {
		unsigned int verdict = index / (SG_COUNTER_COUNT / SG_VERDICT_COUNT);

		counters->packets[verdict] += cells[index].packets;
		if (verdict != SG_VERDICT_PASS)
			counters->dropped[index % SG_REASON_COUNT] += cells[index].packets;
	}
}

static void see_source(struct traffic *traffic, const struct prefix *source, double weight)
{
	struct prefix network = *source;

	if (source->family == SG_FAMILY_NONE) {
		heavy_hitters_add(traffic->sketches[TRAFFIC_SOURCES], "", 0, weight, NULL);
		heavy_hitters_add(traffic->sketches[TRAFFIC_NETWORKS], "", 0, weight, NULL);
		return;
	}
	network.length = source->family == SG_FAMILY_IPV4 ? 24 : 48;
	prefix_truncate(&network);
	heavy_hitters_add(traffic->sketches[TRAFFIC_SOURCES], source, sizeof(*source), weight,
			  NULL);
	heavy_hitters_add(traffic->sketches[TRAFFIC_NETWORKS], &network, sizeof(network), weight,
			  NULL);
}

void traffic_see(struct traffic *traffic, const struct sighting *sighting)
{
	char method[SIGHTING_METHOD_MAX], agent[HEAVY_HITTER_KEY_MAX];
	double weight = sighting->packets ? sighting->packets : 1;

	see_source(traffic, &sighting->source, weight);
	heavy_hitters_add(traffic->sketches[TRAFFIC_METHODS], method,
			  sighting_method(sighting, method), weight, NULL);
	heavy_hitters_add(traffic->sketches[TRAFFIC_AGENTS], agent,
			  sip_unfold(sighting_agent(sighting), agent, sizeof(agent)), weight, NULL);
}

static double rate_of(uint64_t now, uint64_t before, double seconds)
{
	return now > before ? (double)(now - before) / seconds : 0;
}

/* The first term of exp(-seconds / MEAN_LIFE), which for steps of a second is all that matters. */
static double fading(double seconds)
{
	return seconds < MEAN_LIFE_SECONDS ? 1 - seconds / MEAN_LIFE_SECONDS : 0;
}

void traffic_tick(struct traffic *traffic, const struct traffic_counters *counters, double seconds)
{
	if (!traffic->begun) {
		traffic->begun = true;
		traffic->last = *counters;
		return;
	}
	for (unsigned int verdict = 0; verdict < SG_VERDICT_COUNT; verdict++)
		history_add(&traffic->history[verdict],
			    rate_of(counters->packets[verdict], traffic->last.packets[verdict],
				    seconds));
	for (unsigned int reason = 0; reason < SG_REASON_COUNT; reason++)
		traffic->dropped[reason] = rate_of(counters->dropped[reason],
						   traffic->last.dropped[reason], seconds);
	for (unsigned int table = 0; table < TRAFFIC_REASONS; table++)
		heavy_hitters_age(traffic->sketches[table], fading(seconds));
	traffic->last = *counters;
}

double traffic_rate(const struct traffic *traffic, enum sg_verdict verdict)
{
	return history_value(&traffic->history[verdict], 0);
}

const struct history *traffic_history(const struct traffic *traffic, enum sg_verdict verdict)
{
	return &traffic->history[verdict];
}

double traffic_drop_rate(const struct traffic *traffic)
{
	return traffic_rate(traffic, SG_VERDICT_DROP) +
	       traffic_rate(traffic, SG_VERDICT_WOULD_DROP);
}

static void name_row(struct traffic_row *row, enum traffic_table table,
		     const struct heavy_hitter *hitter)
{
	struct prefix prefix;
	char text[PREFIX_TEXT_SIZE];

	if (!hitter->length) {
		strcpy(row->name, "-");
		return;
	}
	if (table == TRAFFIC_METHODS || table == TRAFFIC_AGENTS) {
		text_escape(row->name, sizeof(row->name), hitter->key, hitter->length);
		return;
	}
	memcpy(&prefix, hitter->key, sizeof(prefix));
	if (table == TRAFFIC_SOURCES)
		address_format(&prefix, text);
	else
		prefix_format(&prefix, text);
	strcpy(row->name, text);
}

static size_t sketch_rows(const struct traffic *traffic, enum traffic_table table,
			  struct traffic_row *rows, size_t most)
{
	const struct heavy_hitters *sketch = traffic->sketches[table];
	struct heavy_hitter top[TRAFFIC_ROWS_MAX];
	double total = heavy_hitters_total(sketch);
	size_t found = heavy_hitters_top(sketch, top, most);

	for (size_t i = 0; i < found; i++) {
		if (top[i].count < FADED)
			return i;
		rows[i].share = top[i].count / total;
		rows[i].error = top[i].error / total;
		rows[i].rate = rows[i].share * traffic_drop_rate(traffic);
		name_row(&rows[i], table, &top[i]);
	}
	return found;
}

static int compare_shares(const void *left, const void *right)
{
	const struct traffic_row *a = left, *b = right;

	if (a->share != b->share)
		return a->share < b->share ? 1 : -1;
	return strcmp(a->name, b->name);
}

static int compare_names(const void *left, const void *right)
{
	const struct traffic_row *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static size_t reason_rows(const struct traffic *traffic,
			  struct traffic_row rows[static SG_REASON_COUNT])
{
	double total = 0;
	size_t found = 0;

	for (unsigned int reason = 0; reason < SG_REASON_COUNT; reason++)
		total += traffic->dropped[reason];
	for (unsigned int reason = 0; reason < SG_REASON_COUNT; reason++) {
		struct traffic_row *row = &rows[found];

		if (traffic->dropped[reason] <= 0)
			continue;
		*row = (struct traffic_row){.rate = traffic->dropped[reason],
					    .share = traffic->dropped[reason] / total};
		strcpy(row->name, reason_name(reason));
		found++;
	}
	qsort(rows, found, sizeof(*rows), compare_shares);
	return found;
}

size_t traffic_rows(const struct traffic *traffic, enum traffic_table table,
		    enum traffic_order order, struct traffic_row *rows, size_t most)
{
	struct traffic_row reasons[SG_REASON_COUNT];
	size_t found;

	most = most < TRAFFIC_ROWS_MAX ? most : TRAFFIC_ROWS_MAX;
	if (table == TRAFFIC_REASONS) {
		found = reason_rows(traffic, reasons);
		found = found < most ? found : most;
		memcpy(rows, reasons, found * sizeof(*rows));
	} else {
		found = sketch_rows(traffic, table, rows, most);
	}
	if (order == TRAFFIC_BY_NAME)
		qsort(rows, found, sizeof(*rows), compare_names);
	return found;
}
