/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reader's presence in the maps of samples: its place, its ring, its request, and its credit.
 * What kernel/samples.h is built on; it ends when the maps do.
 */
#ifndef SIPGUARD_USER_KERNEL_SAMPLE_SESSION_H
#define SIPGUARD_USER_KERNEL_SAMPLE_SESSION_H

#include <stdbool.h>

#include "capture/pace.h"
#include "kernel/sample_maps.h"
#include "kernel/sample_place.h"
#include "kernel/samples.h"

struct sample_session {
	struct sample_maps maps;
	struct sample_place place;
	int ring;
	struct pace pace;
	struct pace_step step; /* what has happened since the credit was renewed */
	struct sample_tally tally;
	/* Each CPU's cell, as it was counted last, and room to read them anew. */
	unsigned int cpus;
	struct sg_sample_taken *counted;
	struct sg_sample_taken *found;
};

#define SAMPLE_SESSION_NONE \
	((struct sample_session){ \
		.maps = SAMPLE_MAPS_CLOSED, .place = SAMPLE_PLACE_NONE, .ring = -1})

/*
 * Takes a place in the maps that are pinned now, and asks for samples of `devices`, as in struct
 * sg_sample_request. -ENOENT when no maps are pinned.
 */
int sample_session_begin(struct sample_session *session, const struct sample_request *request,
			 uint64_t devices, struct error *error);
void sample_session_end(struct sample_session *session);

bool sample_session_is_open(const struct sample_session *session);
/* Whether it is in these maps. */
bool sample_session_is_in(const struct sample_session *session, const struct sample_maps *maps);

/* Brings `tally` up to date. */
int sample_session_count(struct sample_session *session, struct error *error);

/* Renews credit and shifts, `seconds` after it was done last. */
int sample_session_renew(struct sample_session *session, const struct sample_request *request,
			 uint64_t devices, double seconds, struct error *error);

#endif
