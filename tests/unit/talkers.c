// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic/talkers.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "sip/method.h"
#include "unit/sightings.h"

#define REGISTER "REGISTER sip:x SIP/2.0\r\nUser-Agent: phone\r\n\r\n"
#define NOTHING	 "\r\n\r\n"

static void see_at(struct talkers *talkers, const char *source, const char *message,
		   enum sg_reason reason, int64_t time)
{
	struct sighting sighting = sighting_of(source, message);

	sighting.reason = reason;
	sighting.time = time;
	sighting.port = 5060;
	talkers_see(talkers, &sighting);
}

static void talks(struct talkers *talkers, const char *source, const char *message)
{
	see_at(talkers, source, message, SG_REASON_NOT_ALLOWED, 0);
}

/* A sighting of one of 2^32 sources. */
static struct sighting random_sighting(struct random *random, const char *message)
{
	struct sighting sighting = sighting_of("192.0.2.1", message);
	uint32_t address = (uint32_t)random_next(random);

	memcpy(sighting.source.address, &address, sizeof(address));
	return sighting;
}

static const struct talker *find(const struct talker *list, size_t count, const char *source)
{
	struct prefix wanted = host(source);

	for (size_t i = 0; i < count; i++) {
		if (!prefix_compare(&list[i].source, &wanted))
			return &list[i];
	}
	return NULL;
}

static size_t list_of(struct talkers *talkers, struct talker **list)
{
	size_t count = 0;

	cr_assert_eq(talkers_list(talkers, list, &count), 0);
	talkers_free(&talkers);
	return count;
}

Test(talkers, all_that_was_seen_of_one)
{
	struct talkers *talkers = talkers_new();
	struct talker *list;

	see_at(talkers, "192.0.2.1", REGISTER, SG_REASON_NOT_ALLOWED, 10);
	see_at(talkers, "192.0.2.1", "ACK sip:x SIP/2.0\r\n\r\n", SG_REASON_DENIED, 20);
	see_at(talkers, "192.0.2.1", "SIP/2.0 200 OK\r\n\r\n", SG_REASON_ALLOWED, 30);
	see_at(talkers, "192.0.2.1", NOTHING, SG_REASON_NOT_ALLOWED, 25);
	cr_assert_eq(list_of(talkers, &list), 1);
	cr_assert_eq(list->packets, 4);
	cr_assert_eq(list->sightings, 4);
	cr_assert_eq(list->missed, 0);
	cr_assert_eq(list->first, 10);
	cr_assert_eq(list->last, 30);
	cr_assert_eq(list->methods,
		     SIP_METHOD_BIT(SIP_METHOD_REGISTER) | SIP_METHOD_BIT(SIP_METHOD_ACK));
	cr_assert(list->responds);
	cr_assert_eq(list->standing.reason, SG_REASON_ALLOWED);
	cr_assert_eq(list->standing.entry.family, SG_FAMILY_NONE);
	cr_assert_str_eq(list->agent, "phone");
	cr_assert_str_eq(list->device, "eth0");
	cr_assert_eq(list->port, 5060);
	free(list);
}

Test(talkers, packets_are_what_samples_stand_for)
{
	struct talkers *talkers = talkers_new();
	struct sighting sighting = sighting_of("2001:db8::1", scan);
	struct talker *list;

	sighting.packets = 512;
	talkers_see(talkers, &sighting);
	sighting.packets = 1;
	talkers_see(talkers, &sighting);
	sighting.source = (struct prefix){};
	talkers_see(talkers, &sighting);
	cr_assert_eq(list_of(talkers, &list), 1);
	cr_assert_eq(list->packets, 513);
	cr_assert_eq(list->sightings, 2);
	free(list);
}

Test(talkers, who_converses)
{
	static const struct {
		const char *message;
		bool speaks, converses;
	} rows[] = {
		{scan, true, false},
		{REGISTER, true, false},
		{"INVITE sip:x SIP/2.0\r\n\r\n", true, false},
		{"NONSENSE sip:x SIP/2.0\r\n\r\n", true, false},
		{NOTHING, false, false},
		{"ACK sip:x SIP/2.0\r\n\r\n", true, true},
		{"PRACK sip:x SIP/2.0\r\n\r\n", true, true},
		{"BYE sip:x SIP/2.0\r\n\r\n", true, true},
		{reply, true, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct talkers *talkers = talkers_new();
		struct talker *list;

		talks(talkers, "192.0.2.1", rows[i].message);
		cr_assert_eq(list_of(talkers, &list), 1);
		cr_assert_eq(talker_speaks_sip(list), rows[i].speaks, "%s", rows[i].message);
		cr_assert_eq(talker_converses(list), rows[i].converses, "%s", rows[i].message);
		free(list);
	}
}

/* One packet in a thousand is enough, although all of them look alike. */
Test(talkers, who_talks_all_the_time_is_remembered_in_a_flood)
{
	struct talkers *talkers = talkers_new();
	struct random random = {31};
	const struct talker *talker;
	struct talker *list;
	size_t count;

	for (int i = 0; i < 300000; i++) {
		struct sighting sighting = random_sighting(&random, REGISTER);

		if (i % 1000 == 0)
			talks(talkers, "203.0.113.7", REGISTER);
		else
			talkers_see(talkers, &sighting);
	}
	count = list_of(talkers, &list);
	cr_assert_leq(count, 3 * TALKERS_OF_A_KIND);
	talker = find(list, count, "203.0.113.7");
	cr_assert_not_null(talker);
	cr_assert_leq(talker->packets, 300);
	cr_assert_geq(talker->packets + talker->missed, 300);
	free(list);
}

/* Each sample of the flood stands for more packets than the talkers ever sent. */
Test(talkers, who_was_seen_before_a_flood_is_remembered)
{
	struct talkers *talkers = talkers_new();
	struct random random = {32};
	const struct talker *talker;
	struct talker *list;
	size_t count;

	for (int i = 0; i < 30; i++)
		talks(talkers, "203.0.113.7", REGISTER);
	for (int i = 0; i < 20 * TALKERS_OF_A_KIND; i++) {
		struct sighting sighting = random_sighting(&random, REGISTER);

		sighting.packets = 4096;
		talkers_see(talkers, &sighting);
	}
	count = list_of(talkers, &list);
	talker = find(list, count, "203.0.113.7");
	cr_assert_not_null(talker);
	cr_assert_eq(talker->packets, 30);
	cr_assert_eq(talker->missed, 0);
	free(list);
}

/* Allowed once, and one message: nothing that strangers send forgets them. */
Test(talkers, a_flood_of_one_kind_forgets_nobody_of_another)
{
	struct talkers *talkers = talkers_new();
	struct random random = {33};
	struct talker *list;
	size_t count;

	see_at(talkers, "203.0.113.7", NOTHING, SG_REASON_ALLOWED, 0);
	talks(talkers, "203.0.113.8", REGISTER);
	for (int i = 0; i < 4 * TALKERS_OF_A_KIND; i++) {
		struct sighting sighting = random_sighting(&random, NOTHING);

		talkers_see(talkers, &sighting);
	}
	count = list_of(talkers, &list);
	cr_assert_not_null(find(list, count, "203.0.113.7"));
	cr_assert_not_null(find(list, count, "203.0.113.8"));
	free(list);
}

/* Twice as many sources as there is room for, with weights of which the flood's are the largest. */
Test(talkers, the_bounds_hold)
{
	enum { SOURCES = 2 * TALKERS_OF_A_KIND };
	static uint64_t truth[SOURCES];
	struct talkers *talkers = talkers_new();
	struct random random = {34};
	struct talker *list;
	size_t count, uncertain = 0;

	for (int i = 0; i < 40 * SOURCES; i++) {
		struct sighting sighting = sighting_of("10.0.0.0", REGISTER);
		uint32_t source = random_below(&random, random_below(&random, SOURCES) + 1);

		sighting.source.address[2] = (uint8_t)(source >> 8);
		sighting.source.address[3] = (uint8_t)source;
		sighting.packets = 1U << random_below(&random, 10);
		truth[source] += sighting.packets;
		talkers_see(talkers, &sighting);
	}
	count = list_of(talkers, &list);
	cr_assert_eq(count, TALKERS_OF_A_KIND);
	for (size_t i = 0; i < count; i++) {
		const struct talker *talker = &list[i];
		size_t source = (size_t)talker->source.address[2] << 8 | talker->source.address[3];

		cr_assert_leq(talker->packets, truth[source]);
		cr_assert_geq(talker->packets + talker->missed, truth[source]);
		uncertain += talker->packets < truth[source];
	}
	cr_assert_gt(uncertain, 0);
	free(list);
}

Test(talkers, those_to_look_at_come_first)
{
	static const char *const wanted[] = {"192.0.2.5", "192.0.2.3", "192.0.2.4",
					     "192.0.2.6", "192.0.2.2", "192.0.2.1"};
	struct talkers *talkers = talkers_new();
	struct talker *list;
	size_t count;

	see_at(talkers, "192.0.2.1", reply, SG_REASON_ALLOWED, 0);
	see_at(talkers, "192.0.2.2", reply, SG_REASON_DENIED, 0);
	for (int i = 0; i < 3; i++)
		talks(talkers, "192.0.2.3", REGISTER);
	talks(talkers, "192.0.2.4", REGISTER);
	talks(talkers, "192.0.2.5", reply);
	for (int i = 0; i < 9; i++)
		talks(talkers, "192.0.2.6", NOTHING);
	count = list_of(talkers, &list);
	cr_assert_eq(count, 6);
	talkers_sort(list, count);
	for (size_t i = 0; i < count; i++)
		cr_assert_eq(find(list, count, wanted[i]), &list[i], "%s", wanted[i]);
	free(list);
}

Test(talkers, who_answers_this_host_is_remembered_and_comes_first)
{
	static const char answer[] = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1\r\n"
				     "CSeq: 7 OPTIONS\r\n\r\n";
	struct talkers *talkers = talkers_new();
	struct sighting sighting = sighting_of("203.0.113.7", answer);
	struct talker *list;

	sighting.destination = host("192.0.2.1");
	sighting.port = 5060;
	talks(talkers, "203.0.113.9", "BYE sip:x SIP/2.0\r\n\r\n");
	talks(talkers, "203.0.113.9", "BYE sip:x SIP/2.0\r\n\r\n");
	talkers_see(talkers, &sighting);
	/* It is seen allowed as well, and the two are joined. */
	sighting.reason = SG_REASON_ALLOWED;
	talkers_see(talkers, &sighting);
	cr_assert_eq(list_of(talkers, &list), 2);
	list[0].standing.reason = list[1].standing.reason = SG_REASON_NOT_ALLOWED;
	talkers_sort(list, 2);
	cr_assert_eq(list[0].replies, SIP_METHOD_BIT(SIP_METHOD_OPTIONS));
	cr_assert_eq(list[0].source.address[3], 7);
	cr_assert_eq(list[1].replies, 0);
	free(list);
}
