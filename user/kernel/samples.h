/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples: packets as the guards saw them, with their verdicts, of all devices at once.
 *
 * At most SG_SAMPLE_READERS can read at once. Guards may come and go meanwhile, and programs be
 * swapped. Whoever reads polls at least a few times a second: that is also what renews the credit
 * within which the guards hand samples over. A reader that ends in whatever way leaves nothing
 * that costs, and its place goes to the next one.
 */
#ifndef SIPGUARD_USER_KERNEL_SAMPLES_H
#define SIPGUARD_USER_KERNEL_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "policy/prefix.h"
#include "sipguard/abi.h"

/* Bits of a request. */
#define SAMPLE_VERDICT(verdict) (1U << (verdict))
#define SAMPLE_REASON(reason)	(1U << (reason))
#define SAMPLE_VERDICTS_ALL	(SAMPLE_VERDICT(SG_VERDICT_COUNT) - 1)
#define SAMPLE_REASONS_ALL	(SAMPLE_REASON(SG_REASON_COUNT) - 1)

struct sample_request {
	uint32_t verdicts;
	uint32_t reasons;
	struct prefix source; /* SG_FAMILY_NONE: of all packets, IP or not */
	/* The names stay the caller's as long as it reads; none: of all guarded devices. */
	const char *const *devices;
	size_t device_count;
	uint32_t bytes; /* of each frame at most; SG_SAMPLE_BYTES_MAX is the limit */
	/*
	 * Samples a second, of all devices together, after a burst of as many at once. As long as
	 * there are no more packets than that, each of them is a sample; of more, samples are
	 * spread over them, so that a rare reason is seen in a flood of another.
	 */
	uint32_t rate;
};

struct sample {
	int64_t time;	      /* nanoseconds of Unix time */
	const char *device;   /* "if7" when the device with this index is not known */
	uint32_t packets;     /* how many it stands for */
	uint8_t verdict;      /* enum sg_verdict */
	uint8_t reason;	      /* enum sg_reason */
	uint8_t protocol;     /* enum sg_protocol */
	uint8_t link_layer;   /* enum sg_link_layer */
	uint16_t port;	      /* destination; 0: unknown */
	struct prefix source; /* a host; SG_FAMILY_NONE: no IP, or too damaged to tell */
	uint32_t length;      /* of the frame */
	uint32_t captured;    /* bytes of it that follow */
	const uint8_t *frame;
};

/*
 * Called for each sample, in about the order of time. The sample and what it points to are gone
 * when it returns. A negative errno, with the error filled in, ends the poll, which returns it.
 */
typedef int sample_visitor(void *context, const struct sample *sample, struct error *error);

struct samples;

/*
 * Begins to sample. -ENOENT (EXIT_ABSENT) when no guard is attached, -EBUSY (EXIT_CONFLICT) when
 * all places are taken; the error names the processes. samples_close() releases it.
 */
int samples_open(struct samples **samples, const struct sample_request *request,
		 struct error *error);
void samples_close(struct samples **samples);

/*
 * Visits the samples there are, after waiting for some as long as `timeout` milliseconds (0: not
 * at all, -1: without an end). Returns how many it visited: 0 when the time was over or a signal
 * came, and now and then earlier.
 */
int samples_poll(struct samples *samples, int timeout, sample_visitor *visit, void *context,
		 struct error *error);

/* Readable when it is time for samples_poll(), which is now and then also without any samples. */
int samples_descriptor(const struct samples *samples);

/* Since the beginning. */
struct sample_tally {
	uint64_t packets; /* that were asked for: exact as long as each was a sample */
	uint64_t samples;
	uint64_t lost; /* because the reader was too slow */
};
int samples_tally(struct samples *samples, struct sample_tally *tally, struct error *error);

#endif
