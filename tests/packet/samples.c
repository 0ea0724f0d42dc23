// SPDX-License-Identifier: GPL-2.0-or-later
/* What a sample tells of its packet, and how much of the frame comes with it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "packet/fixture.h"
#include "packet/reading.h"
#include "packet/sketch.h"
#include "policy/names.h"

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

	world_open(&world);
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
		cr_assert_eq(sample->ifindex, READING_DEVICE_INDEX);
		cr_assert_eq(sample->packets, 1);
	}
	world_close(&world);
}

Test(samples, the_start_of_a_frame_is_copied_whatever_its_length)
{
	static struct sketch sketch;
	struct world world;
	char words[64];

	world_open(&world);
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
	world_close(&world);
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

	world_open(&world);
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
	world_close(&world);
}

/* A request that no reader of this version makes must not harm either. */
Test(samples, more_bytes_than_there_is_room_for_are_lost)
{
	struct world world;

	world_open(&world);
	world.reading.request->bytes = UINT32_MAX;
	reading_run(&world.reading, "eth ip4:stranger udp:5060 data:8000");
	cr_assert_eq(reading_read(&world.reading), 0);
	cr_assert_eq(reading_taken(&world.reading).lost, 1);
	cr_assert_eq(reading_lost(&world.reading), 1);
	world_close(&world);
}

Test(samples, without_a_link_layer_the_frame_begins_with_its_packet)
{
	static struct sketch sketch;
	struct fixture fixture;
	struct reading reading;

	fixture_open(&fixture, SG_LINK_NONE, SG_MODE_ENFORCE);
	reading_open(&reading, &fixture, 3, READING_RING_SIZE);
	sketch_draw(stranger, &sketch);
	fixture_run(&fixture, sketch.bytes + sketch.ip_offset, sketch.size - sketch.ip_offset,
		    stranger);
	cr_assert_eq(reading_read(&reading), 1);
	cr_assert_eq(reading.records[0].sample.link_layer, SG_LINK_NONE);
	cr_assert_eq(reading.records[0].frame[0], 0x45);
	reading_close(&reading);
	fixture_close(&fixture);
}
