// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Asterisk's `pjsip show contacts`: one contact a line, "Contact:  AOR/URI  HASH  STATUS  RTT". The
 * URI has the received address where the endpoint has rewrite_contact=yes, and the peer's own
 * otherwise. The output does not tell which: the parameter x-ast-orig-host, which a rewrite leaves
 * (res_pjsip_nat.c), can also be of the peer's own making.
 */
#include <ctype.h>
#include <string.h>

#include "registrations/reader.h"

#define HEADING "Contact:  <Aor/ContactUri"
#define CONTACT "Contact:"
#define NOBODY	"No objects found."

static struct piece next_word(const char **text, const char *end)
{
	struct piece word;

	while (*text < end && (**text == ' ' || **text == '\t'))
		(*text)++;
	word.bytes = *text;
	while (*text < end && **text != ' ' && **text != '\t' && **text != '\r')
		(*text)++;
	word.length = (size_t)(*text - word.bytes);
	return word;
}

static bool is_word(const struct piece *piece, const char *word)
{
	return piece->length == strlen(word) && !memcmp(piece->bytes, word, piece->length);
}

static int read_line(const char *line, const char *end, struct registrations *out,
		     struct error *error)
{
	struct piece label = next_word(&line, end), words = next_word(&line, end);
	struct contact contact = {};
	const char *slash;

	if (!is_word(&label, CONTACT) || !words.length)
		return 0;
	slash = memchr(words.bytes, '/', words.length);
	if (!slash || words.bytes[0] == '<')
		return 0;
	contact.user = (struct piece){words.bytes, (size_t)(slash - words.bytes)};
	contact.uri = (struct piece){slash + 1, words.length - contact.user.length - 1};
	return contact_finish(&contact, out, error);
}

/* The heading is Asterisk's first line; further down it may be a peer's. */
static bool begins_with(const char *text, const char *end, const char *words)
{
	return (size_t)(end - text) >= strlen(words) && !memcmp(text, words, strlen(words));
}

int asterisk_registrations(const char *text, size_t size, struct registrations *out,
			   struct error *error)
{
	const char *end = text + size;

	while (text < end && isspace((unsigned char)*text))
		text++;
	if (!begins_with(text, end, HEADING) && !begins_with(text, end, NOBODY))
		return 0;
	out->server = "Asterisk";
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;
		int result = read_line(text, stop, out, error);

		if (result)
			return result;
		text = newline ? newline + 1 : end;
	}
	return 1;
}
