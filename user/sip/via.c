// SPDX-License-Identifier: GPL-2.0-or-later
#include "sip/via.h"

#include <string.h>

struct cursor {
	const char *at;
	const char *end;
};

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void skip_blanks(struct cursor *cursor)
{
	while (cursor->at < cursor->end && is_blank(*cursor->at))
		cursor->at++;
}

static bool skip_byte(struct cursor *cursor, char byte)
{
	skip_blanks(cursor);
	if (cursor->at == cursor->end || *cursor->at != byte)
		return false;
	cursor->at++;
	skip_blanks(cursor);
	return true;
}

/* All up to a blank or one of `stops`. */
static struct sip_text take(struct cursor *cursor, const char *stops)
{
	struct sip_text text = {.bytes = cursor->at};

	while (cursor->at < cursor->end && !is_blank(*cursor->at) &&
	       !(*cursor->at && strchr(stops, *cursor->at)))
		cursor->at++;
	text.length = (size_t)(cursor->at - text.bytes);
	return text;
}

/* 0 when it is no port. */
static uint16_t port_of(const struct sip_text *text)
{
	unsigned int number = 0;

	for (size_t i = 0; i < text->length; i++) {
		if (text->bytes[i] < '0' || text->bytes[i] > '9' || i == 5)
			return 0;
		number = number * 10 + (unsigned int)(text->bytes[i] - '0');
	}
	return number <= UINT16_MAX ? (uint16_t)number : 0;
}

static struct sip_text take_host(struct cursor *cursor)
{
	struct sip_text host;

	if (!skip_byte(cursor, '['))
		return take(cursor, ":;,");
	host = take(cursor, "]");
	return skip_byte(cursor, ']') ? host : (struct sip_text){};
}

static bool is_name(const struct sip_text *text, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < length && i < text->length; i++) {
		if ((text->bytes[i] | 0x20) != name[i])
			return false;
	}
	return text->length == length;
}

static void read_parameters(struct cursor *cursor, struct sip_via *via)
{
	while (skip_byte(cursor, ';')) {
		struct sip_text name = take(cursor, "=;,"), value = {};

		if (skip_byte(cursor, '=')) {
			bool brackets = skip_byte(cursor, '[');

			value = take(cursor, brackets ? "]" : ";,");
			if (brackets)
				skip_byte(cursor, ']');
		}
		if (is_name(&name, "received"))
			via->received = value;
		else if (is_name(&name, "rport"))
			via->rport = port_of(&value);
	}
}

bool sip_via_read(const struct sip_text *header, struct sip_via *via)
{
	struct sip_via read = {};
	struct cursor cursor;

	*via = read;
	if (!header->bytes)
		return false;
	cursor = (struct cursor){header->bytes, header->bytes + header->length};
	/* "SIP/2.0/UDP", with blanks around the slashes for who likes them. */
	take(&cursor, "/");
	if (!skip_byte(&cursor, '/'))
		return false;
	take(&cursor, "/");
	if (!skip_byte(&cursor, '/'))
		return false;
	take(&cursor, "");
	skip_blanks(&cursor);
	read.host = take_host(&cursor);
	if (!read.host.length)
		return false;
	if (skip_byte(&cursor, ':')) {
		struct sip_text port = take(&cursor, ";,");

		read.port = port_of(&port);
		skip_blanks(&cursor);
		if (!read.port)
			return false;
	}
	if (header->cut && cursor.at == cursor.end)
		return false;
	read_parameters(&cursor, &read);
	*via = read;
	return true;
}

struct sip_text sip_cseq_method(const struct sip_text *cseq)
{
	struct sip_text method;
	struct cursor cursor;

	if (!cseq->bytes)
		return (struct sip_text){};
	cursor = (struct cursor){cseq->bytes, cseq->bytes + cseq->length};
	take(&cursor, "");
	skip_blanks(&cursor);
	method = take(&cursor, "");
	method.cut = cseq->cut && cursor.at == cursor.end;
	return method.length ? method : (struct sip_text){};
}
