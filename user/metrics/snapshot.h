/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is to be told about sipguard, read at one moment: the value that metrics, the JSON and the
 * page are made from.
 */
#ifndef SIPGUARD_USER_METRICS_SNAPSHOT_H
#define SIPGUARD_USER_METRICS_SNAPSHOT_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "policy/baseline.h"
#include "policy/device_mode.h"
#include "policy/guard_wish.h"
#include "sipguard/abi.h"

struct snapshot_guard {
	char device[IF_NAMESIZE];
	/*
	 * How its program sits on a device of this network namespace; neither when the device is
	 * gone or was moved to another one.
	 */
	bool native;
	bool generic;
	bool enforces;
	enum confirmation confirmation;	 /* of its mode */
	struct baseline now;		 /* meaningless while the device is not here */
	struct baseline_changes changes; /* since the device was guarded */
	int64_t created;		 /* its counters: milliseconds of Unix time */
	uint64_t samples_lost;
	/* In the order of sg_counter_index(). */
	struct sg_counter counters[SG_COUNTER_COUNT];
};

/* What is read apart, and can fail apart. */
enum snapshot_part {
	SNAPSHOT_GUARDS,
	SNAPSHOT_POLICY,
	SNAPSHOT_LAST_APPLY,
	SNAPSHOT_EXPECTED,
	SNAPSHOT_PART_COUNT,
};

struct snapshot {
	int64_t taken; /* milliseconds of CLOCK_MONOTONIC */

	/* Sorted by device; those that could be read. */
	struct snapshot_guard *guards;
	size_t guard_count;

	/* What is remembered of guards: those that should be there. */
	struct guard_wishes expected;

	enum confirmation list_confirmation; /* of the allowlist */

	/* The allowlist: 0 while no device is guarded. */
	uint32_t entries4;
	uint32_t entries6;
	uint32_t capacity; /* the most entries of each family that there can be */

	/* 0 and true when nothing was ever applied. */
	int64_t last_apply_success; /* seconds of Unix time */
	bool last_apply_successful;

	/* Why a part could not be read, or not all of it; an empty message: it could. */
	struct error problems[SNAPSHOT_PART_COUNT];
};

/* "guards", "policy", "last_apply", "expected" */
const char *snapshot_part_name(enum snapshot_part part);

/* The first problem there is, or NULL. */
const struct error *snapshot_problem(const struct snapshot *snapshot);

/*
 * Whether the program can count a packet in this cell: which combinations of verdict, family,
 * protocol and reason there are follows from where in bpf/parse.bpf.h a reason is given.
 */
bool snapshot_cell_occurs(enum sg_verdict verdict, enum sg_family family, enum sg_protocol protocol,
			  enum sg_reason reason);

/* Calls `visit` for each cell that can occur, and for any other that has counted all the same. */
typedef void cell_visitor(void *context, enum sg_verdict verdict, enum sg_family family,
			  enum sg_protocol protocol, enum sg_reason reason,
			  const struct sg_counter *counter);
void snapshot_visit_cells(const struct snapshot_guard *guard, cell_visitor *visit, void *context);

void snapshot_clear(struct snapshot *snapshot);

#endif
