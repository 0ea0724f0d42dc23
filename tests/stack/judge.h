/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judge: what a group reaches in a world without a guard, against what it reaches when only
 * those frames arrive that the program passes.
 *
 * A bypass is a stranger's group that reaches the guarded port all the same. Collateral is a
 * control port that is no longer reached; the README names the reasons for which that may happen. A
 * loss is a trusted group that reaches the guarded port less often than without a guard.
 */
#ifndef SIPGUARD_TESTS_STACK_JUDGE_H
#define SIPGUARD_TESTS_STACK_JUDGE_H

#include "kernel/policy.h"
#include "kernel/program.h"
#include "stack/group.h"
#include "stack/world.h"

struct judge {
	struct policy policy;
	struct device_maps maps;
	struct program *program;
	struct world open;    /* gets every frame */
	struct world guarded; /* gets what the program passes */
};

struct tally {
	uint64_t groups;
	uint64_t frames;
	uint64_t with[FEATURE_COUNT];	 /* groups that have the feature */
	uint64_t reached[FEATURE_COUNT]; /* and reached a socket unfiltered */
	uint64_t
		collateral[SG_REASON_COUNT]; /* groups, by the reason of a frame that was dropped */
	uint64_t bypasses;
	uint64_t losses;
	uint64_t undeclared; /* collateral for a reason that does not allow it */
};

enum finding { FINDING_NONE, FINDING_BYPASS, FINDING_LOSS, FINDING_COLLATERAL };

const char *finding_name(enum finding finding);

/* Ends the program when something cannot be had. The process is left in a namespace of its own. */
void judge_open(struct judge *judge);
void judge_close(struct judge *judge);

enum finding judge_group(struct judge *judge, const struct group *group, struct tally *tally);

/*
 * Whether a drop for this reason may keep a packet from a control port: the program could not see
 * its ports.
 */
bool collateral_is_declared(enum sg_reason reason);

#endif
