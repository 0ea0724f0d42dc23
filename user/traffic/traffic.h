/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `top` knows: packets a second from the counters, which are exact, and who and what stands
 * behind the drops from samples of them, which are a share. Pure, and of a size that no flood
 * changes.
 *
 * Samples are weighed by how many packets they stand for, and count half after half a minute, so
 * that the tables are about now.
 */
#ifndef SIPGUARD_USER_TRAFFIC_TRAFFIC_H
#define SIPGUARD_USER_TRAFFIC_TRAFFIC_H

#include <stddef.h>
#include <stdint.h>

#include "sipguard/abi.h"
#include "traffic/history.h"
#include "traffic/sighting.h"

enum traffic_table {
	TRAFFIC_SOURCES,
	TRAFFIC_NETWORKS, /* /24 of IPv4 and /48 of IPv6 */
	TRAFFIC_METHODS,
	TRAFFIC_AGENTS,
	TRAFFIC_REASONS, /* of the counters, so exact */
	TRAFFIC_TABLE_COUNT,
};

/* Counters of all devices together. */
struct traffic_counters {
	uint64_t packets[SG_VERDICT_COUNT];
	/* Of those whose verdict is not SG_VERDICT_PASS. */
	uint64_t dropped[SG_REASON_COUNT];
};

/* Adds those of one device, in the order of sg_counter_index(). */
void traffic_counters_add(struct traffic_counters *counters,
			  const struct sg_counter cells[static SG_COUNTER_COUNT]);

struct traffic;

/* NULL when memory ran out. traffic_free() releases it. */
struct traffic *traffic_new(void);
void traffic_free(struct traffic **traffic);

void traffic_see(struct traffic *traffic, const struct sighting *sighting);

/*
 * The counters as they are now, `seconds` > 0 after the last time. The first call only says where
 * they begin. A counter that went back, because a guard is gone, counts as one that stood still.
 */
void traffic_tick(struct traffic *traffic, const struct traffic_counters *counters, double seconds);

/* Packets a second between the last two ticks, and before. */
double traffic_rate(const struct traffic *traffic, enum sg_verdict verdict);
const struct history *traffic_history(const struct traffic *traffic, enum sg_verdict verdict);
/* SG_VERDICT_DROP and SG_VERDICT_WOULD_DROP together. */
double traffic_drop_rate(const struct traffic *traffic);

#define TRAFFIC_NAME_SIZE 128

struct traffic_row {
	/* Of all that was sampled, from 0 to 1: too high by at most `error`, never too low. */
	double share;
	double error;
	/* Packets a second, as far as the share tells. */
	double rate;
	/* Escaped; "-" where there is none. */
	char name[TRAFFIC_NAME_SIZE];
};

enum traffic_order { TRAFFIC_BY_SHARE, TRAFFIC_BY_NAME };

#define TRAFFIC_ROWS_MAX 100

/*
 * Writes up to `most` rows, TRAFFIC_ROWS_MAX at the most: those of the greatest share, in the order
 * asked for. Returns how many.
 */
size_t traffic_rows(const struct traffic *traffic, enum traffic_table table,
		    enum traffic_order order, struct traffic_row *rows, size_t most);

#endif
