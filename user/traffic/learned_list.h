/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Talkers as a file in the format of policy/list_file.h, for somebody to review. Pure.
 *
 * Who is allowed already is an entry. Who is not stands behind a #, with what was seen of it: it
 * becomes an entry only when a human takes the # away, because scanners talk SIP too.
 */
#ifndef SIPGUARD_USER_TRAFFIC_LEARNED_LIST_H
#define SIPGUARD_USER_TRAFFIC_LEARNED_LIST_H

#include <stdio.h>

#include "traffic/talkers.h"

struct learned_list {
	const struct talker *talkers; /* in the order in which they are to be written */
	size_t count;
	/* Seconds of Unix time between which they were seen. */
	int64_t began;
	int64_t ended;
	/* So many packets with SIP make an entry of a source that is not allowed; 0: none does. */
	uint64_t min_packets;
};

/* Errors of the stream are left to the caller. */
void learned_list_write(FILE *stream, const struct learned_list *list);

/* How many sources that are not allowed yet are entries in it. */
size_t learned_list_chosen(const struct learned_list *list);

#endif
