// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/ticks.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

#include <bpf/bpf.h>
#include <linux/filter.h>

#include "cleanup.h"
#include "kernel/clock.h"
#include "kernel/privilege.h"

#define NANOSECONDS 1000000000LL

#define INSTRUCTION(operation, to, from, distance, value) \
	((struct bpf_insn){.code = (operation), \
			   .dst_reg = (to), \
			   .src_reg = (from), \
			   .off = (distance), \
			   .imm = (value)})

/* Writes the count to the start of the frame that it is run on. */
static const struct bpf_insn program[] = {
	INSTRUCTION(BPF_LDX | BPF_W | BPF_MEM, 6, 1, offsetof(struct xdp_md, data), 0),
	INSTRUCTION(BPF_LDX | BPF_W | BPF_MEM, 7, 1, offsetof(struct xdp_md, data_end), 0),
	INSTRUCTION(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_jiffies64),
	INSTRUCTION(BPF_ALU64 | BPF_MOV | BPF_X, 1, 6, 0, 0),
	INSTRUCTION(BPF_ALU64 | BPF_ADD | BPF_K, 1, 0, 0, sizeof(uint64_t)),
	INSTRUCTION(BPF_JMP | BPF_JGT | BPF_X, 1, 7, 1, 0),
	INSTRUCTION(BPF_STX | BPF_DW | BPF_MEM, 6, 0, 0, 0),
	INSTRUCTION(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_PASS),
	INSTRUCTION(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
};

int ticks_read(struct ticks *ticks, struct error *error)
{
	uint64_t frame[8] = {}, back[8] = {};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = sizeof(frame),
		    .data_out = back, .data_size_out = sizeof(back), .repeat = 1);
	struct timespec tick;
	cleanup_fd int loaded = -1;

	loaded = bpf_prog_load(BPF_PROG_TYPE_XDP, "sipguard_ticks", "GPL", program,
			       sizeof(program) / sizeof(program[0]), NULL);
	if (loaded < 0 || bpf_prog_test_run_opts(loaded, &options))
		return privilege_error(error, errno, "cannot ask the kernel for its tick");
	/* The coarse clock moves with the tick. */
	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	*ticks = (struct ticks){
		.count = back[0],
		.nanoseconds = tick.tv_sec * NANOSECONDS + tick.tv_nsec,
		.unix_time = clock_now(),
	};
	return 0;
}

int64_t ticks_to_unix(const struct ticks *ticks, uint64_t count)
{
	if (!count)
		return 0;
	/* The count was read a moment before; what is newer than that is now. */
	if (count > ticks->count)
		return ticks->unix_time;
	return ticks->unix_time -
	       (int64_t)(ticks->count - count) / (NANOSECONDS / ticks->nanoseconds);
}
