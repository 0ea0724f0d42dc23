// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic/sighting.h"

#include <stdio.h>
#include <string.h>

#include "packet/dissect.h"
#include "sip/via.h"
#include "text/escape.h"

/* More of a text than this is not shown, however much room there is. */
#define SHOWN_MAX 256
/* Where a response goes whose Via names no port (RFC 3261, section 18.2.2). */
#define SIP_PORT 5060

void sighting_read(struct sighting *sighting, const uint8_t *frame, size_t size,
		   enum sg_link_layer link_layer)
{
	struct dissection dissection;

	dissect(frame, size, link_layer, &dissection);
	if (sighting->source.family == SG_FAMILY_NONE)
		sighting->source = dissection.source;
	sighting->destination = dissection.destination;
	sighting->source_port = dissection.source_port;
	if (dissection.payload)
		sip_parse(dissection.payload, dissection.payload_length, &sighting->sip);
}

static bool is_address(const struct sip_text *text, const struct prefix *address)
{
	char copy[PREFIX_TEXT_SIZE];
	struct prefix parsed;
	struct error ignored;

	if (!text->length || text->length >= sizeof(copy))
		return false;
	memcpy(copy, text->bytes, text->length);
	copy[text->length] = '\0';
	return !address_parse(copy, &parsed, &ignored) && !prefix_compare(&parsed, address);
}

bool sighting_is_reply(const struct sighting *sighting, enum sip_method *method)
{
	const struct prefix *here = &sighting->destination;
	struct sip_text name;
	struct sip_via via;

	if (sighting->sip.kind != SIP_RESPONSE || here->family == SG_FAMILY_NONE ||
	    !sip_via_read(&sighting->sip.headers[SIP_VIA], &via))
		return false;
	if (!is_address(&via.host, here) && !is_address(&via.received, here))
		return false;
	if (sighting->port != (via.port ? via.port : SIP_PORT) && sighting->port != via.rport)
		return false;
	name = sip_cseq_method(&sighting->sip.headers[SIP_CSEQ]);
	*method = sip_method_read(&name);
	return true;
}

size_t sighting_method(const struct sighting *sighting, char method[static SIGHTING_METHOD_MAX])
{
	unsigned int status = sighting->sip.status;

	if (sighting->sip.kind == SIP_RESPONSE)
		return (size_t)snprintf(method, SIGHTING_METHOD_MAX,
					status ? "SIP/2.0 %u" : "SIP/2.0", status);
	return sip_unfold(&sighting->sip.method, method, SIGHTING_METHOD_MAX);
}

const struct sip_text *sighting_agent(const struct sighting *sighting)
{
	const struct sip_text *agent = &sighting->sip.headers[SIP_USER_AGENT];

	return agent->bytes ? agent : &sighting->sip.headers[SIP_SERVER];
}

bool sighting_is_allowable(const struct sighting *sighting)
{
	if (sighting->source.family == SG_FAMILY_NONE || prefix_embeds_ipv4(&sighting->source))
		return false;
	return sighting->reason != SG_REASON_VLAN_LIMIT && sighting->reason != SG_REASON_MALFORMED;
}

void sighting_show(const struct sip_text *text, char *out, size_t size)
{
	char unfolded[SHOWN_MAX], escaped[4 * SHOWN_MAX + 1];
	size_t length = sip_unfold(text, unfolded, sizeof(unfolded));
	bool cut = text->cut || length == sizeof(unfolded);

	text_escape(escaped, sizeof(escaped), unfolded, length);
	cut = cut || strlen(escaped) >= size;
	/* Once more, because that never cuts inside a character. */
	text_escape(out, cut ? size - 3 : size, unfolded, length);
	if (cut)
		strcat(out, "...");
}
