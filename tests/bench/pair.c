// SPDX-License-Identifier: GPL-2.0-or-later
#include "pair.h"

#include <errno.h>

/*
 * Two counters are read a moment apart, in which as many packets may arrive as wait in a ring, and
 * a stranger may be drawn from the list.
 */
#define TOLERATED_PACKETS 512
#define TOLERATED_SHARE	  0.01

static int check_fate(const struct subject *subject, const struct slice *slice, struct error *error)
{
	double passed = (double)slice->to_socket, received = (double)slice->received;
	double wrong = subject->fate == FATE_DROPPED ? passed : received - passed;

	if (wrong < TOLERATED_PACKETS + TOLERATED_SHARE * received)
		return 0;
	return error_set(error, EXIT_SYSTEM, EPROTO, "%s let %.1f %% of the packets pass",
			 subject->name, passed / received * 100);
}

static double packets_per_second(const struct slice *slice)
{
	return (double)slice->received / slice->seconds;
}

static int measure_reference(struct reference *reference, double seconds, struct error *error)
{
	struct slice slice;
	int result = flood_slice(reference->lane, seconds, &slice, error);

	if (!result)
		reference->pps = packets_per_second(&slice);
	return result;
}

int pair_measure(const struct subject *subject, struct reference *reference, double seconds,
		 struct pair *pair, struct error *error)
{
	int result = reference->pps > 0 ? 0 : measure_reference(reference, seconds, error);
	double before = reference->pps;
	struct slice slice;

	result = result ?: flood_slice(subject->lane, seconds, &slice, error);
	result = result ?: check_fate(subject, &slice, error);
	result = result ?: measure_reference(reference, seconds, error);
	if (result)
		return result;
	*pair = (struct pair){
		.pps = packets_per_second(&slice),
		.reference_pps = (before + reference->pps) / 2,
		.lost = (double)slice.lost / (double)(slice.received + slice.lost),
	};
	return 0;
}
