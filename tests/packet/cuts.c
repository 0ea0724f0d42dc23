// SPDX-License-Identifier: GPL-2.0-or-later
/* Headers cut at every length, and random damage, against the reference. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "packet/fixture.h"
#include "packet/reference.h"
#include "policy/names.h"
#include "random.h"

/* The kernel does not run a program on less. */
#define FRAME_SIZE_MIN 14

static const char *const sketches[] = {
	"eth ip4:WHO udp:5060 data:10",
	"eth ip4:WHO tcp:5061",
	"eth ip4:WHO sctp:5060",
	"eth ip4:WHO,ihl=8 udplite:5060",
	"eth ip4:WHO,mf udp:5060 data:8",
	"eth ip4:WHO udp:5060 pad:26",
	"eth vlan qinq ip4:WHO udp:5060",
	"eth ip6:WHO udp:5060",
	"eth ip6:WHO hbh:1 dst route:2 frag:0,mf ah:3 dst:1 tcp:5060",
	"eth vlan ip6:WHO frag udp:53 pad:12",
	"eth ip6:WHO,len=0 hbh udp:5060",
	"eth ip6:WHO frag:0,mf dst:1 udp:5060 pad:16",
	"eth ip4:WHO,off=8 udp:5060",
	"eth ip6:WHO icmp",
	"eth ip6:WHO frag icmp",
};

#define SKETCH_COUNT (sizeof(sketches) / sizeof(sketches[0]))

static void draw_for(const char *words, const char *who, struct sketch *sketch)
{
	char text[256];
	const char *at = strstr(words, "WHO");

	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - words), words, who, at + 3);
	sketch_draw(text, sketch);
}

static void agrees(struct fixture *fixture, enum sg_link_layer link_layer, const uint8_t *frame,
		   size_t size, const char *what)
{
	enum sg_reason expected = reference_reason(frame, size, link_layer);
	struct outcome outcome = fixture_run(fixture, frame, size, what);

	cr_assert_eq(outcome.reason, expected, "%s, %zu bytes: %s instead of %s", what, size,
		     reason_name(outcome.reason), reason_name(expected));
}

static void cut_everywhere(struct fixture *fixture, const struct sketch *whole, const char *what)
{
	for (size_t size = FRAME_SIZE_MIN; size <= whole->size; size++) {
		struct sketch cut = *whole;

		/* Lengths as they were: the frame lost its end. */
		agrees(fixture, SG_LINK_ETHERNET, cut.bytes, size, what);
		/* Lengths that fit: a packet that is this short. */
		if (size >= cut.ip_offset + 40) {
			sketch_set_length(&cut, size);
			agrees(fixture, SG_LINK_ETHERNET, cut.bytes, size, what);
		}
	}
}

Test(cuts, every_header_at_every_length)
{
	static const char *const who[] = {"trusted", "stranger", "denied"};
	struct fixture fixture;
	struct sketch sketch;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	for (size_t i = 0; i < SKETCH_COUNT; i++) {
		for (size_t j = 0; j < sizeof(who) / sizeof(who[0]); j++) {
			draw_for(sketches[i], who[j], &sketch);
			cut_everywhere(&fixture, &sketch, sketches[i]);
		}
	}
	fixture_close(&fixture);
}

/* Bytes that decide something, so that damage is seldom just noise. */
static uint8_t telling_byte(struct random *random)
{
	static const uint8_t bytes[] = {0,    1,    4,	  6,	8,    17,   43,	  44,	50,
					51,   59,   60,	  132,	136,  0x45, 0x46, 0x4f, 0x60,
					0x81, 0x88, 0xa8, 0xdd, 0x13, 0xc4, 0xc5, 0x20, 0xff};

	return random_below(random, 4) ? bytes[random_below(random, sizeof(bytes))]
				       : (uint8_t)random_next(random);
}

static void damage_and_compare(enum sg_link_layer link_layer, unsigned int seed, int count)
{
	static const char *const who[] = {"trusted", "stranger", "denied"};
	struct random random = {seed};
	struct fixture fixture;
	struct sketch sketch;

	fixture_open(&fixture, link_layer, SG_MODE_ENFORCE);
	for (int i = 0; i < count; i++) {
		const char *words = sketches[random_below(&random, SKETCH_COUNT)];
		size_t start, size;

		draw_for(words, who[random_below(&random, 3)], &sketch);
		start = link_layer == SG_LINK_NONE ? sketch.ip_offset : 0;
		size = sketch.size - start;
		for (unsigned int flips = random_below(&random, 4); flips; flips--)
			sketch.bytes[12 + random_below(&random, (unsigned int)sketch.size - 12)] =
				telling_byte(&random);
		if (!random_below(&random, 4))
			size = FRAME_SIZE_MIN +
			       random_below(&random, (unsigned int)(size - FRAME_SIZE_MIN));
		agrees(&fixture, link_layer, sketch.bytes + start, size, words);
	}
	fixture_close(&fixture);
}

Test(cuts, random_damage_over_ethernet)
{
	damage_and_compare(SG_LINK_ETHERNET, 1, 20000);
}

Test(cuts, random_damage_without_a_link_layer)
{
	damage_and_compare(SG_LINK_NONE, 2, 20000);
}

/*
 * BPF_PROG_TEST_RUN puts what does not fit into a page into further buffers, as drivers do with
 * jumbo frames.
 */
Test(cuts, headers_behind_the_first_buffer_are_read_too)
{
	static const char *const frames[] = {
		"eth ip6:WHO dst:255 dst:255 udp:5060 data:4000",
		"eth ip6:WHO hbh:255 route:255 dst:255 frag:0,mf tcp:5061 data:100",
		"eth ip6:WHO dst:255 dst:255 udp:53 data:4000",
		"eth ip4:WHO udp:5060 data:8000",
		"eth ip6:WHO,len=0 dst:255 dst:255 dst:100 udp:5060",
	};
	static const char *const who[] = {"trusted", "stranger"};
	struct fixture fixture;
	struct sketch sketch;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		for (size_t j = 0; j < 2; j++) {
			draw_for(frames[i], who[j], &sketch);
			agrees(&fixture, SG_LINK_ETHERNET, sketch.bytes, sketch.size, frames[i]);
		}
	}
	fixture_close(&fixture);
}
