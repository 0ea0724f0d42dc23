/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reader of samples without pins, which asks for exactly what a test says.
 *
 * Samples are counted on each CPU for itself, so reading_open() keeps the test on one.
 */
#ifndef SIPGUARD_TESTS_PACKET_READING_H
#define SIPGUARD_TESTS_PACKET_READING_H

#include <stddef.h>
#include <stdint.h>

#include "packet/fixture.h"
#include "sipguard/abi.h"

/* That of the loopback device, which BPF_PROG_TEST_RUN takes for the origin of its frames. */
#define READING_DEVICE_INDEX 1

#define READING_RECORDS_MAX 1024
#define READING_RING_SIZE   (4U << 20)

struct reading_record {
	struct sg_sample sample;
	uint8_t frame[SG_SAMPLE_BYTES_MAX];
};

struct reading {
	struct fixture *fixture;
	uint32_t number;
	struct sg_sample_readers *readers;
	struct sg_sample_request *request; /* of this reader */
	int ring;
	struct ring_buffer *buffer;
	struct reading_record *records;
	size_t count;
};

/*
 * Takes the place of this number, and wants every packet up to SG_SAMPLE_BYTES_MAX bytes of it.
 * `ring_size` is a power of two of whole pages.
 */
void reading_open(struct reading *reading, struct fixture *fixture, uint32_t number,
		  uint32_t ring_size);
void reading_close(struct reading *reading);

/* A guard of its own for one reader, number 0, with room for all that a test makes. */
struct world {
	struct fixture fixture;
	struct reading reading;
};

void world_open(struct world *world);
void world_close(struct world *world);

/* A packet that is dropped as not_allowed. */
extern const char stranger[];

/* The same shift for all verdicts and reasons. */
void reading_shift(struct reading *reading, uint8_t shift);

/* Runs the program on the frame that the words describe; the counters are checked as well. */
struct outcome reading_run(struct reading *reading, const char *words);

/* Reads anew what came since the last call, and says how many. */
size_t reading_read(struct reading *reading);

/* Of all CPUs together. */
struct sg_sample_taken reading_taken(const struct reading *reading);
uint64_t reading_lost(const struct reading *reading);

#endif
