/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sources that were seen most, each with what its last packets showed. Pure, and of a size that
 * no flood changes: of random sources some are forgotten, of heavy_hitters.h's rule which.
 */
#ifndef SIPGUARD_USER_TRAFFIC_SOURCES_H
#define SIPGUARD_USER_TRAFFIC_SOURCES_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#include "traffic/sighting.h"

#define SOURCES_AGENT_SIZE 64

struct source_summary {
	struct prefix source;
	/* Of the packets that samples stood for; the share is too high by at most `error`. */
	double share;
	double error;
	/* Of the last packet. */
	char device[IF_NAMESIZE];
	int64_t time;
	enum sip_method replies_to; /* of `is_reply` */
	uint16_t port;
	uint8_t verdict;
	uint8_t reason;
	uint8_t protocol;
	bool allowable;
	bool is_reply; /* to a request of this host */
	/* Of the last packet that had one; empty: none had. Harmless to show. */
	char method[SIGHTING_METHOD_MAX + 1];
	char agent[SOURCES_AGENT_SIZE];
};

struct sources;

/* NULL when memory ran out. sources_free() releases it. */
struct sources *sources_new(void);
void sources_free(struct sources **sources);

/* Returns whether the source is new, or was forgotten. */
bool sources_see(struct sources *sources, const struct sighting *sighting);

#define SOURCES_MAX 100

/* Writes up to `most`, SOURCES_MAX at the most, those with the most packets first. */
size_t sources_top(const struct sources *sources, struct source_summary *top, size_t most);

#endif
