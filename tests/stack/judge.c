// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/judge.h"

#include <err.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "policy/ports.h"

const char *finding_name(enum finding finding)
{
	static const char *const names[] = {"nothing", "bypass", "trusted loss", "collateral"};

	return names[finding];
}

static void put(struct judge *judge, const char *prefix, enum sg_entry_verdict verdict)
{
	struct entry entry = {.verdict = (uint8_t)verdict};
	struct error error;

	if (prefix_parse(prefix, &entry.prefix, &error) ||
	    policy_put(&judge->policy, &entry, &error))
		errx(3, "%s", error.message);
}

static void load(struct judge *judge)
{
	struct sg_ports ports = {};
	struct error error;

	for (uint8_t table = SG_PORTS_UDP; table <= SG_PORTS_SCTP; table++)
		ports_add(&ports, &(struct port){.table = table, .number = GUARDED_PORT});
	if (policy_create(&judge->policy, 64, &(struct entry_list){}, &ports, NULL, &error) ||
	    device_maps_create(&judge->maps, SG_MODE_ENFORCE, &error) ||
	    program_load(&judge->program, &judge->policy, &judge->maps, NULL, SG_LINK_ETHERNET,
			 PROGRAM_GUARDS, &error))
		errx(3, "%s", error.message);
	/* As group.c chooses its sources. */
	put(judge, "203.0.0.0/16", SG_ENTRY_ALLOW);
	put(judge, "203.0.128.0/17", SG_ENTRY_DENY);
	put(judge, "2001:db8:1::/48", SG_ENTRY_ALLOW);
	put(judge, "2001:db8:1:8000::/49", SG_ENTRY_DENY);
}

/*
 * A program that is attached somewhere is in the dispatcher of XDP, and BPF_PROG_TEST_RUN need not
 * put it there and wait for a grace period at each call.
 */
static void keep_in_dispatcher(const struct judge *judge)
{
	if (unshare(CLONE_NEWNET) ||
	    bpf_xdp_attach((int)if_nametoindex("lo"), program_descriptor(judge->program),
			   XDP_FLAGS_SKB_MODE, NULL))
		err(3, "cannot attach the program to a loopback device");
}

void judge_open(struct judge *judge)
{
	*judge = (struct judge){.policy = POLICY_CLOSED, .maps = DEVICE_MAPS_CLOSED};
	load(judge);
	world_open(&judge->open);
	world_open(&judge->guarded);
	keep_in_dispatcher(judge);
}

void judge_close(struct judge *judge)
{
	program_close(&judge->program);
	device_maps_close(&judge->maps);
	policy_close(&judge->policy);
}

static bool passes(struct judge *judge, const struct frame *frame)
{
	unsigned int action;
	struct error error;

	if (program_run(judge->program, frame->bytes, frame->size, NULL, &action, &error))
		errx(3, "%s", error.message);
	return action == XDP_PASS;
}

/*
 * The reason of a frame that is dropped, from the counters. Slow, so only asked when something was
 * found.
 */
static enum sg_reason reason_of(struct judge *judge, const struct frame *frame)
{
	static struct sg_counter before[SG_COUNTER_COUNT], after[SG_COUNTER_COUNT];
	struct error error;
	uint32_t index = 0;

	if (device_maps_counters(&judge->maps, before, &error))
		errx(3, "%s", error.message);
	passes(judge, frame);
	if (device_maps_counters(&judge->maps, after, &error))
		errx(3, "%s", error.message);
	while (index < SG_COUNTER_COUNT - 1 && before[index].packets == after[index].packets)
		index++;
	return index % SG_REASON_COUNT;
}

bool collateral_is_declared(enum sg_reason reason)
{
	return reason == SG_REASON_NO_PORTS || reason == SG_REASON_HEADER_LIMIT ||
	       reason == SG_REASON_VLAN_LIMIT;
}

/* The reasons for which frames of the group are dropped, a bit for each. */
static unsigned int drop_reasons(struct judge *judge, const struct group *group)
{
	unsigned int reasons = 0;

	for (size_t i = 0; i < group->count; i++) {
		if (!passes(judge, &group->frames[i]))
			reasons |= 1U << reason_of(judge, &group->frames[i]);
	}
	return reasons;
}

static void note_features(const struct group *group, const struct reached *open,
			  struct tally *tally)
{
	tally->groups++;
	tally->frames += group->count;
	for (enum feature feature = 0; feature < FEATURE_COUNT; feature++) {
		tally->with[feature] += group_has(group, feature);
		tally->reached[feature] += group_has(group, feature) &&
					   open->guarded + open->control;
	}
}

/*
 * One frame that was dropped for a declared reason explains the group: without it nothing is put
 * together.
 */
static enum finding note_collateral(unsigned int reasons, struct tally *tally)
{
	enum sg_reason reason;

	for (reason = 0; reason < SG_REASON_COUNT; reason++) {
		if (reasons >> reason & 1 && collateral_is_declared(reason)) {
			tally->collateral[reason]++;
			return FINDING_NONE;
		}
	}
	for (reason = 0; reason < SG_REASON_COUNT; reason++)
		tally->collateral[reason] += reasons >> reason & 1;
	tally->undeclared++;
	return FINDING_COLLATERAL;
}

static enum finding compare(struct judge *judge, const struct group *group,
			    const struct reached *open, const struct reached *guarded,
			    struct tally *tally)
{
	bool trusted = group_has(group, FEATURE_TRUSTED);

	if (!trusted && guarded->guarded) {
		tally->bypasses++;
		return FINDING_BYPASS;
	}
	/* Tags stand before the source, so their limit holds for everybody. */
	if (trusted && guarded->guarded < open->guarded &&
	    !(drop_reasons(judge, group) >> SG_REASON_VLAN_LIMIT & 1)) {
		tally->losses++;
		return FINDING_LOSS;
	}
	if (guarded->control < open->control)
		return note_collateral(drop_reasons(judge, group), tally);
	return FINDING_NONE;
}

enum finding judge_group(struct judge *judge, const struct group *group, struct tally *tally)
{
	struct reached open, guarded;

	for (size_t i = 0; i < group->count; i++) {
		world_send(&judge->open, group->frames[i].bytes, group->frames[i].size);
		if (passes(judge, &group->frames[i]))
			world_send(&judge->guarded, group->frames[i].bytes, group->frames[i].size);
	}
	open = world_collect(&judge->open);
	guarded = world_collect(&judge->guarded);
	note_features(group, &open, tally);
	return compare(judge, group, &open, &guarded, tally);
}
