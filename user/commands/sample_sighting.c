// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/sample_sighting.h"

struct sighting sighting_of(const struct sample *sample)
{
	struct sighting sighting = {
		.time = sample->time,
		.device = sample->device,
		.packets = sample->packets,
		.length = sample->length,
		.verdict = sample->verdict,
		.reason = sample->reason,
		.protocol = sample->protocol,
		.port = sample->port,
		.source = sample->source,
	};

	sighting_read(&sighting, sample->frame, sample->captured, sample->link_layer);
	return sighting;
}
