// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic/sources.h"

#include <criterion/criterion.h>
#include <string.h>

#include "random.h"
#include "unit/sightings.h"

Test(sources, keep_what_their_last_packets_showed)
{
	struct sources *sources = sources_new();
	struct sighting sighting = sighting_of("198.51.100.66", scan);
	struct source_summary top[3];

	cr_assert(sources_see(sources, &sighting));
	sighting.packets = 9;
	sighting.reason = SG_REASON_DENIED;
	sighting.sip = (struct sip_message){};
	cr_assert_not(sources_see(sources, &sighting));
	sighting = sighting_of("2001:db8::1", reply);
	cr_assert(sources_see(sources, &sighting));
	sighting = (struct sighting){.device = "eth1"};
	cr_assert(sources_see(sources, &sighting));

	cr_assert_eq(sources_top(sources, top, 3), 3);
	cr_assert_float_eq(top[0].share, 10 / 12.0, 1e-9);
	cr_assert_eq(top[0].reason, SG_REASON_DENIED);
	cr_assert_str_eq(top[0].device, "eth0");
	cr_assert_str_eq(top[0].method, "OPTIONS");
	cr_assert_str_eq(top[0].agent, "a b");
	cr_assert(top[0].allowable);
	cr_assert_eq(sources_top(sources, top, 1), 1);
	sources_free(&sources);
}

Test(sources, a_random_flood_forgets_nobody_who_is_in_it_all_the_time)
{
	struct sources *sources = sources_new();
	struct random random = {22};
	struct source_summary top;
	unsigned int new = 0;

	for (int i = 0; i < 20000; i++) {
		struct sighting sighting = sighting_of("192.0.2.66", scan);

		if (i % 20)
			sighting = sighting_of("192.0.2.66", reply);
		if (i % 20)
			memcpy(sighting.source.address, &(uint32_t){(uint32_t)random_next(&random)},
			       4);
		new += sources_see(sources, &sighting) && !(i % 20);
	}
	cr_assert_eq(sources_top(sources, &top, 1), 1);
	cr_assert_eq(top.source.address[3], 66);
	cr_assert_str_eq(top.method, "OPTIONS");
	cr_assert_lt(new, 50);
	sources_free(&sources);
}
