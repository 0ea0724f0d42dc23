// SPDX-License-Identifier: GPL-2.0-or-later
#include "packet/reference.h"

#include <stdbool.h>
#include <string.h>

enum source { STRANGER, ALLOWED, DENIED };

static unsigned int get16(const uint8_t *at)
{
	return (unsigned int)at[0] << 8 | at[1];
}

static enum source source4(const uint8_t *address)
{
	if (memcmp(address, "\xcb\x00\x71", 3) != 0)
		return STRANGER;
	return address[3] == 8 ? DENIED : ALLOWED;
}

static enum source source6(const uint8_t *address)
{
	static const uint8_t denied[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 8};

	if (memcmp(address, denied, 6) != 0)
		return STRANGER;
	return memcmp(address, denied, 16) ? ALLOWED : DENIED;
}

/*
 * Of a packet that may be for a guarded port. `otherwise` is the reason when its ports cannot be
 * seen.
 */
static enum sg_reason judge(enum source source, enum sg_reason otherwise)
{
	if (source == ALLOWED)
		return SG_REASON_ALLOWED;
	if (otherwise != SG_REASON_NOT_ALLOWED)
		return otherwise;
	return source == DENIED ? SG_REASON_DENIED : SG_REASON_NOT_ALLOWED;
}

static enum sg_reason transport(uint8_t protocol, const uint8_t *header, size_t left,
				enum source source)
{
	bool has_ports = protocol == 6 || protocol == 17 || protocol == 132 || protocol == 136;
	unsigned int port;

	if (!has_ports)
		return SG_REASON_OTHER_PORT;
	if (left < 4)
		return judge(source, SG_REASON_NO_PORTS);
	port = get16(header + 2);
	if (port != 5060 && port != 5061)
		return SG_REASON_OTHER_PORT;
	return judge(source, SG_REASON_NOT_ALLOWED);
}

static enum sg_reason ipv4(const uint8_t *ip, size_t left)
{
	size_t header, total;

	if (left < 20)
		return SG_REASON_MALFORMED;
	header = (ip[0] & 15U) * 4;
	total = get16(ip + 2);
	if (total == 0 && ip[9] == 6)
		total = left;
	if (ip[0] >> 4 != 4 || header < 20 || total < header || total > left)
		return SG_REASON_MALFORMED;
	if (get16(ip + 6) & 0x1fff)
		return SG_REASON_FRAGMENT_TAIL;
	return transport(ip[9], ip + header, total - header, source4(ip + 12));
}

static bool is_walked(uint8_t type)
{
	return type == 0 || type == 43 || type == 60 || type == 44 || type == 51;
}

static enum sg_reason ipv6(const uint8_t *ip, size_t left)
{
	enum source source;
	const uint8_t *at = ip + 40, *end;
	uint8_t type;
	int walked;

	if (left < 40 || ip[0] >> 4 != 6 || get16(ip + 4) > left - 40)
		return SG_REASON_MALFORMED;
	source = source6(ip + 8);
	type = ip[6];
	end = get16(ip + 4) ? at + get16(ip + 4) : ip + left;

	for (walked = 0; is_walked(type) && walked < 16; walked++) {
		size_t needed = type == 44 ? 8 : 2, length;

		if (at > end || (size_t)(end - at) < needed)
			return judge(source, SG_REASON_NO_PORTS);
		if (type == 44 && get16(at + 2) & 0xfff8)
			return SG_REASON_FRAGMENT_TAIL;
		length = type == 44 ? 8 : type == 51 ? (at[1] + 2U) * 4 : (at[1] + 1U) * 8;
		type = at[0];
		at += length;
	}
	if (is_walked(type))
		return judge(source, SG_REASON_HEADER_LIMIT);
	return transport(type, at, at > end ? 0 : (size_t)(end - at), source);
}

enum sg_reason reference_reason(const uint8_t *frame, size_t size, enum sg_link_layer link_layer)
{
	size_t at = 14;
	int tags;

	if (link_layer == SG_LINK_NONE) {
		if (frame[0] >> 4 == 4)
			return ipv4(frame, size);
		return frame[0] >> 4 == 6 ? ipv6(frame, size) : SG_REASON_NOT_IP;
	}
	for (tags = 0; get16(frame + at - 2) == 0x8100 || get16(frame + at - 2) == 0x88a8; tags++) {
		if (size - at < 4)
			return SG_REASON_NOT_IP;
		if (tags == 8)
			return SG_REASON_VLAN_LIMIT;
		at += 4;
	}
	if (get16(frame + at - 2) == 0x0800)
		return ipv4(frame + at, size - at);
	if (get16(frame + at - 2) == 0x86dd)
		return ipv6(frame + at, size - at);
	return SG_REASON_NOT_IP;
}
