// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic/learned_list.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "policy/list_file.h"
#include "sip/method.h"
#include "traffic/talker_text.h"
#include "unit/sightings.h"

/* 2027-01-31T18:00Z */
#define SEEN 1801418400LL

static struct talker talker_of(const char *source, enum sg_reason reason, const char *agent)
{
	struct talker talker = {
		.source = host(source),
		.packets = 1204,
		.sightings = 1204,
		.first = SEEN * 1000000000,
		.last = SEEN * 1000000000,
		.methods = SIP_METHOD_BIT(SIP_METHOD_INVITE) | SIP_METHOD_BIT(SIP_METHOD_ACK),
		.standing.reason = reason,
	};

	strcpy(talker.agent, agent);
	return talker;
}

/* The text; with `uncommented` as it is when each source was taken out of its comment. */
static char *text_of(const struct learned_list *list, bool uncommented)
{
	char *text = NULL, *comment;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	learned_list_write(stream, list);
	fclose(stream);
	for (comment = text; uncommented && (comment = strstr(comment, "\n# ")); comment++) {
		if (strchr("0123456789", comment[3]) || !strncmp(comment, "\n# 2001:", 8))
			memcpy(comment, "\n  ", 3);
	}
	return text;
}

static size_t entries_of(const struct learned_list *list, bool uncommented,
			 struct entry_list *entries)
{
	char *text = text_of(list, uncommented);
	struct error error;

	cr_assert_eq(list_file_parse("list", text, strlen(text), entries, &error), 0, "%s:\n%s",
		     error.message, text);
	free(text);
	return entries->count;
}

static const char *label_of(const struct entry_list *entries, const char *source)
{
	struct prefix prefix = host(source);
	const struct entry *entry = entry_list_find(entries, &prefix);

	cr_assert_not_null(entry, "%s", source);
	return entry->label;
}

Test(learned_list, only_who_is_allowed_is_an_entry)
{
	struct talker talkers[] = {
		talker_of("198.51.100.66", SG_REASON_NOT_ALLOWED, "friendly-scanner"),
		talker_of("2001:db8::66", SG_REASON_DENIED, ""),
		talker_of("192.0.2.10", SG_REASON_ALLOWED, "Example PBX 2"),
	};
	const struct learned_list list = {.talkers = talkers, .count = 3};
	struct entry_list entries = {}, all = {};

	cr_assert_eq(entries_of(&list, false, &entries), 1);
	cr_assert_str_eq(label_of(&entries, "192.0.2.10"),
			 "seen 2027-01-31: INVITE ACK, 1,204 packets, Example PBX 2");
	cr_assert_eq(learned_list_chosen(&list), 0);

	cr_assert_eq(entries_of(&list, true, &all), 3);
	cr_assert_str_eq(label_of(&all, "198.51.100.66"),
			 "seen 2027-01-31: INVITE ACK, 1,204 packets, friendly-scanner");
	cr_assert_str_eq(label_of(&all, "2001:db8::66"),
			 "seen 2027-01-31: INVITE ACK, 1,204 packets");
	for (size_t i = 0; i < all.count; i++)
		cr_assert_eq(all.entries[i].verdict, SG_ENTRY_ALLOW);
	entry_list_clear(&entries);
	entry_list_clear(&all);
}

Test(learned_list, the_number_of_packets_chooses_among_those_that_speak_sip)
{
	struct talker talkers[] = {
		talker_of("192.0.2.1", SG_REASON_NOT_ALLOWED, ""),
		talker_of("192.0.2.2", SG_REASON_NOT_ALLOWED, ""),
		talker_of("192.0.2.3", SG_REASON_NOT_ALLOWED, ""),
		talker_of("192.0.2.4", SG_REASON_DENIED, ""),
	};
	struct learned_list list = {.talkers = talkers, .count = 4, .min_packets = 1204};
	struct entry_list entries = {};

	talkers[1].packets = 1203;
	talkers[1].missed = 1;
	talkers[2].methods = 0;
	cr_assert_eq(entries_of(&list, false, &entries), 1);
	cr_assert_not_null(label_of(&entries, "192.0.2.1"));
	cr_assert_eq(learned_list_chosen(&list), 1);
	entry_list_clear(&entries);
}

Test(learned_list, an_entry_of_the_host_keeps_its_label_and_any_its_end)
{
	struct talker talkers[] = {
		talker_of("192.0.2.1", SG_REASON_ALLOWED, ""),
		talker_of("192.0.2.2", SG_REASON_ALLOWED, ""),
	};
	const struct learned_list list = {.talkers = talkers, .count = 2};
	struct entry_list entries = {};

	talkers[0].standing.entry = host("192.0.2.1");
	talkers[0].standing.label = "the trunk";
	talkers[1].standing.entry = host("192.0.2.0");
	talkers[1].standing.entry.length = 24;
	talkers[1].standing.label = "the office";
	talkers[1].standing.until = SEEN;
	cr_assert_eq(entries_of(&list, false, &entries), 2);
	cr_assert_str_eq(label_of(&entries, "192.0.2.1"), "the trunk");
	cr_assert_str_eq(label_of(&entries, "192.0.2.2"),
			 "seen 2027-01-31: INVITE ACK, 1,204 packets");
	cr_assert_eq(entries.entries[0].until, 0);
	cr_assert_eq(entries.entries[1].until, SEEN);
	entry_list_clear(&entries);
}

/* Such an entry is refused, whoever uncomments it. */
Test(learned_list, who_can_never_be_allowed_is_left_out)
{
	struct talker talker = talker_of("::ffff:192.0.2.1", SG_REASON_NOT_ALLOWED, "");
	const struct learned_list list = {.talkers = &talker, .count = 1, .min_packets = 1};
	struct entry_list entries = {};

	cr_assert_eq(entries_of(&list, true, &entries), 0);
	cr_assert_eq(learned_list_chosen(&list), 0);
}

/* Of every length that methods can have, with characters of each width at the cut. */
Test(learned_list, every_label_is_one)
{
	static const char *const characters[] = {"a",	   " ",	     "#",	  "\\x1b",
						 "\u00e9", "\u20ac", "\U0001f600"};
	struct error error;

	for (unsigned int bits = 0; bits <= SIP_METHOD_COUNT; bits++) {
		for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++) {
			struct talker talker = talker_of("192.0.2.1", SG_REASON_ALLOWED, "x");
			char label[LABEL_BYTES_MAX + 1];

			talker.methods = (1U << bits) - 1;
			talker.responds = bits % 2;
			while (strlen(talker.agent) + strlen(characters[i]) < TALKER_AGENT_SIZE)
				strcat(talker.agent, characters[i]);
			talker_label(&talker, label);
			cr_assert_eq(label_check(label, &error), 0, "%s: '%s'", error.message,
				     label);
		}
	}
}

Test(learned_list, what_bounds_look_like)
{
	static const struct {
		uint64_t packets, missed, sightings;
		const char *text;
	} rows[] = {
		{1204, 0, 1204, "1,204"},
		{1204, 0, 7, "~1,204"},
		{12, 28, 12, "12-40"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct talker talker = {.packets = rows[i].packets,
					      .missed = rows[i].missed,
					      .sightings = rows[i].sightings};
		char text[TALKER_PACKETS_SIZE];

		talker_packets_format(&talker, text);
		cr_assert_str_eq(text, rows[i].text);
	}
}
