// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What strangers can make of a captured frame and of the SIP in it. The input is taken as a frame
 * with a link layer, as one without, and as the text of a message.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sip/message.h"
#include "sip/via.h"
#include "text/escape.h"
#include "traffic/sighting.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A piece must lie inside the message; the sanitizer sees when it is read. */
static void show(const struct sip_text *text, const char *bytes, size_t size)
{
	char unfolded[64], escaped[64];
	size_t length;

	if (!text->bytes)
		return;
	if (text->bytes < bytes || text->bytes + text->length > bytes + size)
		abort();
	length = sip_unfold(text, unfolded, sizeof(unfolded));
	if (length > sizeof(unfolded) || length > text->length)
		abort();
	text_escape(escaped, sizeof(escaped), unfolded, length);
}

static void read_message(const char *bytes, size_t size)
{
	struct sip_message message;
	struct sip_text user;

	if (sip_parse(bytes, size, &message) != (message.kind != SIP_NONE))
		abort();
	show(&message.method, bytes, size);
	show(&message.uri, bytes, size);
	user = sip_user(&message.uri);
	show(&user, bytes, size);
	for (unsigned int header = 0; header < SIP_HEADER_COUNT; header++) {
		struct sip_text method = sip_cseq_method(&message.headers[header]);
		struct sip_via via;

		sip_via_read(&message.headers[header], &via);
		show(&via.host, bytes, size);
		show(&via.received, bytes, size);
		show(&method, bytes, size);
		show(&message.headers[header], bytes, size);
		user = sip_user(&message.headers[header]);
		show(&user, bytes, size);
	}
}

static void read_frame(const uint8_t *frame, size_t size, enum sg_link_layer link_layer)
{
	struct sighting sighting = {};
	char method[SIGHTING_METHOD_MAX], shown[16];
	enum sip_method answered;

	sighting_read(&sighting, frame, size, link_layer);
	if (sighting_method(&sighting, method) > sizeof(method))
		abort();
	sighting_is_reply(&sighting, &answered);
	sighting_show(sighting_agent(&sighting), shown, sizeof(shown));
	if (strlen(shown) >= sizeof(shown))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_frame(data, size, SG_LINK_ETHERNET);
	read_frame(data, size, SG_LINK_NONE);
	read_message((const char *)data, size);
	return 0;
}
