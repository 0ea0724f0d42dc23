/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real program on a policy of its own, asked frame by frame with BPF_PROG_TEST_RUN.
 *
 * The policy allows 203.0.113.0/24 and 2001:db8::/48, and denies 203.0.113.8 and 2001:db8::8 inside
 * them; the guarded ports are the default ones. Nothing is pinned and no device is touched.
 */
#ifndef SIPGUARD_TESTS_PACKET_FIXTURE_H
#define SIPGUARD_TESTS_PACKET_FIXTURE_H

#include <stdbool.h>

#include "kernel/policy.h"
#include "kernel/program.h"
#include "packet/sketch.h"

struct fixture {
	struct policy policy;
	struct device_maps maps;
	struct sample_maps samples;
	struct program *program;
};

struct outcome {
	enum sg_verdict verdict;
	enum sg_family family;
	enum sg_protocol protocol;
	enum sg_reason reason;
};

void fixture_open(struct fixture *fixture, enum sg_link_layer link_layer, enum sg_mode mode);
void fixture_close(struct fixture *fixture);

void fixture_put(struct fixture *fixture, const char *prefix, enum sg_entry_verdict verdict,
		 int64_t until);

/*
 * Runs the program, and asserts that exactly one counter moved, by this one frame and its bytes,
 * that it is one that metrics have a series for, that the action is that of the verdict, and that
 * the frame came back as it was. The kernel refuses frames of less than 14 bytes.
 */
struct outcome fixture_run(struct fixture *fixture, const uint8_t *frame, size_t size,
			   const char *what);

#endif
