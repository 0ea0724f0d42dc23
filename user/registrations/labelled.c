// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text in which each line is "Label: value": kamcmd ul.dump, the ul show of OpenSIPS and older
 * Kamailio ("Label:: value"), and FreeSWITCH's sofia status. A phone can forge lines of it, so its
 * addresses are proposals.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "registrations/reader.h"

enum field { FIELD_NONE, FIELD_USER, FIELD_URI, FIELD_RECEIVED, FIELD_AGENT, FIELD_EXPIRES };

/* How one server labels its lines. */
struct dialect {
	const char *server;
	const char *better; /* the command that prints JSON */
	const char *mark;   /* a line that this server alone prints */
	const char *first;  /* the label with which the next contact begins */
	struct {
		const char *label;
		enum field field;
	} labels[5];
};

static const struct dialect dialects[] = {
	{"FreeSWITCH",
	 "fs_cli -x 'show registrations as json'",
	 "Registrations:",
	 "Call-ID",
	 {{"User", FIELD_USER},
	  {"Contact", FIELD_URI},
	  {"IP", FIELD_RECEIVED},
	  {"Agent", FIELD_AGENT}}},
	{"OpenSIPS",
	 "opensips-cli -x mi ul_dump",
	 "Domain:: ",
	 "Contact",
	 {{"AOR", FIELD_USER},
	  {"Contact", FIELD_URI},
	  {"Received", FIELD_RECEIVED},
	  {"User-agent", FIELD_AGENT},
	  {"Expires", FIELD_EXPIRES}}},
	{"Kamailio",
	 "kamctl ul show",
	 "Domains: {",
	 "Address",
	 {{"AoR", FIELD_USER},
	  {"Address", FIELD_URI},
	  {"Received", FIELD_RECEIVED},
	  {"User-Agent", FIELD_AGENT},
	  {"Expires", FIELD_EXPIRES}}},
};

#define DIALECT_COUNT (sizeof(dialects) / sizeof(dialects[0]))

static void trim(struct piece *piece)
{
	while (piece->length && isspace((unsigned char)piece->bytes[0])) {
		piece->bytes++;
		piece->length--;
	}
	while (piece->length && isspace((unsigned char)piece->bytes[piece->length - 1]))
		piece->length--;
}

static bool next_line(const char **text, size_t *left, struct piece *line)
{
	const char *end;

	if (!*left)
		return false;
	end = memchr(*text, '\n', *left);
	line->bytes = *text;
	line->length = end ? (size_t)(end - *text) : *left;
	*text += line->length + (end ? 1 : 0);
	*left -= line->length + (end ? 1 : 0);
	trim(line);
	return true;
}

static bool starts_with(const struct piece *piece, const char *word)
{
	size_t length = strlen(word);

	return piece->length >= length && !memcmp(piece->bytes, word, length);
}

static bool equals(const struct piece *piece, const char *word)
{
	return piece->length == strlen(word) && !memcmp(piece->bytes, word, piece->length);
}

static const struct dialect *find_dialect(const char *text, size_t size)
{
	struct piece line;

	while (next_line(&text, &size, &line)) {
		for (size_t i = 0; i < DIALECT_COUNT; i++) {
			if (starts_with(&line, dialects[i].mark))
				return &dialects[i];
		}
	}
	return NULL;
}

static bool split(const struct piece *line, struct piece *label, struct piece *value)
{
	const char *colon = memchr(line->bytes, ':', line->length);

	if (!colon)
		return false;
	*label = (struct piece){line->bytes, (size_t)(colon - line->bytes)};
	*value = (struct piece){colon + 1, line->length - label->length - 1};
	if (value->length && *value->bytes == ':') {
		value->bytes++;
		value->length--;
	}
	trim(label);
	trim(value);
	return true;
}

static enum field field_of(const struct dialect *dialect, const struct piece *label)
{
	for (size_t i = 0; i < sizeof(dialect->labels) / sizeof(dialect->labels[0]); i++) {
		if (dialect->labels[i].label && equals(label, dialect->labels[i].label))
			return dialect->labels[i].field;
	}
	return FIELD_NONE;
}

static void set_field(struct contact *contact, enum field field, struct piece value)
{
	switch (field) {
	case FIELD_USER:
		contact->user = value;
		break;
	case FIELD_URI:
		contact->uri = value;
		break;
	case FIELD_RECEIVED:
		contact->received = value;
		break;
	case FIELD_AGENT:
		contact->agent = value;
		break;
	case FIELD_EXPIRES:
		contact->ended = equals(&value, "deleted") || equals(&value, "expired");
		break;
	case FIELD_NONE:
		break;
	}
}

int labelled_registrations(const char *text, size_t size, struct registrations *out,
			   struct error *error)
{
	const struct dialect *dialect = find_dialect(text, size);
	struct contact contact = {};
	struct piece line, label, value;

	if (!dialect)
		return 0;
	out->server = dialect->server;
	out->better = dialect->better;
	while (next_line(&text, &size, &line)) {
		int result = 0;

		if (!split(&line, &label, &value))
			continue;
		/* A user that heads several contacts stands before the first of them. */
		if (equals(&label, dialect->first) || field_of(dialect, &label) == FIELD_USER)
			result = contact_finish(&contact, out, error);
		if (result)
			return result;
		set_field(&contact, field_of(dialect, &label), value);
	}
	return contact_finish(&contact, out, error) ?: 1;
}
