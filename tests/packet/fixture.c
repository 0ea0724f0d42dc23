// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet/fixture.h"

#include <criterion/criterion.h>
#include <linux/bpf.h>
#include <string.h>

#include "metrics/snapshot.h"
#include "policy/ports.h"

void fixture_put(struct fixture *fixture, const char *prefix, enum sg_entry_verdict verdict,
		 int64_t until)
{
	struct entry entry = {.verdict = (uint8_t)verdict, .until = until};
	struct error error;

	cr_assert_eq(prefix_parse(prefix, &entry.prefix, &error), 0, "%s", error.message);
	cr_assert_eq(policy_put(&fixture->policy, &entry, &error), 0, "%s", error.message);
}

void fixture_open(struct fixture *fixture, enum sg_link_layer link_layer, enum sg_mode mode)
{
	struct sg_ports ports;
	struct error error;

	ports_default(&ports);
	cr_assert_eq(
		policy_create(&fixture->policy, 1024, &(struct entry_list){}, &ports, NULL, &error),
		0, "%s", error.message);
	cr_assert_eq(device_maps_create(&fixture->maps, mode, &error), 0, "%s", error.message);
	cr_assert_eq(sample_maps_create(&fixture->samples, &error), 0, "%s", error.message);
	cr_assert_eq(program_load(&fixture->program, &fixture->policy, &fixture->maps,
				  &fixture->samples, link_layer, PROGRAM_GUARDS, &error),
		     0, "%s", error.message);
	fixture_put(fixture, "203.0.113.0/24", SG_ENTRY_ALLOW, 0);
	fixture_put(fixture, "203.0.113.8", SG_ENTRY_DENY, 0);
	fixture_put(fixture, "2001:db8::/48", SG_ENTRY_ALLOW, 0);
	fixture_put(fixture, "2001:db8::8", SG_ENTRY_DENY, 0);
}

void fixture_close(struct fixture *fixture)
{
	program_close(&fixture->program);
	device_maps_close(&fixture->maps);
	sample_maps_close(&fixture->samples);
	policy_close(&fixture->policy);
}

static struct outcome outcome_at(uint32_t index)
{
	struct outcome outcome;

	outcome.reason = index % SG_REASON_COUNT;
	index /= SG_REASON_COUNT;
	outcome.protocol = index % SG_PROTOCOL_COUNT;
	index /= SG_PROTOCOL_COUNT;
	outcome.family = index % SG_FAMILY_COUNT;
	outcome.verdict = index / SG_FAMILY_COUNT;
	return outcome;
}

/* The one cell that moved, by one frame of `size` bytes. */
static uint32_t moved_cell(const struct sg_counter *before, const struct sg_counter *after,
			   size_t size, const char *what)
{
	uint32_t moved = SG_COUNTER_COUNT;

	for (uint32_t index = 0; index < SG_COUNTER_COUNT; index++) {
		if (before[index].packets == after[index].packets)
			continue;
		cr_assert_eq(moved, SG_COUNTER_COUNT, "%s: counted twice", what);
		cr_assert_eq(after[index].packets - before[index].packets, 1, "%s", what);
		cr_assert_eq(after[index].bytes - before[index].bytes, size, "%s: %llu bytes", what,
			     (unsigned long long)(after[index].bytes - before[index].bytes));
		moved = index;
	}
	cr_assert_neq(moved, SG_COUNTER_COUNT, "%s: not counted", what);
	return moved;
}

struct outcome fixture_run(struct fixture *fixture, const uint8_t *frame, size_t size,
			   const char *what)
{
	static struct sg_counter before[SG_COUNTER_COUNT], after[SG_COUNTER_COUNT];
	static uint8_t back[SKETCH_SIZE_MAX];
	struct outcome outcome;
	unsigned int action;
	struct error error;

	cr_assert_eq(device_maps_counters(&fixture->maps, before, &error), 0);
	cr_assert_eq(program_run(fixture->program, frame, size, back, &action, &error), 0, "%s: %s",
		     what, error.message);
	cr_assert_eq(device_maps_counters(&fixture->maps, after, &error), 0);

	outcome = outcome_at(moved_cell(before, after, size, what));
	cr_assert(snapshot_cell_occurs(outcome.verdict, outcome.family, outcome.protocol,
				       outcome.reason),
		  "%s: counted where metrics expect nothing", what);
	cr_assert_eq(action, outcome.verdict == SG_VERDICT_DROP ? XDP_DROP : XDP_PASS, "%s", what);
	cr_assert_eq(memcmp(frame, back, size), 0, "%s: the frame was changed", what);
	return outcome;
}
