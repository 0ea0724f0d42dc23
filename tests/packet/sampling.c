// SPDX-License-Identifier: GPL-2.0-or-later
/* Which packets the program hands to which reader, and how many of them. */
#include <criterion/criterion.h>
#include <string.h>

#include <bpf/bpf.h>

#include "packet/fixture.h"
#include "packet/reading.h"
#include "packet/sketch.h"

static const char *const packets[] = {
	"eth ip4:stranger udp:5060", "eth ip4:denied udp:5060", "eth ip4:trusted udp:5060",
	"eth ip6:stranger tcp:5061", "eth ip4:stranger udp:53", "eth type:0806 data:28",
};

Test(sampling, off_takes_nothing)
{
	struct sg_sample_taken taken;
	struct world world;

	world_open(&world);
	world.reading.readers->active = 0;
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++)
		reading_run(&world.reading, packets[i]);
	taken = reading_taken(&world.reading);
	cr_assert_eq(reading_read(&world.reading), 0);
	cr_assert_eq(memcmp(&taken, &(struct sg_sample_taken){}, sizeof(taken)), 0);
	world_close(&world);
}

Test(sampling, only_what_is_asked_for_is_taken)
{
	struct world world;

	world_open(&world);
	reading_shift(&world.reading, SG_SAMPLE_NEVER);
	world.reading.request->shift[SG_VERDICT_DROP][SG_REASON_DENIED] = 0;
	world.reading.request->shift[SG_VERDICT_WOULD_DROP][SG_REASON_NOT_ALLOWED] = 0;
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++)
		reading_run(&world.reading, packets[i]);
	cr_assert_eq(reading_read(&world.reading), 1);
	cr_assert_eq(world.reading.records[0].sample.reason, SG_REASON_DENIED);
	world_close(&world);
}

Test(sampling, one_of_so_many_stands_for_them_all)
{
	struct sg_sample_taken taken;
	struct world world;

	world_open(&world);
	reading_shift(&world.reading, 3);
	for (int i = 0; i < 80; i++)
		reading_run(&world.reading, stranger);
	cr_assert_eq(reading_read(&world.reading), 10);
	for (size_t i = 0; i < 10; i++)
		cr_assert_eq(world.reading.records[i].sample.packets, 8);
	taken = reading_taken(&world.reading);
	cr_assert_eq(taken.samples, 10);
	cr_assert_eq(taken.packets[SG_REASON_NOT_ALLOWED], 80);
	world_close(&world);
}

Test(sampling, the_phase_says_which_one_it_is)
{
	struct world world;

	world_open(&world);
	reading_shift(&world.reading, 3);
	world.reading.request->phase = UINT32_MAX - 2;
	/* The 3rd and the 11th. */
	for (int number = 1; number <= 16; number++) {
		reading_run(&world.reading, stranger);
		cr_assert_eq(reading_read(&world.reading), number % 8 == 3, "%d", number);
	}
	world_close(&world);
}

/* The flood of one reason has a cell of its own, so another is counted from its own beginning. */
Test(sampling, a_rare_reason_is_taken_beside_a_common_one)
{
	struct world world;

	world_open(&world);
	world.reading.request->shift[SG_VERDICT_DROP][SG_REASON_NOT_ALLOWED] = 10;
	for (int i = 0; i < 100; i++)
		reading_run(&world.reading, stranger);
	reading_run(&world.reading, "eth ip4:denied udp:5060");
	cr_assert_eq(reading_read(&world.reading), 1);
	cr_assert_eq(world.reading.records[0].sample.reason, SG_REASON_DENIED);
	world_close(&world);
}

Test(sampling, credit_ends_and_a_window_renews_it)
{
	struct sg_sample_taken taken;
	struct world world;

	world_open(&world);
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
	world_close(&world);
}

Test(sampling, what_the_ring_has_no_room_for_is_counted_as_lost)
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

Test(sampling, a_reader_may_want_some_sources_only)
{
	struct world world;

	world_open(&world);
	for (size_t i = 0; i < sizeof(source_rows) / sizeof(source_rows[0]); i++) {
		const struct source_row *row = &source_rows[i];

		want_sources(&world.reading, row->family, row->prefix);
		reading_run(&world.reading, row->words);
		cr_assert_eq(reading_read(&world.reading), row->wanted, "%s from %s", row->words,
			     row->prefix);
	}
	world_close(&world);
}

Test(sampling, a_reader_may_want_some_devices_only)
{
	struct world world;

	world_open(&world);
	world.reading.request->devices = ~(1ULL << READING_DEVICE_INDEX);
	reading_run(&world.reading, stranger);
	cr_assert_eq(reading_read(&world.reading), 0);
	world.reading.request->devices = 1ULL << READING_DEVICE_INDEX;
	reading_run(&world.reading, stranger);
	cr_assert_eq(reading_read(&world.reading), 1);
	world_close(&world);
}

Test(sampling, readers_do_not_disturb_each_other)
{
	struct reading readings[SG_SAMPLE_READERS];
	struct fixture fixture;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	for (uint32_t number = 0; number < SG_SAMPLE_READERS; number++) {
		reading_open(&readings[number], &fixture, number, READING_RING_SIZE);
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

Test(sampling, questions_are_not_sampled)
{
	struct program *program;
	static struct sketch sketch;
	struct world world;
	struct error error;
	unsigned int action;

	world_open(&world);
	cr_assert_eq(program_load(&program, &world.fixture.policy, &world.fixture.maps,
				  &world.fixture.samples, SG_LINK_ETHERNET, PROGRAM_ANSWERS,
				  &error),
		     0, "%s", error.message);
	sketch_draw(stranger, &sketch);
	cr_assert_eq(program_run(program, sketch.bytes, sketch.size, NULL, &action, &error), 0);
	cr_assert_eq(reading_read(&world.reading), 0);
	cr_assert_eq(reading_taken(&world.reading).packets[SG_REASON_NOT_ALLOWED], 0);
	program_close(&program);
	world_close(&world);
}

/* Nobody opens a window any more: the program gives the reader up, and the others stay. */
Test(sampling, a_dead_reader_is_given_up)
{
	static struct sketch sketch;
	struct world world;
	uint64_t counted;

	world_open(&world);
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
	counted = reading_taken(&world.reading).packets[SG_REASON_NOT_ALLOWED];
	reading_run(&world.reading, stranger);
	cr_assert_eq(reading_taken(&world.reading).packets[SG_REASON_NOT_ALLOWED], counted);
	cr_assert_eq(reading_read(&world.reading), 10);
	world_close(&world);
}
