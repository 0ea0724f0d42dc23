// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Frames of several buffers: BPF_PROG_TEST_RUN splits what is longer than a page, as drivers do.
 * Where the first buffer ends is the kernel's business, so headers and ends are moved across that
 * place.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "packet/fixture.h"
#include "packet/reference.h"
#include "policy/names.h"

static void agrees(struct fixture *fixture, const char *words)
{
	struct outcome outcome;
	struct sketch sketch;
	enum sg_reason expected;

	sketch_draw(words, &sketch);
	expected = reference_reason(sketch.bytes, sketch.size, SG_LINK_ETHERNET);
	outcome = fixture_run(fixture, sketch.bytes, sketch.size, words);
	cr_assert_eq(outcome.reason, expected, "%s: %s instead of %s", words,
		     reason_name(outcome.reason), reason_name(expected));
}

Test(jumbo, a_header_may_lie_across_two_buffers)
{
	static const char *const who[] = {"trusted", "stranger"};
	struct fixture fixture;
	char words[128];

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	for (unsigned int units = 150; units < 256; units++) {
		for (size_t i = 0; i < 2; i++) {
			snprintf(words, sizeof(words),
				 "eth ip6:%s dst:255 route:%u frag:0,mf dst udp:5060 data:4000",
				 who[i], units);
			agrees(&fixture, words);
			snprintf(words, sizeof(words),
				 "eth vlan ip6:%s dst:255 ah:%u dst udp:5060 data:4000", who[i],
				 units);
			agrees(&fixture, words);
		}
	}
	fixture_close(&fixture);
}

Test(jumbo, sixteen_of_the_longest_headers_are_walked)
{
	struct fixture fixture;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	agrees(&fixture, "eth ip6:stranger dst:255 dst:255 dst:255 dst:255 dst:255 dst:255 dst:255 "
			 "dst:255 dst:255 dst:255 dst:255 dst:255 dst:255 dst:255 dst:255 dst:255 "
			 "udp:5060 data:100");
	fixture_close(&fixture);
}

Test(jumbo, all_buffers_of_a_packet_are_counted)
{
	static const char *const frames[] = {
		"eth ip4:stranger udp:5060 data:8000",
		"eth ip4:stranger,ver=5 udp:5060 data:8000",
		"eth ip4:stranger,len=9000 udp:5060 data:8000",
		"eth ip4:stranger,off=8 udp:5060 data:8000",
		"eth ip6:stranger,len=0 hbh udp:5060 data:8000",
		"eth vlan vlan vlan vlan vlan vlan vlan vlan vlan ip4:stranger udp:5060 data:8000",
		"eth type:0806 data:8000",
	};
	struct fixture fixture;

	fixture_open(&fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		agrees(&fixture, frames[i]);
	fixture_close(&fixture);
}
