/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a sample shows. */
#ifndef SIPGUARD_USER_COMMANDS_SAMPLE_SIGHTING_H
#define SIPGUARD_USER_COMMANDS_SAMPLE_SIGHTING_H

#include "kernel/samples.h"
#include "traffic/sighting.h"

/* Points into the sample, and is gone with it. */
struct sighting sighting_of(const struct sample *sample);

#endif
