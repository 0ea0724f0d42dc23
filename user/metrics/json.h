/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A snapshot as JSON: for the live page, and for `sipguard --json metrics`. Pure. */
#ifndef SIPGUARD_USER_METRICS_JSON_H
#define SIPGUARD_USER_METRICS_JSON_H

#include <jansson.h>

#include "metrics/snapshot.h"

/*
 * {"time_ms": CLOCK_MONOTONIC, "guards": [{"device", "attached": "native"|"generic"|null,
 * "enforcing", "samples_lost", "packets": {VERDICT: {REASON: number}}}], "allowlist": {"ipv4",
 * "ipv6", "capacity"}, "last_apply": {"successful", "success_timestamp"}, "problems":
 * [{"collector", "message", "hint"}]}
 *
 * The caller owns it.
 */
/* An object of "change": "what it is", for those that there are. */
json_t *changes_json(const struct baseline_changes *changes);

json_t *snapshot_json(const struct snapshot *snapshot);

#endif
