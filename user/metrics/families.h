/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sipguard's metrics: which families and series a snapshot makes. Pure, but for the stream it is
 * given.
 *
 * Labels are devices, the words of policy/names.h and versions: no address, prefix, method or
 * User-Agent. All series of a device are there from the start, at 0. There are as many as cells of
 * its counters can occur (80, each with packets and bytes) and four more; cells that cannot occur
 * would more than quintuple that and never move. Of what could not be read there is no sample.
 */
#ifndef SIPGUARD_USER_METRICS_FAMILIES_H
#define SIPGUARD_USER_METRICS_FAMILIES_H

#include <stdio.h>

#include "metrics/exposition.h"
#include "metrics/snapshot.h"

struct build {
	const char *version;
	const char *revision;
	const char *libbpf;
};

void families_write(FILE *stream, enum exposition_format format, const struct snapshot *snapshot,
		    const struct build *build);

#endif
