/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sightings of messages, and traffic made of them. */
#ifndef SIPGUARD_TESTS_UNIT_SIGHTINGS_H
#define SIPGUARD_TESTS_UNIT_SIGHTINGS_H

#include <criterion/criterion.h>
#include <string.h>

#include "traffic/sighting.h"
#include "traffic/traffic.h"

static inline struct prefix host(const char *text)
{
	struct prefix prefix;
	struct error error;

	cr_assert_eq(address_parse(text, &prefix, &error), 0);
	return prefix;
}

static inline struct sighting sighting_of(const char *source, const char *message)
{
	struct sighting sighting = {
		.device = "eth0",
		.packets = 1,
		.verdict = SG_VERDICT_DROP,
		.reason = SG_REASON_NOT_ALLOWED,
		.source = host(source),
	};

	sip_parse(message, strlen(message), &sighting.sip);
	return sighting;
}

static inline void see(struct traffic *traffic, const char *source, const char *message,
		       uint32_t packets)
{
	struct sighting sighting = sighting_of(source, message);

	sighting.packets = packets;
	traffic_see(traffic, &sighting);
}

/* Two ticks, so that so many packets were dropped and passed in the second between them. */
static inline void tick(struct traffic *traffic, uint64_t drops, uint64_t passes)
{
	struct traffic_counters counters = {.packets = {[SG_VERDICT_PASS] = 1000}};

	traffic_tick(traffic, &counters, 1);
	counters.packets[SG_VERDICT_PASS] += passes;
	counters.packets[SG_VERDICT_DROP] += drops;
	counters.dropped[SG_REASON_NOT_ALLOWED] += drops / 4;
	counters.dropped[SG_REASON_DENIED] += drops - drops / 4;
	traffic_tick(traffic, &counters, 1);
}

static const char scan[] = "OPTIONS sip:100@192.0.2.1 SIP/2.0\r\nUser-Agent: a\r\n  b\r\n\r\n";
static const char reply[] = "SIP/2.0 404 Not Found\r\nServer: \033[2Jx\r\n\r\n";

#endif
