// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet/reading.h"

#include <criterion/criterion.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "packet/sketch.h"

const char stranger[] = "eth ip4:stranger udp:5060 data:20";

static void stay_on_this_cpu(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	cr_assert_eq(sched_setaffinity(0, sizeof(one), &one), 0);
}

static int keep_record(void *context, void *data, size_t size)
{
	struct reading *reading = context;
	struct reading_record *record = &reading->records[reading->count++];

	cr_assert_leq(reading->count, READING_RECORDS_MAX);
	cr_assert_geq(size, sizeof(record->sample));
	memcpy(&record->sample, data, sizeof(record->sample));
	cr_assert_eq(size, sizeof(record->sample) + record->sample.captured);
	memcpy(record->frame, (char *)data + sizeof(record->sample), record->sample.captured);
	return 0;
}

void reading_shift(struct reading *reading, uint8_t shift)
{
	memset(reading->request->shift, shift, sizeof(reading->request->shift));
}

void reading_open(struct reading *reading, struct fixture *fixture, uint32_t number,
		  uint32_t ring_size)
{
	*reading = (struct reading){.fixture = fixture, .number = number};
	stay_on_this_cpu();
	reading->records = calloc(READING_RECORDS_MAX, sizeof(*reading->records));
	cr_assert_not_null(reading->records);
	reading->readers = mmap(NULL, sizeof(*reading->readers), PROT_READ | PROT_WRITE, MAP_SHARED,
				fixture->samples.readers, 0);
	cr_assert_neq(reading->readers, MAP_FAILED);
	reading->ring = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "reading", 0, 0, ring_size, NULL);
	reading->buffer = ring_buffer__new(reading->ring, keep_record, reading, NULL);
	cr_assert_not_null(reading->buffer);
	cr_assert_eq(bpf_map_update_elem(fixture->samples.rings, &number, &reading->ring, BPF_ANY),
		     0);

	reading->request = &reading->readers->requests[number];
	*reading->request = (struct sg_sample_request){
		.bytes = SG_SAMPLE_BYTES_MAX,
		.window = 1,
		.credit = READING_RECORDS_MAX,
		.devices = UINT64_MAX,
	};
	reading->readers->active |= 1U << number;
}

void reading_close(struct reading *reading)
{
	ring_buffer__free(reading->buffer);
	close(reading->ring);
	munmap(reading->readers, sizeof(*reading->readers));
	free(reading->records);
}

void world_open(struct world *world)
{
	fixture_open(&world->fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	reading_open(&world->reading, &world->fixture, 0, READING_RING_SIZE);
}

void world_close(struct world *world)
{
	reading_close(&world->reading);
	fixture_close(&world->fixture);
}

struct outcome reading_run(struct reading *reading, const char *words)
{
	static struct sketch sketch;

	sketch_draw(words, &sketch);
	return fixture_run(reading->fixture, sketch.bytes, sketch.size, words);
}

size_t reading_read(struct reading *reading)
{
	reading->count = 0;
	cr_assert_geq(ring_buffer__consume(reading->buffer), 0);
	return reading->count;
}

struct sg_sample_taken reading_taken(const struct reading *reading)
{
	size_t cpus = (size_t)libbpf_num_possible_cpus();
	struct sg_sample_taken *cells = calloc(cpus, sizeof(*cells)), sum = {};

	cr_assert_eq(bpf_map_lookup_elem(reading->fixture->samples.taken, &reading->number, cells),
		     0);
	for (size_t cpu = 0; cpu < cpus; cpu++) {
		for (uint32_t reason = 0; reason < SG_SAMPLE_REASONS; reason++)
			sum.packets[reason] += cells[cpu].packets[reason];
		sum.samples += cells[cpu].samples;
		sum.lost += cells[cpu].lost;
	}
	free(cells);
	return sum;
}

uint64_t reading_lost(const struct reading *reading)
{
	struct error error;
	uint64_t lost;

	cr_assert_eq(device_maps_samples_lost(&reading->fixture->maps, &lost, &error), 0);
	return lost;
}
