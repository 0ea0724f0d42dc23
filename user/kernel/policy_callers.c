// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading whom the program remembers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "cleanup.h"
#include "kernel/policy_internal.h"
#include "kernel/ticks.h"

/* What the program keeps of a count of ticks is its lower half: the last moment that it can be. */
static int64_t seen_at(const struct ticks *ticks, uint32_t last_seen)
{
	uint32_t age = (uint32_t)ticks->count - last_seen;

	/* One that came after the count was read. */
	if (age > UINT32_MAX / 2)
		age = 0;
	return ticks_to_unix(ticks, ticks->count - age);
}

static struct prefix host_of(const struct sg_recent *recent)
{
	struct prefix host = {
		.family = recent->family,
		.length = prefix_host_length(recent->family),
	};

	memcpy(host.address, &recent->high, sizeof(recent->high));
	if (recent->family == SG_FAMILY_IPV6)
		memcpy(host.address + sizeof(recent->high), &recent->low, sizeof(recent->low));
	return host;
}

static void add(const struct ticks *ticks, int64_t since, const struct sg_recent *recent,
		struct policy_callers *list)
{
	if (recent->current && seen_at(ticks, recent->last_seen) >= since)
		list->callers[list->count++] = (struct policy_caller){
			.host = host_of(recent),
			.last_seen = seen_at(ticks, recent->last_seen),
		};
}

int policy_callers(const struct policy *policy, int64_t since, struct policy_callers *list,
		   struct error *error)
{
	size_t cpus = (size_t)libbpf_num_possible_cpus(), pairs = cpus * SG_RECENT_PAIRS;
	cleanup_free struct sg_recent_pair *table = calloc(pairs, sizeof(*table));
	cleanup_free uint32_t *keys = calloc(SG_RECENT_PAIRS, sizeof(*keys));
	struct policy_callers found = {calloc(2 * pairs, sizeof(*found.callers))};
	uint32_t count = SG_RECENT_PAIRS, next;
	struct ticks ticks;
	int result = ticks_read(&ticks, error);

	if (!result && (!table || !keys || !found.callers))
		result = error_system(error, ENOMEM, "cannot read who has called");
	/* The end of the map is told as an error, with all that was read. */
	if (!result &&
	    bpf_map_lookup_batch(policy->recents, NULL, &next, keys, table, &count, NULL) &&
	    errno != ENOENT)
		result = error_system(error, errno, "cannot read who has called");
	if (result) {
		free(found.callers);
		return result;
	}
	for (size_t i = 0; i < cpus * count; i++) {
		add(&ticks, since, &table[i].newer, &found);
		add(&ticks, since, &table[i].older, &found);
	}
	*list = found;
	return 0;
}
