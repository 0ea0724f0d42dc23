// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic/talker_text.h"

#include <stdio.h>
#include <string.h>

#include "policy/when.h"
#include "sip/method.h"
#include "text/utf8.h"

#define NANOSECONDS 1000000000LL
#define DATE_LENGTH 10

void talker_packets_format(const struct talker *talker, char text[static TALKER_PACKETS_SIZE])
{
	char least[NUMBER_TEXT_SIZE], most[NUMBER_TEXT_SIZE];

	number_format((double)talker->packets, least);
	number_format((double)(talker->packets + talker->missed), most);
	snprintf(text, TALKER_PACKETS_SIZE, "%s%s%s%s",
		 talker->packets > talker->sightings ? "~" : "", least, talker->missed ? "-" : "",
		 talker->missed ? most : "");
}

void methods_format(uint32_t methods, char text[static METHODS_SIZE])
{
	char *at = text;

	*at = '\0';
	for (enum sip_method method = 0; method < SIP_METHOD_COUNT; method++) {
		if (!(methods & SIP_METHOD_BIT(method)))
			continue;
		at = stpcpy(at, at == text ? "" : " ");
		at = stpcpy(at, sip_method_name(method));
	}
}

void talker_methods_format(const struct talker *talker, char text[static TALKER_METHODS_SIZE])
{
	char methods[METHODS_SIZE], replies[METHODS_SIZE];
	bool responds = talker->responds || talker->replies;

	methods_format(talker->methods, methods);
	methods_format(talker->replies, replies);
	snprintf(text, TALKER_METHODS_SIZE, "%s%s%s%s", methods, *methods && responds ? " " : "",
		 *replies   ? "replies to "
		 : responds ? "responses"
			    : "",
		 replies);
}

/* The length of as much of the text as fits, without a character that is cut or a blank at the end.
 */
static size_t length_that_fits(const char *text, size_t room)
{
	size_t left = strlen(text), length = 0;
	uint32_t character;

	while (length < left) {
		size_t size = utf8_decode(text + length, left - length, &character);

		if (!size || length + size > room)
			break;
		length += size;
	}
	while (length && text[length - 1] == ' ')
		length--;
	return length;
}

void talker_label(const struct talker *talker, char label[static LABEL_BYTES_MAX + 1])
{
	char date[WHEN_TEXT_SIZE], packets[TALKER_PACKETS_SIZE], methods[TALKER_METHODS_SIZE];
	char text[sizeof(packets) + sizeof(methods) + TALKER_AGENT_SIZE + 64];
	size_t length;

	time_format(talker->last / NANOSECONDS, date);
	talker_packets_format(talker, packets);
	talker_methods_format(talker, methods);
	snprintf(text, sizeof(text), "seen %.*s: %s, %s packet%s%s%s", DATE_LENGTH, date,
		 methods[0] ? methods : "no SIP", packets, strcmp(packets, "1") != 0 ? "s" : "",
		 talker->agent[0] ? ", " : "", talker->agent);
	length = length_that_fits(text, LABEL_BYTES_MAX);
	memcpy(label, text, length);
	label[length] = '\0';
}
