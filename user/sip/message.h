/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIP messages (RFC 3261) as strangers send them: cut anywhere, binary, malformed on purpose. Pure.
 *
 * This is for showing what somebody wanted, not for answering: it reads the start line and a few
 * headers, takes what a lenient server would take, and never judges the rest. Nothing is copied or
 * allocated: every text is a piece of the bytes that were given, lives as long as they do, and may
 * hold any byte, line breaks of folded headers included.
 */
#ifndef SIPGUARD_USER_SIP_MESSAGE_H
#define SIPGUARD_USER_SIP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

/* A piece of the message, without blanks around it. No bytes (NULL): it is not there. */
struct sip_text {
	const char *bytes;
	size_t length;
	bool cut; /* the message ends before this does */
};

enum sip_kind { SIP_NONE, SIP_REQUEST, SIP_RESPONSE };

enum sip_header {
	SIP_FROM,
	SIP_TO,
	SIP_CONTACT,
	SIP_CALL_ID,
	SIP_USER_AGENT,
	SIP_SERVER,
	SIP_VIA,
	SIP_CSEQ,
	SIP_HEADER_COUNT,
};

struct sip_message {
	enum sip_kind kind;
	/* Of a request. */
	struct sip_text method;
	struct sip_text uri;
	/* Of a response; 0 when it is cut off. */
	unsigned int status;
	/* Of a header that stands there more than once, the first. */
	struct sip_text headers[SIP_HEADER_COUNT];
	/* The bytes end before the empty line behind the headers. */
	bool cut;
};

/*
 * Reads `size` bytes of hostile text in time linear in `size`. False, with SIP_NONE and nothing
 * else in the message, when they do not begin as a request or a response. Names of headers are
 * known in their compact form too (RFC 3261, section 7.3.3); lines end in CRLF or LF.
 */
bool sip_parse(const char *bytes, size_t size, struct sip_message *message);

/*
 * The user of an address as From, To and Contact have it, or of a Request-URI: "100" of
 * `"Bob" <sip:100:secret@192.0.2.1>;tag=1`, the number of a tel URI. Not there where there is none.
 */
struct sip_text sip_user(const struct sip_text *address);

/*
 * Copies the text without its line breaks: each, with the blanks around it, becomes one space (RFC
 * 3261, section 7.3.1). What does not fit into `size` bytes is left out; nothing terminates it.
 * Returns how many bytes were written.
 */
size_t sip_unfold(const struct sip_text *text, char *out, size_t size);

#endif
