// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/drops_show.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "policy/names.h"
#include "policy/when.h"
#include "text/device_text.h"
#include "text/number.h"

/* Of one text from the network: in JSON, and in a line for people. */
#define NANOSECONDS 1000000000LL

#define LONG_TEXT_SIZE	256
#define SHORT_TEXT_SIZE 64

#define ENDPOINT_SIZE 32
#define HINT_SIZE     (PREFIX_TEXT_SIZE + 24)

/* "udp/5060", or what of it is known. */
static void format_endpoint(unsigned int protocol, unsigned int port,
			    char text[static ENDPOINT_SIZE])
{
	if (port)
		snprintf(text, ENDPOINT_SIZE, "%s/%u", protocol_name(protocol), port);
	else
		snprintf(text, ENDPOINT_SIZE, "%s",
			 protocol == SG_PROTOCOL_OTHER ? "-" : protocol_name(protocol));
}

static void format_source(const struct prefix *source, char text[static PREFIX_TEXT_SIZE])
{
	strcpy(text, "-");
	if (source->family != SG_FAMILY_NONE)
		address_format(source, text);
}

static void format_hint(const struct prefix *source, char text[static HINT_SIZE])
{
	char address[PREFIX_TEXT_SIZE];

	address_format(source, address);
	snprintf(text, HINT_SIZE, "sipguard allow %s", address);
}

/* What of a packet is shown everywhere; "-" is what is not known. */
struct words {
	char source[PREFIX_TEXT_SIZE];
	char endpoint[ENDPOINT_SIZE];
	char method[SIGHTING_METHOD_MAX + 1];
	char agent[SHORT_TEXT_SIZE];
};

static void read_words(const struct sighting *sighting, struct words *words)
{
	const struct sip_text *agent = sighting_agent(sighting);
	char method[SIGHTING_METHOD_MAX];
	size_t length = sighting_method(sighting, method);

	*words = (struct words){.method = "-", .agent = "-"};
	format_source(&sighting->source, words->source);
	format_endpoint(sighting->protocol, sighting->port, words->endpoint);
	if (length)
		snprintf(words->method, sizeof(words->method), "%.*s", (int)length, method);
	if (agent->length)
		sighting_show(agent, words->agent, sizeof(words->agent));
}

void drops_show_heading(const struct invocation *invocation)
{
	printf("%s%-12s %-8s %-10s %-12s %-15s %-9s %-9s %s%s\n",
	       invocation->colour ? "\033[1m" : "", "TIME", "DEVICE", "VERDICT", "REASON", "SOURCE",
	       "PORT", "METHOD", "USER-AGENT", invocation->colour ? "\033[0m" : "");
}

static void show_line(const struct invocation *invocation, const struct sighting *sighting,
		      bool hint)
{
	time_t seconds = sighting->time / NANOSECONDS;
	enum sip_method answered;
	char allow[HINT_SIZE];
	struct words words;
	struct tm local;

	localtime_r(&seconds, &local);
	read_words(sighting, &words);
	printf("%02d:%02d:%02d.%03d %-8s %-10s %-12s %-15s %-9s %-9s %s\n", local.tm_hour,
	       local.tm_min, local.tm_sec, (int)(sighting->time % NANOSECONDS / 1000000),
	       device_text(sighting->device).text, verdict_name(sighting->verdict),
	       reason_name(sighting->reason), words.source, words.endpoint, words.method,
	       words.agent);
	if (!hint || !sighting_is_allowable(sighting))
		return;
	format_hint(&sighting->source, allow);
	printf("%s%13s", invocation->colour ? "\033[2m" : "", "");
	if (sighting_is_reply(sighting, &answered))
		printf("it answers our %s and is lost without an entry; ",
		       sip_method_name(answered));
	printf("to trust it: %s%s\n", allow, invocation->colour ? "\033[0m" : "");
}

static json_t *text_json(const struct sip_text *text)
{
	char shown[LONG_TEXT_SIZE];

	if (!text->bytes)
		return json_null();
	sighting_show(text, shown, sizeof(shown));
	return json_string(shown);
}

static json_t *user_json(const struct sip_text *address)
{
	struct sip_text user = sip_user(address);

	return text_json(&user);
}

static json_t *known_string(const char *text)
{
	return *text && strcmp(text, "-") != 0 ? json_string(text) : json_null();
}

static json_t *known_number(unsigned int number)
{
	return number ? json_integer(number) : json_null();
}

static json_t *hint_json(const struct prefix *source, bool allowable)
{
	char allow[HINT_SIZE];

	if (!allowable)
		return json_null();
	format_hint(source, allow);
	return json_string(allow);
}

static json_t *reply_json(bool is_reply, enum sip_method method)
{
	return is_reply ? json_string(sip_method_name(method)) : json_null();
}

static json_t *time_json(int64_t nanoseconds)
{
	char text[WHEN_TEXT_SIZE];

	time_format_exact(nanoseconds, text);
	return json_string(text);
}

static json_t *packet_json(const struct sighting *sighting, const struct words *words)
{
	char message[512];

	snprintf(message, sizeof(message), "%s: %s %s %s %s %s %s",
		 device_text(sighting->device).text, verdict_name(sighting->verdict),
		 reason_name(sighting->reason), words->source, words->endpoint, words->method,
		 words->agent);
	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:o, s:o, s:s, s:o, s:i, s:i}", "event",
			 "packet", "message", message, "time", time_json(sighting->time), "device",
			 device_text(sighting->device).text, "verdict",
			 verdict_name(sighting->verdict), "reason", reason_name(sighting->reason),
			 "source", known_string(words->source), "source_port",
			 known_number(sighting->source_port), "protocol",
			 protocol_name(sighting->protocol), "port", known_number(sighting->port),
			 "length", (int)sighting->length, "packets", (int)sighting->packets);
}

/* Flat, with names that are names of fields of the journal too when they are in capitals. */
static int show_json(const struct invocation *invocation, const struct sighting *sighting,
		     struct error *error)
{
	const struct sip_message *sip = &sighting->sip;
	json_t *answer = answer_new(invocation);
	enum sip_method answered = SIP_METHOD_OTHER;
	bool is_reply = sighting_is_reply(sighting, &answered);
	struct words words;

	read_words(sighting, &words);
	json_object_update_new(answer, packet_json(sighting, &words));
	json_object_update_new(
		answer, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "method",
				  known_string(words.method), "reply_to",
				  reply_json(is_reply, answered), "uri", text_json(&sip->uri),
				  "from_user", user_json(&sip->headers[SIP_FROM]), "to_user",
				  user_json(&sip->headers[SIP_TO]), "contact_user",
				  user_json(&sip->headers[SIP_CONTACT]), "user_agent",
				  text_json(sighting_agent(sighting)), "call_id",
				  text_json(&sip->headers[SIP_CALL_ID]), "allow",
				  hint_json(&sighting->source, sighting_is_allowable(sighting))));
	return answer_print(answer, 0, error);
}

int drops_show(const struct invocation *invocation, const struct sighting *sighting, bool hint,
	       struct error *error)
{
	if (invocation->json)
		return show_json(invocation, sighting, error);
	show_line(invocation, sighting, hint);
	return 0;
}

static json_t *tally_json(const struct drops_tally *tally)
{
	return json_pack("{s:f, s:I, s:I, s:I}", "seconds", tally->seconds, "dropped_packets",
			 (json_int_t)tally->packets, "shown_packets", (json_int_t)tally->samples,
			 "lost_samples", (json_int_t)tally->lost);
}

/* "1 of 512 shown, 31,000 drops/s, 12 lost" */
static void format_tally(const struct drops_tally *tally, char *text, size_t size)
{
	double share = (double)tally->packets / (double)(tally->samples ? tally->samples : 1);
	char of[NUMBER_TEXT_SIZE], rate[NUMBER_TEXT_SIZE], lost[NUMBER_TEXT_SIZE];

	number_format(share, of);
	number_format((double)tally->packets / tally->seconds, rate);
	number_format((double)tally->lost, lost);
	snprintf(text, size, "%s of %s shown, %s drops/s%s%s%s", tally->samples ? "1" : "none", of,
		 rate, tally->lost ? ", " : "", tally->lost ? lost : "",
		 tally->lost ? " samples lost" : "");
}

int drops_show_tally(const struct invocation *invocation, const struct drops_tally *tally,
		     struct error *error)
{
	char message[160];
	json_t *answer;

	format_tally(tally, message, sizeof(message));
	if (!invocation->json) {
		notice(invocation, "%s", message);
		return 0;
	}
	answer = answer_new(invocation);
	json_object_update_new(answer,
			       json_pack("{s:s, s:s}", "event", "share", "message", message));
	json_object_update_new(answer, tally_json(tally));
	return answer_print(answer, 0, error);
}

static json_t *source_json(const struct source_summary *summary, const struct drops_tally *tally)
{
	char source[PREFIX_TEXT_SIZE];

	format_source(&summary->source, source);
	return json_pack(
		"{s:o, s:f, s:f, s:o, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "source",
		known_string(source), "packets", summary->share * (double)tally->packets,
		"packets_error", summary->error * (double)tally->packets, "last_seen",
		time_json(summary->time), "device", device_text(summary->device).text, "verdict",
		verdict_name(summary->verdict), "reason", reason_name(summary->reason), "protocol",
		protocol_name(summary->protocol), "port", known_number(summary->port), "method",
		known_string(summary->method), "reply_to",
		reply_json(summary->is_reply, summary->replies_to), "user_agent",
		known_string(summary->agent), "allow",
		hint_json(&summary->source, summary->allowable));
}

static int summary_json(const struct invocation *invocation, const struct source_summary *top,
			size_t count, const struct drops_tally *tally, struct error *error)
{
	json_t *answer = answer_new(invocation), *sources = json_array();

	json_object_update_new(answer, tally_json(tally));
	for (size_t i = 0; i < count; i++)
		json_array_append_new(sources, source_json(&top[i], tally));
	json_object_set_new(answer, "sources", sources);
	return answer_print(answer, EXIT_DONE, error);
}

/* As many as its share of the samples says, which is exact when each packet was one. */
static void source_cells(struct table *table, const struct source_summary *summary,
			 const struct drops_tally *tally)
{
	char text[PREFIX_TEXT_SIZE], endpoint[ENDPOINT_SIZE], number[NUMBER_TEXT_SIZE];
	char hint[HINT_SIZE] = "-";
	bool drops = summary->verdict == SG_VERDICT_DROP;

	format_source(&summary->source, text);
	format_endpoint(summary->protocol, summary->port, endpoint);
	number_format(summary->share * (double)tally->packets, number);
	if (summary->allowable)
		format_hint(&summary->source, hint);
	table_cell(table, TABLE_PLAIN, "%s", text);
	table_cell(table, TABLE_PLAIN, "%s%s", tally->packets > tally->samples ? "~" : "", number);
	table_cell(table, TABLE_PLAIN, "%s", device_text(summary->device).text);
	table_cell(table, drops ? TABLE_BAD : TABLE_WARN, "%s", verdict_name(summary->verdict));
	table_cell(table, TABLE_PLAIN, "%s", reason_name(summary->reason));
	table_cell(table, TABLE_PLAIN, "%s", endpoint);
	table_cell(table, TABLE_PLAIN, "%s", *summary->method ? summary->method : "-");
	table_cell(table, TABLE_DIM, "%s", hint);
	table_cell(table, TABLE_PLAIN, "%s", *summary->agent ? summary->agent : "-");
}

static size_t count_replies(const struct source_summary *top, size_t count)
{
	size_t replies = 0;

	for (size_t i = 0; i < count; i++)
		replies += top[i].is_reply;
	return replies;
}

int drops_show_summary(const struct invocation *invocation, const struct sources *sources,
		       const struct drops_tally *tally, struct error *error)
{
	static const char *const headings[] = {"SOURCE",  ">PACKETS", "DEVICE",
					       "VERDICT", "REASON",   "PORT",
					       "METHOD",  "TO ALLOW", "USER-AGENT"};
	struct source_summary top[SOURCES_MAX];
	size_t count = sources_top(sources, top, SOURCES_MAX);
	char packets[NUMBER_TEXT_SIZE], samples[NUMBER_TEXT_SIZE];
	struct table table;
	int result;

	if (invocation->json)
		return summary_json(invocation, top, count, tally, error);
	number_format((double)tally->packets, packets);
	number_format((double)tally->samples, samples);
	if (!count) {
		printf("nothing was dropped in %.0f s\n", tally->seconds);
		return EXIT_DONE;
	}
	table_init(&table, headings, sizeof(headings) / sizeof(headings[0]));
	for (size_t i = 0; i < count; i++)
		source_cells(&table, &top[i], tally);
	result = table_answer(&table, invocation, EXIT_DONE, error);
	if (result != EXIT_DONE)
		return result;
	printf("\n%s packets dropped in %.0f s, %s of them sampled, %llu samples lost\n", packets,
	       tally->seconds, samples, (unsigned long long)tally->lost);
	if (count_replies(top, count))
		printf("%zu of the sources answer requests that this host sent from a guarded port: "
		       "without an\nentry its registrations and calls there are lost\n",
		       count_replies(top, count));
	return result;
}
