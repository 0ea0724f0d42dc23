/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One flood that runs on while it is turned from lane to lane, and the slices of it that are
 * measured.
 *
 * The speed of a virtual machine changes by more than most of what is compared here, because of
 * what else runs on its host, and it does so within seconds. So nothing is measured for long:
 * every slice of a few hundredths of a second is divided by the mean of its neighbours, in which
 * the same packets went to the lane of the reference. What changed more slowly than that cancels
 * out, and the medians over the rounds throw the rest away. A flood that had to be started for
 * each slice would take longer to start than to measure: hence one that is merely turned.
 */
#ifndef BENCH_FLOOD_H
#define BENCH_FLOOD_H

#include "error.h"
#include "lane.h"

/* Starts to send packets of one family to this lane, from the drawn sources. */
int flood_start(const struct lane *lane, struct error *error);
int flood_stop(struct error *error);

/* What the lane's receiver counted in one slice. */
struct slice {
	double seconds;
	uint64_t received;
	uint64_t lost;
	uint64_t to_socket;
};

/*
 * Turns the flood to the lane, lets caches settle, and measures for so long. Fails when nothing
 * arrives.
 */
int flood_slice(const struct lane *lane, double seconds, struct slice *slice, struct error *error);

#endif
