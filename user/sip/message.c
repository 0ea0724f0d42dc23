// SPDX-License-Identifier: GPL-2.0-or-later
#include "sip/message.h"

#include <string.h>

/* What is left to read. */
struct cursor {
	const char *at;
	const char *end;
};

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

static bool is_space(char byte)
{
	return is_blank(byte) || byte == '\r' || byte == '\n';
}

/* Of ASCII alone: strcasecmp() would follow the locale. */
static char lower(char byte)
{
	return (char)(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte);
}

/* RFC 3261, section 25.1: what a method and the name of a header are made of. */
static bool is_token(const char *bytes, size_t length)
{
	static const char marks[] = "-.!%*_+`'~";

	for (size_t i = 0; i < length; i++) {
		char byte = lower(bytes[i]);

		if (!(byte >= 'a' && byte <= 'z') && !(byte >= '0' && byte <= '9') &&
		    !memchr(marks, byte, sizeof(marks) - 1))
			return false;
	}
	return length > 0;
}

static struct sip_text trim(struct sip_text text)
{
	while (text.length && is_space(text.bytes[0])) {
		text.bytes++;
		text.length--;
	}
	while (text.length && is_space(text.bytes[text.length - 1]))
		text.length--;
	return text;
}

static bool begins_with(const char *bytes, size_t length, const char *start)
{
	for (; *start; start++, bytes++, length--) {
		if (!length || lower(*bytes) != lower(*start))
			return false;
	}
	return true;
}

static bool is_word(const struct sip_text *text, const char *word)
{
	return text->length == strlen(word) && begins_with(text->bytes, text->length, word);
}

/* The end of the line that begins at `at`, behind its line break; the end of all if it has none. */
static const char *line_end(const struct cursor *cursor, const char *at, bool *cut)
{
	const char *newline = memchr(at, '\n', (size_t)(cursor->end - at));

	*cut = !newline;
	return newline ? newline + 1 : cursor->end;
}

static struct sip_text next_line(struct cursor *cursor)
{
	struct sip_text line = {.bytes = cursor->at};

	cursor->at = line_end(cursor, cursor->at, &line.cut);
	line.length = (size_t)(cursor->at - line.bytes);
	return line;
}

/* A line that begins with a blank goes on with the one before it. */
static struct sip_text next_header(struct cursor *cursor)
{
	struct sip_text line = next_line(cursor);

	while (cursor->at < cursor->end && is_blank(*cursor->at))
		cursor->at = line_end(cursor, cursor->at, &line.cut);
	line.length = (size_t)(cursor->at - line.bytes);
	return line;
}

static bool at_empty_line(const struct cursor *cursor)
{
	size_t left = (size_t)(cursor->end - cursor->at);

	return (left >= 1 && cursor->at[0] == '\n') ||
	       (left >= 2 && cursor->at[0] == '\r' && cursor->at[1] == '\n');
}

/* RFC 3261, section 27.4, and the extensions registered since. */
static bool is_known_method(const struct sip_text *method)
{
	static const char *const methods[] = {
		"ACK",	   "BYE",   "CANCEL",  "INFO",	   "INVITE",	"MESSAGE", "NOTIFY",
		"OPTIONS", "PRACK", "PUBLISH", "REGISTER", "SUBSCRIBE", "REFER",   "UPDATE",
	};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (is_word(method, methods[i]))
			return true;
	}
	return false;
}

/* Takes the word "SIP/..." off the end of the line. */
static bool take_version(struct sip_text *rest)
{
	size_t start = rest->length;

	while (start && !is_blank(rest->bytes[start - 1]))
		start--;
	if (!begins_with(rest->bytes + start, rest->length - start, "SIP/"))
		return false;
	rest->length = start;
	rest->cut = false;
	*rest = trim(*rest);
	return true;
}

static struct sip_text take_word(struct sip_text *rest)
{
	struct sip_text word = {.bytes = rest->bytes};

	while (word.length < rest->length && !is_blank(rest->bytes[word.length]))
		word.length++;
	word.cut = rest->cut && word.length == rest->length;
	rest->bytes += word.length;
	rest->length -= word.length;
	*rest = trim(*rest);
	return word;
}

/*
 * The URI is all between the method and the version, because scanners put blanks into it. Where the
 * version is cut off, the method must be one that is known.
 */
static bool read_request_line(struct sip_text line, struct sip_message *message)
{
	struct sip_text method = take_word(&line);

	if (!is_token(method.bytes, method.length))
		return false;
	if (!take_version(&line) && !(line.cut && is_known_method(&method)))
		return false;
	message->kind = SIP_REQUEST;
	message->method = method;
	if (line.length)
		message->uri = line;
	return true;
}

static bool read_status_line(struct sip_text line, struct sip_message *message)
{
	struct sip_text status;
	unsigned int number = 0;

	take_word(&line);
	status = take_word(&line);
	for (size_t i = 0; i < status.length; i++) {
		if (status.bytes[i] < '0' || status.bytes[i] > '9' || i == 3)
			return false;
		number = number * 10 + (unsigned int)(status.bytes[i] - '0');
	}
	if (status.length < 3 && !status.cut && !line.cut)
		return false;
	message->kind = SIP_RESPONSE;
	message->status = status.length == 3 ? number : 0;
	return true;
}

/* Empty lines before the start line keep a connection alive (RFC 3261, section 7.5). */
static bool read_start_line(struct cursor *cursor, struct sip_message *message)
{
	struct sip_text line;

	while (cursor->at < cursor->end && (*cursor->at == '\r' || *cursor->at == '\n'))
		cursor->at++;
	if (cursor->at == cursor->end)
		return false;
	line = trim(next_line(cursor));
	if (begins_with(line.bytes, line.length, "SIP/"))
		return read_status_line(line, message);
	return read_request_line(line, message);
}

static const struct {
	const char *name;
	const char *compact; /* NULL: it has no compact form */
} header_names[SIP_HEADER_COUNT] = {
	[SIP_FROM] = {"From", "f"},	   [SIP_TO] = {"To", "t"},
	[SIP_CONTACT] = {"Contact", "m"},  [SIP_CALL_ID] = {"Call-ID", "i"},
	[SIP_USER_AGENT] = {"User-Agent"}, [SIP_SERVER] = {"Server"},
	[SIP_VIA] = {"Via", "v"},	   [SIP_CSEQ] = {"CSeq"},
};

static void read_header(const struct sip_text *line, struct sip_message *message)
{
	const char *colon = memchr(line->bytes, ':', line->length);
	struct sip_text name, value;

	if (!colon)
		return;
	name = trim((struct sip_text){line->bytes, (size_t)(colon - line->bytes), false});
	value = trim((struct sip_text){colon + 1, line->length - (size_t)(colon + 1 - line->bytes),
				       line->cut});
	for (unsigned int header = 0; header < SIP_HEADER_COUNT; header++) {
		const char *compact = header_names[header].compact;

		if (message->headers[header].bytes || (!is_word(&name, header_names[header].name) &&
						       !(compact && is_word(&name, compact))))
			continue;
		message->headers[header] = value;
	}
}

bool sip_parse(const char *bytes, size_t size, struct sip_message *message)
{
	struct cursor cursor = {bytes, bytes + size};

	*message = (struct sip_message){.cut = true};
	if (!read_start_line(&cursor, message)) {
		*message = (struct sip_message){};
		return false;
	}
	while (cursor.at < cursor.end && !at_empty_line(&cursor)) {
		struct sip_text line = next_header(&cursor);

		read_header(&line, message);
	}
	message->cut = cursor.at == cursor.end;
	return true;
}

/* Moves behind a quoted string, in which a backslash takes away the next byte's meaning. */
static void skip_quoted(struct cursor *cursor)
{
	for (cursor->at++; cursor->at < cursor->end && *cursor->at != '"'; cursor->at++) {
		if (*cursor->at == '\\' && cursor->at + 1 < cursor->end)
			cursor->at++;
	}
	if (cursor->at < cursor->end)
		cursor->at++;
}

/* The first of `stops` in what is left, or the end. */
static const char *find_any(const struct cursor *cursor, const char *stops)
{
	const char *at = cursor->at;

	while (at < cursor->end && !(*at && strchr(stops, *at)))
		at++;
	return at;
}

/*
 * Narrows the cursor to the URI: what stands between < and >, outside a quoted name, or else all up
 * to the first parameter.
 */
static void find_uri(struct cursor *cursor)
{
	struct cursor ahead = *cursor;
	const char *stops = ";?,";

	while (ahead.at < ahead.end && *ahead.at != '<') {
		if (*ahead.at == '"')
			skip_quoted(&ahead);
		else
			ahead.at++;
	}
	if (ahead.at < ahead.end) {
		cursor->at = ahead.at + 1;
		stops = ">";
	}
	cursor->end = find_any(cursor, stops);
}

static struct sip_text piece(const struct sip_text *whole, const char *start, const char *end)
{
	bool cut = whole->cut && end == whole->bytes + whole->length;

	return trim((struct sip_text){start, (size_t)(end - start), cut});
}

struct sip_text sip_user(const struct sip_text *address)
{
	struct sip_text scheme;
	struct cursor uri;
	const char *at;

	if (!address->bytes)
		return (struct sip_text){};
	uri = (struct cursor){address->bytes, address->bytes + address->length};
	find_uri(&uri);
	at = find_any(&uri, ":");
	if (at == uri.end)
		return (struct sip_text){};
	scheme = piece(address, uri.at, at);
	uri.at = at + 1;
	if (is_word(&scheme, "tel"))
		return piece(address, uri.at, find_any(&uri, ";"));
	at = memchr(uri.at, '@', (size_t)(uri.end - uri.at));
	if (!at || (!is_word(&scheme, "sip") && !is_word(&scheme, "sips")))
		return (struct sip_text){};
	uri.end = at;
	return piece(address, uri.at, find_any(&uri, ":"));
}

size_t sip_unfold(const struct sip_text *text, char *out, size_t size)
{
	size_t written = 0, i = 0;

	while (i < text->length && written < size) {
		size_t start = i;
		bool folded = false;

		while (i < text->length && is_space(text->bytes[i])) {
			folded = folded || text->bytes[i] == '\n';
			i++;
		}
		if (folded) {
			out[written++] = ' ';
		} else {
			i = i > start ? i : i + 1;
			while (start < i && written < size)
				out[written++] = text->bytes[start++];
		}
	}
	return written;
}
