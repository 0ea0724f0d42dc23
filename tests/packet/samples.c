// SPDX-License-Identifier: GPL-2.0-or-later
/* What the program hands to readers: which packets, what of them, and how many. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>

#include "packet/fixture.h"
#include "packet/reading.h"
#include "packet/sketch.h"
#include "policy/names.h"

#define RING_SIZE (4U << 20)
/* That of the loopback device, which BPF_PROG_TEST_RUN takes for the origin of its frames. */
#define DEVICE_INDEX 1

static const char stranger[] = "eth ip4:stranger udp:5060 data:20";

struct world {
	struct fixture fixture;
	struct reading reading;
};

static void open_world(struct world *world)
{
	fixture_open(&world->fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	reading_open(&world->reading, &world->fixture, 0, RING_SIZE);
}

static void close_world(struct world *world)
{
	reading_close(&world->reading);
	fixture_close(&world->fixture);
}

/* The one sample of one packet. */
static const struct reading_record *sample_of(struct world *world, const char *words)
{
	reading_run(&world->reading, words);
	cr_assert_eq(reading_read(&world->reading), 1, "%s: %zu samples", words,
		     world->reading.count);
	return &world->reading.records[0];
}

static const struct row {
	const char *words;
	enum sg_mode mode;
	enum sg_verdict verdict;
	enum sg_reason reason;
	enum sg_family family;
	enum sg_protocol protocol;
	uint16_t port;
	const char *source;
} rows[] = {
	{"eth ip4:stranger udp:5060", SG_MODE_ENFORCE, SG_VERDICT_DROP, SG_REASON_NOT_ALLOWED,
	 SG_FAMILY_IPV4, SG_PROTOCOL_UDP, 5060, "192.0.2.66"},
	{"eth ip6:stranger tcp:5061", SG_MODE_ENFORCE, SG_VERDICT_DROP, SG_REASON_NOT_ALLOWED,
	 SG_FAMILY_IPV6, SG_PROTOCOL_TCP, 5061, "2001:db8:bad::66"},
	{"eth vlan ip4:denied sctp:5060", SG_MODE_ENFORCE, SG_VERDICT_DROP, SG_REASON_DENIED,
	 SG_FAMILY_IPV4, SG_PROTOCOL_SCTP, 5060, "203.0.113.8"},
	{"eth ip4:stranger udplite:5060", SG_MODE_MONITOR, SG_VERDICT_WOULD_DROP,
	 SG_REASON_NOT_ALLOWED, SG_FAMILY_IPV4, SG_PROTOCOL_UDPLITE, 5060, "192.0.2.66"},
	{"eth ip4:trusted udp:5060", SG_MODE_ENFORCE, SG_VERDICT_PASS, SG_REASON_ALLOWED,
	 SG_FAMILY_IPV4, SG_PROTOCOL_UDP, 5060, "203.0.113.7"},
	{"eth ip4:stranger udp:53", SG_MODE_ENFORCE, SG_VERDICT_PASS, SG_REASON_OTHER_PORT,
	 SG_FAMILY_IPV4, SG_PROTOCOL_UDP, 53, "192.0.2.66"},
	{"eth type:0806 data:28", SG_MODE_ENFORCE, SG_VERDICT_PASS, SG_REASON_NOT_IP,
	 SG_FAMILY_NONE, SG_PROTOCOL_OTHER, 0, NULL},
	{"eth ip4:stranger,ver=5 udp:5060", SG_MODE_ENFORCE, SG_VERDICT_DROP, SG_REASON_MALFORMED,
	 SG_FAMILY_IPV4, SG_PROTOCOL_OTHER, 0, NULL},
	{"eth ip4:stranger,mf udp:5060 short:2", SG_MODE_ENFORCE, SG_VERDICT_DROP,
	 SG_REASON_NO_PORTS, SG_FAMILY_IPV4, SG_PROTOCOL_UDP, 0, "192.0.2.66"},
};

Test(samples, a_sample_tells_what_the_program_knew)
{
	struct world world;

	open_world(&world);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		const struct sg_sample *sample;
		struct prefix source = {};
		struct error error;

		cr_assert_eq(device_maps_set_mode(&world.fixture.maps, row->mode, &error), 0);
		sample = &sample_of(&world, row->words)->sample;
		if (row->source)
			cr_assert_eq(address_parse(row->source, &source, &error), 0);
		cr_assert_eq(sample->verdict, row->verdict, "%s", row->words);
		cr_assert_eq(sample->reason, row->reason, "%s: %s", row->words,
			     reason_name(sample->reason));
		cr_assert_eq(sample->family, row->family, "%s", row->words);
		cr_assert_eq(sample->protocol, row->protocol, "%s", row->words);
		cr_assert_eq(sample->destination_port, row->port, "%s", row->words);
		cr_assert_eq(memcmp(sample->source, source.address, 16), 0, "%s", row->words);
		cr_assert_eq(sample->link_layer, SG_LINK_ETHERNET);
		cr_assert_eq(sample->ifindex, DEVICE_INDEX);
		cr_assert_eq(sample->packets, 1);
	}
	close_world(&world);
}

Test(samples, the_start_of_a_frame_is_copied_whatever_its_length)
{
	static struct sketch sketch;
	struct world world;
	char words[64];

	open_world(&world);
	for (uint32_t bytes = 1; bytes <= 120; bytes += 7) {
		for (unsigned int data = 0; data < 80; data++) {
			const struct reading_record *record;
			uint32_t captured;

			snprintf(words, sizeof(words), "eth ip4:stranger udp:5060 data:%u", data);
			world.reading.request->bytes = bytes;
			world.reading.request->window++;
			record = sample_of(&world, words);
			sketch_draw(words, &sketch);
			captured = sketch.size < bytes ? (uint32_t)sketch.size : bytes;
			cr_assert_eq(record->sample.length, sketch.size, "%s", words);
			cr_assert_eq(record->sample.captured, captured, "%s, %u bytes", words,
				     bytes);
			cr_assert_eq(memcmp(record->frame, sketch.bytes, captured), 0);
		}
	}
	close_world(&world);
}

Test(samples, frames_of_several_buffers_are_copied_too)
{
	static const uint32_t bytes[] = {0, 1, 1500, SG_SAMPLE_BYTES_MAX};
	static const char *const frames[] = {
		"eth ip4:stranger udp:5060 data:8000",
		"eth ip6:stranger dst:255 dst:255 udp:5060 data:4000",
		"eth ip4:stranger udp:5060 data:2006",
		"eth ip4:stranger udp:5060 data:2005",
	};
	static struct sketch sketch;
	struct world world;

	open_world(&world);
	for (size_t i = 0; i < 16; i++) {
		const struct reading_record *record;
		uint32_t captured = bytes[i % 4];

		world.reading.request->bytes = captured;
		record = sample_of(&world, frames[i / 4]);
		sketch_draw(frames[i / 4], &sketch);
		if (captured > sketch.size)
			captured = (uint32_t)sketch.size;
		cr_assert_eq(record->sample.length, sketch.size);
		cr_assert_eq(record->sample.captured, captured);
		cr_assert_eq(memcmp(record->frame, sketch.bytes, captured), 0, "%s", frames[i / 4]);
	}
	close_world(&world);
}

/* A request that no reader of this version makes must not harm either. */
Test(samples, more_bytes_than_there_is_room_for_are_lost)
{
	struct world world;

	open_world(&world);
	world.reading.request->bytes = UINT32_MAX;
	reading_run(&world.reading, "eth ip4:stranger udp:5060 data:8000");
	cr_assert_eq(reading_read(&world.reading), 0);
	cr_assert_eq(reading_taken(&world.reading).lost, 1);
	cr_assert_eq(reading_lost(&world.reading), 1);
	close_world(&world);
}

Test(samples, without_a_link_layer_the_frame_begins_with_its_packet)
{
	static struct sketch sketch;
	struct fixture fixture;
	struct reading reading;

	fixture_open(&fixture, SG_LINK_NONE, SG_MODE_ENFORCE);
	reading_open(&reading, &fixture, 3, RING_SIZE);
	sketch_draw(stranger, &sketch);
	fixture_run(&fixture, sketch.bytes + sketch.ip_offset, sketch.size - sketch.ip_offset,
		    stranger);
	cr_assert_eq(reading_read(&reading), 1);
	cr_assert_eq(reading.records[0].sample.link_layer, SG_LINK_NONE);
	cr_assert_eq(reading.records[0].frame[0], 0x45);
	reading_close(&reading);
	fixture_close(&fixture);
}

Test(samples, off_takes_nothing)
{
	struct sg_sample_taken taken;
	struct world world;

	open_world(&world);
	world.reading.readers->active = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		reading_run(&world.reading, rows[i].words);
	taken = reading_taken(&world.reading);
	cr_assert_eq(reading_read(&world.reading), 0);
	cr_assert_eq(memcmp(&taken, &(struct sg_sample_taken){}, sizeof(taken)), 0);
	close_world(&world);
}

Test(samples, only_what_is_asked_for_is_taken)
{
	struct world world;

	open_world(&world);
	reading_shift(&world.reading, SG_SAMPLE_NEVER);
	world.reading.request->shift[SG_VERDICT_DROP][SG_REASON_DENIED] = 0;
	world.reading.request->shift[SG_VERDICT_WOULD_DROP][SG_REASON_NOT_ALLOWED] = 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		reading_run(&world.reading, rows[i].words);
	cr_assert_eq(reading_read(&world.reading), 1);
	cr_assert_eq(world.reading.records[0].sample.reason, SG_REASON_DENIED);
	close_world(&world);
}

Test(samples, one_of_so_many_stands_for_them_all)
{
	struct sg_sample_taken taken;
	struct world world;

	open_world(&world);
	reading_shift(&world.reading, 3);
	for (int i = 0; i < 80; i++)
		reading_run(&world.reading, stranger);
	cr_assert_eq(reading_read(&world.reading), 10);
	for (size_t i = 0; i < 10; i++)
		cr_assert_eq(world.reading.records[i].sample.packets, 8);
	taken = reading_taken(&world.reading);
	cr_assert_eq(taken.samples, 10);
	cr_assert_eq(taken.packets[SG_REASON_NOT_ALLOWED], 80);
	close_world(&world);
}

/* The flood of one reason has a cell of its own, so another is counted from its own beginning. */
Test(samples, a_rare_reason_is_taken_beside_a_common_one)
{
	struct world world;

	open_world(&world);
	world.reading.request->shift[SG_VERDICT_DROP][SG_REASON_NOT_ALLOWED] = 10;
	for (int i = 0; i < 100; i++)
		reading_run(&world.reading, stranger);
	reading_run(&world.reading, "eth ip4:denied udp:5060");
	cr_assert_eq(reading_read(&world.reading), 1);
	cr_assert_eq(world.reading.records[0].sample.reason, SG_REASON_DENIED);
	close_world(&world);
}

Test(samples, credit_ends_and_a_window_renews_it)
{
	struct sg_sample_taken taken;
	struct world world;

	open_world(&world);
	world.reading.request->credit = 5;
	for (int i = 0; i < 20; i++)
		reading_run(&world.reading, stranger);
	cr_assert_eq(reading_read(&world.reading), 5);
	world.reading.request->window++;
	for (int i = 0; i < 20; i++)
		reading_run(&world.reading, stranger);
	cr_assert_eq(reading_read(&world.reading), 5);
	taken = reading_taken(&world.reading);
	cr_assert_eq(taken.samples, 10);
	cr_assert_eq(taken.lost, 0);
	cr_assert_eq(taken.packets[SG_REASON_NOT_ALLOWED], 40);
	close_world(&world);
}

Test(samples, what_the_ring_has_no_room_for_is_counted_as_lost)
{
	struct fixture fixture;
	struct reading reading;
	struct sg_sample_taken taken;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	reading_open(&reading, &fixture, 1, 4096);
	for (int i = 0; i < 10; i++)
		reading_run(&reading, "eth ip4:stranger udp:5060 data:900");
	taken = reading_taken(&reading);
	cr_assert_gt(taken.lost, 0);
	cr_assert_eq(taken.samples + taken.lost, 10);
	cr_assert_eq(reading_lost(&reading), taken.lost);
	cr_assert_eq(reading_read(&reading), taken.samples);
	/* There is room again. */
	reading_run(&reading, stranger);
	cr_assert_eq(reading_read(&reading), 1);
	reading_close(&reading);
	fixture_close(&fixture);
}

static void want_sources(struct reading *reading, uint8_t family, const char *prefix)
{
	struct prefix wanted;
	struct error error;

	cr_assert_eq(prefix_parse(prefix, &wanted, &error), 0);
	reading->request->family = family;
	memcpy(reading->request->address, wanted.address, 16);
	memset(reading->request->mask, 0, 16);
	for (unsigned int bit = 0; bit < wanted.length; bit++)
		reading->request->mask[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
}

static const struct source_row {
	uint8_t family;
	const char *prefix;
	const char *words;
	bool wanted;
} source_rows[] = {
	{SG_FAMILY_IPV4, "192.0.2.0/24", "eth ip4:stranger udp:5060", true},
	{SG_FAMILY_IPV4, "192.0.2.66", "eth ip4:stranger udp:5060", true},
	{SG_FAMILY_IPV4, "192.0.2.67", "eth ip4:stranger udp:5060", false},
	{SG_FAMILY_IPV4, "0.0.0.0/0", "eth ip4:stranger udp:5060", true},
	{SG_FAMILY_IPV4, "0.0.0.0/0", "eth ip6:stranger udp:5060", false},
	{SG_FAMILY_IPV6, "::/0", "eth ip4:stranger udp:5060", false},
	{SG_FAMILY_IPV6, "2001:db8:bad::/48", "eth ip6:stranger udp:5060", true},
	{SG_FAMILY_IPV6, "2001:db8:bad::66", "eth ip6:stranger udp:5060", true},
	{SG_FAMILY_IPV6, "2001:db8:bad::67", "eth ip6:stranger udp:5060", false},
	{SG_FAMILY_IPV4, "0.0.0.0/0", "eth type:0806 data:28", false},
};

Test(samples, a_reader_may_want_some_sources_only)
{
	struct world world;

	open_world(&world);
	for (size_t i = 0; i < sizeof(source_rows) / sizeof(source_rows[0]); i++) {
		const struct source_row *row = &source_rows[i];

		want_sources(&world.reading, row->family, row->prefix);
		reading_run(&world.reading, row->words);
		cr_assert_eq(reading_read(&world.reading), row->wanted, "%s from %s", row->words,
			     row->prefix);
	}
	close_world(&world);
}

Test(samples, a_reader_may_want_some_devices_only)
{
	struct world world;

	open_world(&world);
	world.reading.request->devices = ~(1ULL << DEVICE_INDEX);
	reading_run(&world.reading, stranger);
	cr_assert_eq(reading_read(&world.reading), 0);
	world.reading.request->devices = 1ULL << DEVICE_INDEX;
	reading_run(&world.reading, stranger);
	cr_assert_eq(reading_read(&world.reading), 1);
	close_world(&world);
}

Test(samples, readers_do_not_disturb_each_other)
{
	struct reading readings[SG_SAMPLE_READERS];
	struct fixture fixture;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	for (uint32_t number = 0; number < SG_SAMPLE_READERS; number++) {
		reading_open(&readings[number], &fixture, number, RING_SIZE);
		reading_shift(&readings[number], (uint8_t)number);
	}
	for (int i = 0; i < 64; i++)
		reading_run(&readings[0], stranger);
	for (uint32_t number = 0; number < SG_SAMPLE_READERS; number++)
		cr_assert_eq(reading_read(&readings[number]), 64U >> number);
	for (uint32_t number = 0; number < SG_SAMPLE_READERS; number++)
		reading_close(&readings[number]);
	fixture_close(&fixture);
}

Test(samples, questions_are_not_sampled)
{
	struct program *program;
	static struct sketch sketch;
	struct world world;
	struct error error;
	unsigned int action;

	open_world(&world);
	cr_assert_eq(program_load(&program, &world.fixture.policy, &world.fixture.maps,
				  &world.fixture.samples, SG_LINK_ETHERNET, PROGRAM_ANSWERS,
				  &error),
		     0, "%s", error.message);
	sketch_draw(stranger, &sketch);
	cr_assert_eq(program_run(program, sketch.bytes, sketch.size, NULL, &action, &error), 0);
	cr_assert_eq(reading_read(&world.reading), 0);
	cr_assert_eq(reading_taken(&world.reading).packets[SG_REASON_NOT_ALLOWED], 0);
	program_close(&program);
	close_world(&world);
}

/* Nobody opens a window any more: the program gives the reader up, and the others stay. */
Test(samples, a_dead_reader_is_given_up)
{
	static struct sketch sketch;
	struct world world;
	uint64_t packets;

	open_world(&world);
	world.reading.readers->active |= 1U << 2;
	reading_shift(&world.reading, 0);
	memset(world.reading.readers->requests[2].shift, SG_SAMPLE_NEVER,
	       sizeof(world.reading.readers->requests[2].shift));
	world.reading.request->credit = 10;
	sketch_draw(stranger, &sketch);
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = sketch.bytes,
		    .data_size_in = (uint32_t)sketch.size, .repeat = SG_SAMPLE_PATIENCE + 10);
	cr_assert_eq(bpf_prog_test_run_opts(program_descriptor(world.fixture.program), &options),
		     0);
	cr_assert_eq(world.reading.readers->active, 5U);
	options.repeat = 1;
	cr_assert_eq(bpf_prog_test_run_opts(program_descriptor(world.fixture.program), &options),
		     0);
	cr_assert_eq(world.reading.readers->active, 4U);
	packets = reading_taken(&world.reading).packets[SG_REASON_NOT_ALLOWED];
	reading_run(&world.reading, stranger);
	cr_assert_eq(reading_taken(&world.reading).packets[SG_REASON_NOT_ALLOWED], packets);
	cr_assert_eq(reading_read(&world.reading), 10);
	close_world(&world);
}
