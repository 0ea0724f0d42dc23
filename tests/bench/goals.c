// SPDX-License-Identifier: GPL-2.0-or-later
#include "goals.h"

const struct goal goals[] = {
	{"strangers, of bare XDP_DROP", 1000, GOAL_SHARE, SOURCES_STRANGERS, 0, 0.90},
	{"strangers, of bare XDP_DROP", 100000, GOAL_SHARE, SOURCES_STRANGERS, 0, 0.78},
	{"strangers, of bare XDP_DROP", 1000000, GOAL_SHARE, SOURCES_STRANGERS, 0, 0.70},
	{"strangers, against iptables raw + ipset", 1000, GOAL_LEAD, IPTABLES_IPSET, 0, 5},
	{"strangers, against iptables raw + ipset", 100000, GOAL_LEAD, IPTABLES_IPSET, 0, 5},
	{"strangers, against nft netdev ingress", 1000, GOAL_LEAD, NFT_INGRESS, 0, 6},
	{"strangers, against nft netdev ingress", 100000, GOAL_LEAD, NFT_INGRESS, 0, 6},
	{"strangers, against linear iptables rules", 1000, GOAL_LEAD, IPTABLES_LINEAR, 0, 20},
	{"strangers, against xdp-filter", 1000, GOAL_LEAD, XDP_FILTER_PORTS, 0, 1.3},
	{"strangers, against xdp-filter", 10000, GOAL_LEAD, XDP_FILTER_PORTS, 0, 1.3},
	{"1000 allowed sources, of no filter", 1000, GOAL_SHARE, SOURCES_ACTIVE, 0, 0.95},
	{"1000 allowed sources, of no filter", 100000, GOAL_SHARE, SOURCES_ACTIVE, 0, 0.90},
	{"what sampling drops adds, ns", 0, GOAL_NANOSECONDS, OBSERVER_SAMPLES, 0, 5},
	{"loading with sipguard import, s", 1000000, GOAL_SECONDS, COMMAND_IMPORT, 0, 2},
	{"loading, against ipset restore", 1000000, GOAL_FASTER, COMMAND_IMPORT,
	 COMMAND_IPSET_RESTORE, 1},
	{"loading, against nft -f", 1000000, GOAL_FASTER, COMMAND_IMPORT, COMMAND_NFT, 1},
	{"sipguard allow, s", 100000, GOAL_SECONDS, COMMAND_ALLOW, 0, 0.010},
};

const size_t goal_count = sizeof(goals) / sizeof(goals[0]);

static struct series share(const struct report *report, enum contender_id id, enum sources sources,
			   size_t entries)
{
	const struct measurement *found = trials_find(&report->trials, id, sources, entries);

	return found ? found->ratio : (struct series){};
}

/* Both as shares of their neighbours in time. */
static struct series lead(const struct goal *goal, const struct report *report)
{
	struct series sipguard, rival;

	sipguard = share(report, SIPGUARD_NATIVE, SOURCES_STRANGERS, goal->entries);
	rival = share(report, goal->of, SOURCES_STRANGERS, goal->entries);
	return series_ratio(&sipguard, &rival);
}

static struct series seconds(const struct report *report, unsigned int id, size_t entries)
{
	const struct command *command = &report->commands[id];

	return command->entries == entries ? command->seconds : (struct series){};
}

static struct series faster(const struct goal *goal, const struct report *report)
{
	struct series own = seconds(report, goal->of, goal->entries);
	struct series other = seconds(report, goal->than, goal->entries);

	return series_ratio(&other, &own);
}

struct series goal_values(const struct goal *goal, const struct report *report)
{
	switch (goal->kind) {
	case GOAL_SHARE:
		return share(report, SIPGUARD_NATIVE, goal->of, goal->entries);
	case GOAL_LEAD:
		return lead(goal, report);
	case GOAL_NANOSECONDS:
		return report->observers[goal->of].nanoseconds;
	case GOAL_SECONDS:
		return seconds(report, goal->of, goal->entries);
	default:
		return faster(goal, report);
	}
}

bool goal_is_met(const struct goal *goal, double value)
{
	if (goal->kind == GOAL_NANOSECONDS || goal->kind == GOAL_SECONDS)
		return value <= goal->bound;
	return value >= goal->bound;
}
