// SPDX-License-Identifier: GPL-2.0-or-later
/* Who tries the rules. */
#include <string.h>

#include "netfilter/draw.h"
#include "netfilter/expand.h"

/* Of each family; half of them in each half of the addresses. */
#define STRANGERS 4

struct gathering {
	struct random random;
	struct sources *sources;
};

/* Addresses from which packets come in at all, however rules judge them. */
static bool is_unicast(const struct prefix *host)
{
	const uint8_t *bytes = host->address;

	if (host->family == SG_FAMILY_IPV4)
		return bytes[0] >= 1 && bytes[0] != 127 && bytes[0] < 224 &&
		       !(bytes[0] == 10 && bytes[1] == 99);
	return bytes[0] >> 5 == 1 || bytes[0] == 0xfd;
}

static void add_host(struct sources *sources, const struct prefix *host)
{
	if (sources->count == SOURCES_MAX - 2 * STRANGERS || !is_unicast(host))
		return;
	for (size_t i = 0; i < sources->count; i++) {
		if (!prefix_compare(&sources->hosts[i], host))
			return;
	}
	sources->hosts[sources->count++] = *host;
}

/* The address before or behind. */
static struct prefix beside(struct prefix host, int step)
{
	for (int at = host.length / 8 - 1; at >= 0; at--) {
		int byte = host.address[at] + step;

		host.address[at] = (uint8_t)byte;
		if (byte >= 0 && byte <= 255)
			break;
	}
	return host;
}

static void gather(void *context, const struct span *span)
{
	struct gathering *gathering = context;
	struct prefix network = span->first,
		      outside[] = {beside(span->first, -1), beside(span->last, 1)};

	add_host(gathering->sources, &span->first);
	add_host(gathering->sources, &span->last);
	network.length = span->length;
	prefix_truncate(&network);
	network = host_in(&gathering->random, &network);
	if (span_contains(span, &network))
		add_host(gathering->sources, &network);
	add_host(gathering->sources, &outside[0]);
	add_host(gathering->sources, &outside[1]);
}

struct naming {
	const struct prefix *host;
	bool is_named;
};

static void compare(void *context, const struct span *span)
{
	struct naming *naming = context;

	if (span->length > 1 && span_contains(span, naming->host))
		naming->is_named = true;
}

static bool is_named(const struct rules_text *rules, const struct prefix *host)
{
	struct naming naming = {host};

	for (size_t i = 0; i < rules->count; i++) {
		for (enum part part = 0; part < PART_COUNT; part++)
			for_each_span(rules->lines[i].parts[part], compare, &naming);
	}
	return naming.is_named;
}

/* Far from what fragments spell out themselves. */
static struct prefix draw_stranger(struct random *random, uint8_t family, unsigned int half)
{
	struct prefix host = {.family = family};

	host = host_in(random, &host);
	if (family == SG_FAMILY_IPV4) {
		host.address[0] = (uint8_t)(half ? 130 + random_below(random, 40)
						 : 20 + random_below(random, 80));
		host.address[3] = (uint8_t)(100 + random_below(random, 100));
	} else {
		host.address[0] = half ? 0xfd : 0x2a;
		host.address[1] |= 0x10;
	}
	return host;
}

static void add_strangers(struct gathering *gathering, const struct rules_text *rules,
			  uint8_t family)
{
	struct sources *sources = gathering->sources;

	for (unsigned int i = 0; i < STRANGERS; i++) {
		struct prefix host;
		unsigned int tries = 0;

		do {
			host = draw_stranger(&gathering->random, family, i % 2);
		} while (is_named(rules, &host) && ++tries < 50);
		if (tries < 50)
			sources->hosts[sources->count++] = host;
	}
}

void draw_sources(uint64_t seed, const struct rules_text *rules, struct sources *sources)
{
	struct gathering gathering = {{seed ^ 0x5349505f}, sources};

	sources->count = 0;
	for (size_t i = 0; i < rules->count; i++) {
		for (enum part part = 0; part < PART_COUNT; part++)
			for_each_span(rules->lines[i].parts[part], gather, &gathering);
	}
	sources->strangers = sources->count;
	for (uint8_t family = SG_FAMILY_IPV4; family < SG_FAMILY_COUNT; family++) {
		if (!tool_is_iptables(rules->tool) || family == rules->family)
			add_strangers(&gathering, rules, family);
	}
}
