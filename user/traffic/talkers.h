/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who talks to the guarded ports: for each source, what its packets showed from the first to the
 * last. Pure.
 *
 * Memory is of a fixed size, so in a flood of random sources some are forgotten. Packets of three
 * kinds are kept apart, each with room of its own: those of allowed sources, those with SIP, and
 * those that show none (TLS, the opening of a TCP connection, keep-alives, noise). So a flood of
 * one kind does not push out who is known by another. Of one kind, whoever was in more than one of
 * TALKERS_OF_A_KIND sightings is remembered (heavy_hitters.h). Sightings count there, not the
 * packets that they stand for: what was seen in quiet times is not outweighed by a flood of which
 * each sample stands for thousands.
 */
#ifndef SIPGUARD_USER_TRAFFIC_TALKERS_H
#define SIPGUARD_USER_TRAFFIC_TALKERS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/prefix.h"
#include "policy/standing.h"
#include "traffic/sighting.h"

#define TALKERS_OF_A_KIND 4096
#define TALKER_AGENT_SIZE 64

struct talker {
	struct prefix source;
	/*
	 * Packets that its sightings stand for since it is remembered. Before that there were at
	 * most `missed` more of the same kinds.
	 */
	uint64_t packets;
	uint64_t missed;
	uint64_t sightings;
	/* Nanoseconds of Unix time. */
	int64_t first;
	int64_t last;
	uint32_t methods; /* SIP_METHOD_BIT() of those of its requests */
	bool responds;	  /* it sent responses */
	/* Of the requests of this host that its responses answered (sighting_is_reply()). */
	uint32_t replies;
	/* Of the last packet. */
	char device[IF_NAMESIZE];
	uint8_t verdict;
	uint8_t protocol;
	uint16_t port;
	/* Of the last packet that had one; empty: none had. Harmless to show. */
	char agent[TALKER_AGENT_SIZE];
	/* As the last packet showed it, without the entry, until the caller knows better. */
	struct standing standing;
};

struct talkers;

/* NULL when memory ran out. talkers_free() releases it. */
struct talkers *talkers_new(void);
void talkers_free(struct talkers **talkers);

/* Sightings whose source is not known do not count. */
void talkers_see(struct talkers *talkers, const struct sighting *sighting);

/*
 * Makes a list of all of them, each source once, in the order of addresses; the caller frees it.
 * -ENOMEM leaves the outputs as they are.
 */
int talkers_list(const struct talkers *talkers, struct talker **list, size_t *count);

bool talker_speaks_sip(const struct talker *talker);

/*
 * Whether it sent what belongs to a conversation: ACK, PRACK, BYE, or responses. Who only knocks
 * sends none of them, and who forges its source has not heard what to send.
 */
bool talker_converses(const struct talker *talker);

/*
 * Brings those to look at to the front: not allowed and answering this host's
 * requests, not allowed and conversing, not allowed and speaking SIP,
 * not allowed, denied, allowed; of each, those with the most packets first.
 */
void talkers_sort(struct talker *list, size_t count);

#endif
