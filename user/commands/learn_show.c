// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/learn_show.h"

#include <stdio.h>
#include <string.h>

#include "policy/names.h"
#include "policy/when.h"
#include "sip/method.h"
#include "text/device_text.h"
#include "traffic/talker_text.h"

#define NANOSECONDS 1000000000LL
/* What somebody reads on a terminal; a flood of sources is for JSON and the file. */
#define ROWS_MAX 100

static json_t *known_string(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

static json_t *time_json(int64_t nanoseconds)
{
	char text[WHEN_TEXT_SIZE];

	time_format_exact(nanoseconds, text);
	return json_string(text);
}

static json_t *seconds_json(int64_t seconds)
{
	char text[WHEN_TEXT_SIZE];

	time_format_full(seconds, text);
	return json_string(text);
}

static json_t *methods_json(uint32_t bits)
{
	json_t *methods = json_array();

	for (enum sip_method method = 0; method < SIP_METHOD_COUNT; method++) {
		if (bits & SIP_METHOD_BIT(method))
			json_array_append_new(methods, json_string(sip_method_name(method)));
	}
	return methods;
}

static json_t *entry_json(const struct standing *standing)
{
	char prefix[PREFIX_TEXT_SIZE];

	if (standing->entry.family == SG_FAMILY_NONE)
		return json_null();
	prefix_format(&standing->entry, prefix);
	return json_pack("{s:s, s:o, s:o}", "prefix", prefix, "label",
			 known_string(standing->label), "expires",
			 standing->until ? seconds_json(standing->until) : json_null());
}

static json_t *talker_json(const struct talker *talker)
{
	char source[PREFIX_TEXT_SIZE];
	json_t *object;

	address_format(&talker->source, source);
	object = json_pack("{s:s, s:s, s:o, s:I, s:I, s:I}", "source", source, "reason",
			   reason_name(talker->standing.reason), "entry",
			   entry_json(&talker->standing), "packets", (json_int_t)talker->packets,
			   "packets_missed", (json_int_t)talker->missed, "samples",
			   (json_int_t)talker->sightings);
	json_object_update_new(
		object,
		json_pack("{s:o, s:b, s:o, s:b, s:o, s:o, s:o, s:s, s:s, s:s, s:o}", "methods",
			  methods_json(talker->methods), "responses", talker->responds,
			  "replies_to", methods_json(talker->replies), "conversation",
			  talker_converses(talker), "user_agent", known_string(talker->agent),
			  "first_seen", time_json(talker->first), "last_seen",
			  time_json(talker->last), "device", device_text(talker->device).text,
			  "last_verdict", verdict_name(talker->verdict), "protocol",
			  protocol_name(talker->protocol), "port",
			  talker->port ? json_integer(talker->port) : json_null()));
	return object;
}

static int show_json(const struct invocation *invocation, const struct learned *learned,
		     struct error *error)
{
	json_t *answer = answer_new(invocation), *sources = json_array();

	for (size_t i = 0; i < learned->count; i++)
		json_array_append_new(sources, talker_json(&learned->talkers[i]));
	json_object_update_new(answer,
			       json_pack("{s:o, s:o, s:I, s:I, s:I, s:o}", "began",
					 seconds_json(learned->began), "ended",
					 seconds_json(learned->ended), "packets",
					 (json_int_t)learned->tally.packets, "samples",
					 (json_int_t)learned->tally.samples, "lost_samples",
					 (json_int_t)learned->tally.lost, "sources", sources));
	return answer_print(answer, EXIT_DONE, error);
}

static void standing_cells(struct table *table, const struct standing *standing)
{
	bool allowed = standing->reason == SG_REASON_ALLOWED;
	bool denied = standing->reason == SG_REASON_DENIED;
	char prefix[PREFIX_TEXT_SIZE] = "-";

	if (standing->entry.family != SG_FAMILY_NONE)
		prefix_format(&standing->entry, prefix);
	table_cell(table,
		   allowed  ? TABLE_GOOD
		   : denied ? TABLE_BAD
			    : TABLE_WARN,
		   "%s", reason_name(standing->reason));
	table_cell(table, TABLE_DIM, "%s%s%s%s", prefix, standing->label ? " (" : "",
		   standing->label ? standing->label : "", standing->label ? ")" : "");
}

static void age_cell(struct table *table, int64_t seen, int64_t now)
{
	char text[WHEN_TEXT_SIZE];

	duration_format(now - seen / NANOSECONDS, text);
	table_cell(table, TABLE_PLAIN, "%s ago", text);
}

static void talker_cells(struct table *table, const struct talker *talker, int64_t now)
{
	char source[PREFIX_TEXT_SIZE], packets[TALKER_PACKETS_SIZE], methods[TALKER_METHODS_SIZE];

	address_format(&talker->source, source);
	talker_packets_format(talker, packets);
	talker_methods_format(talker, methods);
	table_cell(table, TABLE_PLAIN, "%s", source);
	standing_cells(table, &talker->standing);
	table_cell(table, TABLE_PLAIN, "%s", packets);
	table_cell(table, TABLE_PLAIN, "%s", methods[0] ? methods : "-");
	table_cell(table, TABLE_PLAIN, "%s", talker_converses(talker) ? "yes" : "-");
	age_cell(table, talker->first, now);
	age_cell(table, talker->last, now);
	table_cell(table, TABLE_PLAIN, "%s/%u", protocol_name(talker->protocol), talker->port);
	table_cell(table, TABLE_PLAIN, "%s", talker->agent[0] ? talker->agent : "-");
}

/* Of what the table does not tell: how much there was, and what was left out. */
static void show_total(const struct learned *learned, size_t shown)
{
	char packets[NUMBER_TEXT_SIZE], duration[WHEN_TEXT_SIZE];

	number_format((double)learned->tally.packets, packets);
	duration_format(learned->ended - learned->began, duration);
	printf("\n%zu sources, %s packets in %s", learned->count, packets, duration);
	if (learned->tally.lost)
		printf(", %llu samples lost", (unsigned long long)learned->tally.lost);
	if (learned->count > shown)
		printf("; the other %zu are shown by --json and --write", learned->count - shown);
	putchar('\n');
}

/* What this host will miss when strangers are dropped: answers to what it asks itself. */
static void show_replies(const struct learned *learned)
{
	bool begun = false;

	for (size_t i = 0; i < learned->count && i < ROWS_MAX; i++) {
		const struct talker *talker = &learned->talkers[i];
		char source[PREFIX_TEXT_SIZE], methods[METHODS_SIZE];

		if (!talker->replies || talker->standing.reason == SG_REASON_ALLOWED ||
		    prefix_embeds_ipv4(&talker->source))
			continue;
		if (!begun)
			printf("\nThis host registers or calls there from a guarded port, and a guard "
			       "that enforces drops\nthe answers. If you know them (a source can be "
			       "forged):\n");
		begun = true;
		address_format(&talker->source, source);
		methods_format(talker->replies, methods);
		printf("  sipguard allow %-39s # answers %s\n", source, methods);
	}
}

int learn_show(const struct invocation *invocation, const struct learned *learned,
	       struct error *error)
{
	static const char *const headings[] = {"SOURCE",  "NOW",	  "ENTRY",	"PACKETS",
					       "METHODS", "CONVERSATION", "FIRST SEEN", "LAST SEEN",
					       "PORT",	  "USER-AGENT"};
	size_t shown = learned->count < ROWS_MAX ? learned->count : ROWS_MAX;
	struct table table;
	int result;

	if (invocation->json)
		return show_json(invocation, learned, error);
	if (!learned->count) {
		printf("nobody talked to a guarded port\n");
		return EXIT_DONE;
	}
	table_init(&table, headings, sizeof(headings) / sizeof(headings[0]));
	for (size_t i = 0; i < shown; i++)
		talker_cells(&table, &learned->talkers[i], learned->ended);
	result = table_answer(&table, invocation, EXIT_DONE, error);
	if (result != EXIT_DONE)
		return result;
	show_total(learned, shown);
	show_replies(learned);
	return result;
}
